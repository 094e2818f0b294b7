"""Reads a study file and reports its mistakes together, each in one sentence.

Some checks need valid input and are made last. If a file is not valid YAML, nothing else is checked. Whether the
search fits the rest of the study is checked only if there is no other mistake.
"""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gan_bench.config.grammar.documents import wrong_document
from gan_bench.config.grammar.fields import LABEL_PATTERN
from gan_bench.config.grammar.problems import Problems, show
from gan_bench.config.grammar.study import Study, StudyFile
from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.config.plan.cells import build, check_parts
from gan_bench.config.plan.minutes import Speeds, read_speeds, speeds_file
from gan_bench.config.plan.searched import build_with_search
from gan_bench.errors import UserError, unknown_name
from gan_bench.paths import PLAN
from gan_bench.project import files_folder

#: Names of folders in results/ that are not studies.
RESERVED_NAMES = ("data", "store", "reference")

#: Largest size of a study file in bytes. Parsing a larger file as YAML could take minutes.
MAX_BYTES = 2**20

#: Lists of a study whose items are checked separately, so that a mistake in one item does not hide other mistakes.
ITEM_LISTS = ("datasets", "variants", "overrides")


def load_study(name_or_path: str | Path, speeds: Speeds | None = None) -> Study:
    """The study in a given file, or the study that has a given name in `study_folders`.

    `speeds`: G steps per minute of the variants, for a budget in minutes. Default: the content of STUDY.speeds.json.

    Raises UserError with one sentence for each mistake that was found, in the order of the file.
    """
    file = find_study(name_or_path)
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise UserError(f"{file}: has more than {MAX_BYTES} bytes, so it is not a study.")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text: {error.reason} at byte {error.start}.") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}.") from None
    return parse_study(text, file.stem, file.parent, str(file), speeds)


def find_study(name_or_path: str | Path) -> Path:
    """File of a study. UserError if there is no such file, or if a folder of results is given.

    For an unknown name, the error lists the known names.
    """
    given = str(name_or_path)
    if "/" in given or given.endswith((".yaml", ".yml", ".json")):
        file = Path(given)
        if (file / PLAN).exists():
            raise UserError(f"{given}: this is a folder of results; give the study's file or its name, {file.name}.")
        if not _is_file(file):
            raise UserError(f"{given}: no such study file.")
        return file
    for folder in study_folders():
        if _is_file(folder / f"{given}.yaml"):
            return folder / f"{given}.yaml"
    raise UserError(unknown_name("study", given, study_names()) + " For a file of your own, give its path.")


def study_folders() -> list[Path]:
    """Folders in which a study is looked up by name: config/studies of the current folder, then of the package."""
    return [Path("config/studies"), files_folder() / "config" / "studies"]


def study_names() -> list[str]:
    """Names of the studies that can be found without a path."""
    return sorted({file.stem for folder in study_folders() for file in folder.glob("*.yaml")})


def parse_study(
    text: str, name: str, folder: Path | None = None, title: str | None = None, speeds: Speeds | None = None
) -> Study:
    """The study in `text`. Users' components are first looked up in `folder`; messages call the file `title`.

    `speeds` and UserError: see `load_study`.
    """
    title = title or f"{name}.yaml"
    problems = Problems(title)
    _check_name(name, problems)
    source = read_yaml(text, title)
    problems.source = source
    if not isinstance(source.data, dict):
        kind = "the file is empty" if source.data is None else f"the file is {show(source.data)}, not a mapping of keys"
        problems.add((), f"{kind}; a study needs at least datasets, variants, seeds and budget.")
    elif sentence := wrong_document(source.data, "a study"):
        problems.add((), sentence)
    problems.raise_if_any()
    for loc, sentence in source.wrong_keys:
        problems.add(loc, sentence)
    context = {"folder": folder}
    try:
        file = StudyFile.model_validate(source.data, context=context)
    except ValidationError as error:
        problems.add_validation(error)
        _check_the_rest(source.data, error, context, problems)
        problems.raise_if_any()
    file._speeds = read_speeds(speeds_file(folder, name)) if speeds is None else speeds
    grid = build_with_search(file, problems)
    problems.raise_if_any()
    study = Study.model_construct({*file.model_fields_set, "name"}, name=name, **dict(file))
    study._grid, study._speeds = grid, file._speeds
    return study


def _check_name(name: str, problems: Problems) -> None:
    wanted = "rename the file"
    if name.lower() in RESERVED_NAMES:
        problems.add((), f"a study cannot be called {name!r}, which is a folder of the results; {wanted}.")
    elif not re.match(LABEL_PATTERN, name) or len(name) > 60:
        rule = "at most 60 letters, digits, '.', '_' and '-', beginning with a letter or digit"
        problems.add((), f"a study cannot be called {name!r}; valid in a name: {rule}; {wanted}.")


def _check_the_rest(data: dict[str, Any], error: ValidationError, context: dict[str, Any], problems: Problems) -> None:
    """Report impossible combinations among the valid parts of the file. `error` has the mistakes in the other parts."""
    bad = {details["loc"][:2] for details in error.errors(include_url=False)}
    broken = {loc[0] for loc in bad if len(loc) < 2 or loc[0] not in ITEM_LISTS}
    if broken & {"datasets", "variants"}:
        return
    rest: dict[Any, Any] = {key: value for key, value in data.items() if key not in broken}
    for key in set(ITEM_LISTS) & set(rest):
        kept = [i for i in range(len(rest[key])) if (key, i) not in bad]
        problems.kept[key] = kept
        rest[key] = [rest[key][i] for i in kept]
    try:
        file = StudyFile.model_validate({"budget": {"g_steps": 1}, "seeds": 1, **rest}, context=context)
    except ValidationError:
        return
    left_out = {loc[0] for loc in bad} & set(ITEM_LISTS)
    if "overrides" in left_out:
        # Overrides with mistakes were removed, so the settings of the runs are not known.
        check_parts(file, problems)
    else:
        build(file, problems, complete=not left_out)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
