"""Checks the settings of a run that is started by hand (settings.json), as strictly as a study file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from gan_bench.config.checks.combinations import clashes, describe, extractor_of
from gan_bench.config.grammar.documents import wrong_document
from gan_bench.config.grammar.fields import Strict
from gan_bench.config.grammar.key_fields import with_run_keys
from gan_bench.config.grammar.method_keys import checked_method, keys_read_by, stored_settings, unused_key_sentence
from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.reference import Ref, resolve, slug
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.config.plan.continued import completed
from gan_bench.files import read_json
from gan_bench.paths import SETTINGS
from gan_bench.run_keys import BY_NAME, REQUIRED, RUN, keys_at


@with_run_keys(RUN)
class RunSettings(Strict):
    """A run's settings. Keys with a default may be left out. Keys that the method does not read are null or []."""

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        try:
            method = checked_method(resolve("methods", data.get("method", BY_NAME["method"].default), folder))
        except (ValidationError, PydanticCustomError):
            return  # reported as a mistake of the key `method`
        read = keys_read_by(method)
        for key in [key for key in keys_at(RUN) if key.read_by != "all"]:
            if key.name not in read and data.get(key.name) not in (None, []):
                yield (key.name,), unused_key_sentence(slug(method), key.name)
            elif key.name in read and key.name not in data and key.default is REQUIRED:
                yield (key.name,), "is missing."
            elif key.name in read and key.name in data and data[key.name] is None and not key.nullable:
                yield (key.name,), f"is empty; method {slug(method)!r} needs it."


def validate_run_settings(settings: Any, folder: Path | None = None, title: str = "settings") -> dict[str, Any]:
    """The run's settings, checked: every component has all its settings, and missing keys have their defaults.

    A key with `stored=False` in gan_bench.run_keys is left out if it has its default. A user's components are looked up
    in `folder`, then in the current folder. Messages call the settings `title`. Raises UserError with one sentence for
    each mistake in a key. Combinations that cannot work are reported only if no key has a mistake.
    """
    problems = Problems(title)
    if not isinstance(settings, dict):
        problems.add((), "a mapping of a run's settings is needed (see settings.json of any run).")
    elif sentence := wrong_document(settings, "settings"):
        problems.add((), sentence)
    problems.raise_if_any()
    try:
        checked = RunSettings.model_validate(settings, context={"folder": folder})
    except ValidationError as error:
        problems.add_validation(error)
        problems.raise_if_any()
        raise
    result = completed(_complete(dict(checked)), _scoring(dict(checked)["dataset"]), problems, ())
    problems.raise_if_any()
    if (parent := result.get("continue_from")) is not None:
        result["continue_from"] = _parent(parent, folder, title)
    for key, sentence in clashes(result, describe(result["dataset"])):
        problems.add((key,), sentence)
    problems.raise_if_any()
    return result


def stored_run(path: str) -> dict[str, Any]:
    """Settings of a stored run without its seed, from its folder or its settings.json.

    UserError if the file cannot be read or its settings are not valid.
    """
    file = Path(path)
    file = file / SETTINGS if file.is_dir() else file
    settings = validate_run_settings(read_json(file), title=str(file))
    return {key: value for key, value in settings.items() if key != "seed"}


def _scoring(dataset: Ref) -> dict[str, Any]:
    """Extractor, split and validation share that `early_stop` with a metric has by default."""
    extractor = resolve("features", extractor_of("auto", describe(dataset)))
    return {"extractor": extractor, "split": "test", "validation": 0.2}


def _parent(start: dict[str, Any], folder: Path | None, title: str) -> dict[str, Any]:
    """A checked `continue_from`, with the settings of the run that it names."""
    if "run" in start:
        settings = stored_run(start["run"])
    else:
        # A parent has the seed of the run that continues it, so its settings have no seed.
        # The check needs a seed, but its result does not depend on it.
        given = {**start["settings"], "seed": 0}
        settings = validate_run_settings(given, folder, f"{title}: continue_from.settings")
    kept = {key: value for key, value in settings.items() if key != "seed"}
    return {"settings": kept, "step": start["step"], "optimizers": start["optimizers"]}


def _complete(settings: dict[str, Any]) -> dict[str, Any]:
    """`settings` with defaults for keys that the method reads, in the form of `stored_settings`."""
    for key in keys_at(RUN):
        if settings[key.name] is None and key.default is not REQUIRED:
            settings[key.name] = resolve(key.axis, key.default) if key.axis else key.default
    return stored_settings(settings)
