"""Keeps copies of users' own component files, so that a run can be sampled after these files were edited or renamed.

A copy is stored as components/<digest>/<name> in the store, or in the run's folder if the run was trained without a
study. The digest leaves out comments, docstrings and layout (gan_bench.meaning).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench import class_pairs
from gan_bench.errors import UserError
from gan_bench.files import write_bytes
from gan_bench.meaning import meaning, meaning_of_file
from gan_bench.registry import component_digest, is_path

FOLDER = "components"
#: Number of folders above a run's folder that are searched for copies. RESULTS/STUDY/runs/DATASET/CELL/SEED is the
#: deepest folder of a run.
LEVELS = 6

Settings = Mapping[str, Any]


def keep_sources(settings: Settings, root: Path) -> None:
    """Copy the users' own components of a run (see `_own_components`) to the folder `root`/components."""
    for ref in _own_components(settings):
        (file, classes), copy = _split(ref), _copy(root, ref)
        if not copy.is_file() and file.is_file():
            content = file.read_bytes()
            if component_digest(meaning(content).digest, classes) == ref["digest"]:
                write_bytes(copy, content)


def with_sources(settings: Settings, run: Path) -> dict[str, Any]:
    """The settings of the run in folder `run`. If a component file is missing or edited, the path of its copy is used.

    UserError if there is no copy.
    """
    replaced = {ref["name"]: _source(ref, run) for ref in _own_components(settings)}

    def located(value: Any) -> Any:
        return {**value, "name": replaced[value["name"]]} if _is_own(value) else value

    return {
        key: value if key == "dataset" else [located(ref) for ref in value] if key == "tricks" else located(value)
        for key, value in settings.items()
    }


def _source(ref: Settings, run: Path) -> str:
    """Path of a component's file with the digest in `ref`: the user's file if it is unchanged, else a copy."""
    (file, classes), folder = _split(ref), run.resolve()
    if file.is_file() and _digest(file, classes) == ref["digest"]:
        return str(ref["name"])
    parents = [folder, *folder.parents[:LEVELS]]
    for root in [*parents, *(parent / "store" for parent in parents)]:
        copy = _copy(root, ref)
        if copy.is_file() and _digest(copy, classes) == ref["digest"]:
            return f"{copy}:{classes}" if classes else str(copy)
    what = "has changed since the run was trained" if file.is_file() else "is gone"
    raise UserError(
        f"{run}: its component {file} {what}, and no copy of it is kept; bring back the version with digest "
        f"{ref['digest'][:12]}."
    )


def _own_components(settings: Settings) -> Iterator[Settings]:
    """The components of the run that are users' own files, each as {"name", "digest", ...}.

    Components in nested settings, such as those of a parent, are left out. The data set is also left out, because a
    generator does not read it.
    """
    for key, value in settings.items():
        for ref in value if isinstance(value, list) else [value]:
            if key != "dataset" and _is_own(ref):
                yield ref


def _is_own(ref: Any) -> bool:
    return isinstance(ref, Mapping) and "digest" in ref and is_path(str(ref.get("name", "")))


def _copy(root: Path, ref: Settings) -> Path:
    return root / FOLDER / str(ref["digest"]) / _split(ref)[0].name


def _split(ref: Settings) -> tuple[Path, str]:
    """File of a component, and the classes in it that make a model ("" for a component that is a whole file)."""
    file, classes = class_pairs.split(str(ref["name"]))
    return Path(file), classes


def _digest(file: Path, classes: str) -> str | None:
    try:
        return component_digest(meaning_of_file(file).digest, classes)
    except (SyntaxError, ValueError):
        return None
