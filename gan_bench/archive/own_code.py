"""Finds users' own components for an archive, and copies the components of an unpacked archive to their paths."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from gan_bench import class_pairs
from gan_bench.archive.names import COMPONENTS
from gan_bench.config.plan.protocol import all_extractors
from gan_bench.errors import UserError
from gan_bench.files import write_bytes
from gan_bench.provenance import train_refs
from gan_bench.registry import component, is_path
from gan_bench.stats.collect.plan import all_cells

Plan = Mapping[str, Any]


def own_refs(plan: Plan) -> dict[tuple[str, str], str]:
    """(axis, name) -> digest of each component that a plan names by path; "" for figures, which have no digest."""
    return {(axis, ref["name"]): ref.get("digest", "") for axis, ref in _refs(plan) if is_path(str(ref["name"]))}


def code_paths(record: Any) -> list[str]:
    """All paths of components anywhere in a record of unknown origin. Training may execute any of these files."""
    if isinstance(record, list):
        return list(dict.fromkeys(name for value in record for name in code_paths(value)))
    if not isinstance(record, Mapping):
        return []
    name = record.get("name")
    names = [name] if isinstance(name, str) and is_path(name) else []
    return list(dict.fromkeys([*names, *code_paths(list(record.values()))]))


def _refs(plan: Plan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from (("data", entry["ref"]) for entry in plan["datasets"].values())
    for cell in all_cells(plan):
        yield from train_refs(cell["settings"])
    yield from (("metrics", ref) for ref in plan["evaluation"]["metrics"])
    yield from (("features", ref) for ref in all_extractors(plan["evaluation"]))
    yield from (("figures", ref) for ref in plan["figures"])


def sources(plan: Plan, store: Path) -> dict[str, Path]:
    """Name in the archive -> file, for the components of `own_refs`.

    If a component was edited after the training, the copy in the store is used. UserError if there is no such copy.
    """
    files: dict[str, Path] = {}
    for (axis, name), digest in own_refs(plan).items():
        file = Path(class_pairs.split(name)[0])
        copy = store / COMPONENTS / digest / file.name
        current = _digest(axis, name)
        if current is not None and digest in ("", current):
            files[_archived(axis, name, digest)] = file
        elif digest and copy.is_file():
            files[_archived(axis, name, digest)] = copy
        else:
            what = "has changed since the study was run" if file.is_file() else "is missing"
            raise UserError(f"{file}: this component of the study {what}, and there is no copy; restore the file.")
    return files


def lay_out(plan: Plan, root: Path) -> None:
    """Copy the components of an unpacked archive to the paths that its plan names, relative to `root`.

    A component with an absolute path is not copied, because nothing is written outside of `root`.

    Raises:
        UserError: a component is missing, would replace another file, or has a path outside of `root`.
    """
    for (axis, name), digest in own_refs(plan).items():
        path = PurePosixPath(class_pairs.split(name)[0])
        if path.is_absolute():
            continue
        source, target = root / _archived(axis, name, digest), root / path
        content = source.read_bytes() if source.is_file() else None
        if content is None:
            raise UserError(f"{source.relative_to(root)}: missing; it is a component of the study.")
        if ".." in path.parts or (target.exists() and (not target.is_file() or target.read_bytes() != content)):
            raise UserError(f"component {name!r}: its path leaves the archive, or another file has this path.")
        write_bytes(target, content)


def _archived(axis: str, name: str, digest: str) -> str:
    """Name of a component in an archive. Figures have no digest; they are in components/figures."""
    return f"{COMPONENTS}/{digest or axis}/{Path(class_pairs.split(name)[0]).name}"


def _digest(axis: str, name: str) -> str | None:
    try:
        return component(axis, name).digest
    except UserError:
        return None
