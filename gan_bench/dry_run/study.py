"""The dry run of a study: tries each distinct variant and each of the user's metrics once.

Results without mistakes are cached.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.bits import mode
from gan_bench.config.plan.grid import Plan
from gan_bench.data import stamp
from gan_bench.dry_run.functions import missing_functions
from gan_bench.errors import UserError, first_of
from gan_bench.files import digest_file, digest_of, write_json
from gan_bench.provenance import stage_digest, train_digest
from gan_bench.registry import component
from gan_bench.run_keys import COMPONENT_KEYS

#: Settings for continuing another run, or for going back to an earlier step. The dry run ignores them, and tries the
#: first step of a new run.
CHAIN = ("continue_from", "rewind_on_collapse")
#: Settings that change neither the shapes nor the time of a step. Variants that differ only in these settings are tried
#: once, unless their data sets differ in the shape of images or in whether there are labels.
ASIDE = (
    *("dataset", "budget", "log_points", "snapshots", "checkpoints", "early_stop", "timeout", "seed"),
    *CHAIN,
)
#: Assumed number of classes of labelled data; the true number is not known before the data are read.
CLASSES = 10
WEIGHTS = "initial weights that the file sets are replaced by PyTorch's defaults, drawn with the seed of the run."
#: Largest number of variants that a sentence names.
NAMED = 3


class DryRun(NamedTuple):
    """`sentences`: on mistakes. `seconds`: (data set, cell) -> seconds of a G step: 10 %, 50 % and 90 % quantile."""

    sentences: list[str]
    seconds: dict[tuple[str, str], tuple[float, float, float]]


def dry_run(plan: Plan, data_dir: Path | None) -> DryRun:
    """Try each distinct variant and each metric of the plan, and check that the source files of its data sets exist.

    The trials of a search are not tried. No data set is prepared.
    """
    sentences: dict[str, None] = {}
    seconds: dict[tuple[str, str], tuple[float, float, float]] = {}
    for data in plan.datasets.values():
        sentences |= dict.fromkeys(_folder(data["ref"], data_dir))
    for ref in plan.evaluation["metrics"]:
        for shape in dict.fromkeys(tuple(data["shape"]) for data in plan.datasets.values()):
            sentences |= dict.fromkeys(_metric(ref, shape))
    tried: dict[str, tuple[list[str], list[float]]] = {}
    broken: dict[str, dict[str, None]] = {}  # sentence -> its variants
    for cell in plan.cells:
        shape, labelled = tuple(plan.datasets[cell.dataset]["shape"]), plan.datasets[cell.dataset]["labelled"]
        kept = {key: value for key, value in cell.settings.items() if key not in ASIDE}
        key = digest_of([kept, shape, labelled])
        if key not in tried:
            attempt = partial(_variant, cell.settings, shape, labelled)
            tried[key] = _remembered("variant", [key, train_digest(cell.settings)], attempt)
        wrong, times = tried[key]
        for sentence in wrong:
            broken.setdefault(sentence, {})[cell.variant] = None
        if times:
            ordered = sorted(times)
            seconds[cell.dataset, cell.id] = (
                ordered[len(ordered) // 10],
                ordered[len(ordered) // 2],
                ordered[-1 - len(ordered) // 10],
            )
    sentences |= dict.fromkeys(f"{_variants(list(names))}: {sentence}" for sentence, names in broken.items())
    return DryRun(list(sentences), seconds)


def _variants(names: list[str]) -> str:
    return f"variant{'' if len(names) == 1 else 's'} {first_of(list(map(repr, names)), NAMED, ', ')}"


def class_notes(plan: Plan) -> list[str]:
    """Notes on models that are ordinary PyTorch classes in a file: what was found and adapted (models/_classes.py)."""
    notes: dict[str, None] = {}
    for cell in plan.cells:
        ref, shape = cell.settings["model"], tuple(plan.datasets[cell.dataset]["shape"])
        if ref is not None and component("models", ref["name"]).classes:
            from gan_bench.models import build
            from gan_bench.models._classes import notes_of

            model = component("models", ref["name"])
            conditional = model.facts["conditional"]
            if model.facts["sets_weights"]:
                notes[f"{model.file.name}: {WEIGHTS}"] = None
            pair = build({**ref, "classes": CLASSES if conditional else 0}, shape)  # type: ignore[arg-type]
            notes |= dict.fromkeys(f"{model.file.name}: {note}" for note in notes_of(pair))
    return list(notes)


def sentences_of(settings: Mapping[str, Any], shape: Any, labelled: bool) -> list[str]:
    """One sentence per mistake in a run with these settings, on images of `shape`."""
    return _variant(settings, shape, labelled)[0]


def _folder(ref: Mapping[str, Any], data_dir: Path | None) -> Iterable[str]:
    wrong = list(missing_functions("data", ref))
    if not wrong:
        try:
            stamp(ref, data_dir)
        except UserError as error:
            wrong = list(error.sentences)
    return wrong


def _metric(ref: Mapping[str, Any], shape: tuple[int, ...]) -> Iterable[str]:
    wrong = list(missing_functions("metrics", ref))
    if wrong or component("metrics", ref["name"]).builtin:  # the package's metrics have tests, so they are not tried
        return wrong

    def attempt() -> tuple[list[str], list[float]]:
        from gan_bench.dry_run.metric import broken_metric

        return list(broken_metric(ref, shape)), []

    used = shape if "images" in component("metrics", ref["name"]).facts["needs"] else None
    return _remembered("metric", [ref, used, stage_digest("evaluate", [("metrics", ref["name"])])], attempt)[0]


def _variant(settings: Mapping[str, Any], shape: Any, labelled: bool) -> tuple[list[str], list[float]]:
    settings = {key: value for key, value in settings.items() if key not in CHAIN}
    parts = dict.fromkeys(
        (axis, key) for key, axis in COMPONENT_KEYS.items() if settings.get(key) is not None and key != "dataset"
    )
    wrong = [text for axis, key in parts for text in missing_functions(axis, settings[key])]
    wrong += [text for ref in settings["tricks"] for text in missing_functions("tricks", ref)]
    if wrong:
        return list(dict.fromkeys(wrong)), []
    from gan_bench.dry_run.networks import broken_networks
    from gan_bench.dry_run.step import broken_loss, try_step

    if settings["model"] is not None:
        wrong += broken_networks(settings["model"], shape, settings["loss"])
    if settings["loss"] is not None:
        wrong += broken_loss(settings["loss"])
    if wrong or settings["batch_size"] is None:
        return wrong, []
    return try_step(settings, shape, CLASSES if labelled else 0)


def _remembered(
    kind: str, names: list[Any], attempt: Callable[[], tuple[list[str], list[float]]]
) -> tuple[list[str], list[float]]:
    """The result of an attempt. A result without mistakes is stored in the user's cache, and later read from there."""
    checks = [digest_file(file) for file in sorted(Path(__file__).parent.glob("*.py"))]
    file = cache_folder() / f"{digest_of([kind, names, checks, mode()])}.json"
    try:
        return [], [float(second) for second in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        pass
    wrong, seconds = attempt()
    if not wrong:
        with contextlib.suppress(OSError):  # without a writable cache, the result is not stored
            write_json(file, seconds)
    return wrong, seconds


def cache_folder() -> Path:
    """Folder of the cached results. It may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gan-bench" / "check"
