"""Digests of the code of each stage of the workflow. A stage runs again if its digest has changed."""

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench import bits
from gan_bench.files import digest_file, digest_of
from gan_bench.meaning import meaning_of_file
from gan_bench.registry import AXES, PACKAGE, Component, component
from gan_bench.run_keys import COMPONENT_KEYS

#: Modules whose code is in no digest, because it affects no result. gan_bench.bits affects results only by the mode of
#: bits, which `stage_digest` adds to every digest.
PLUMBING = frozenset(
    {
        "gan_bench",
        *(f"gan_bench.{name}" for name in ("bits", "changes", "class_pairs", "errors", "files")),
        *(f"gan_bench.{name}" for name in ("former_names", "meaning", "provenance", "registry", "user_file")),
    }
)

#: Modules that a model made of classes in a user's file needs: they select its statements and call its classes.
NETWORK_CLASSES = ("gan_bench.models._classes", "gan_bench.needed_statements")

#: Suffixes of files of the package that are not Python code but affect the output of a stage.
DATA_SUFFIXES = frozenset({".json", ".j2", ".css", ".js"})

#: Libraries, besides torch and NumPy, that write the files of a run or compute its scores.
LIBRARIES = ("scipy", "pandas", "pyarrow", "pillow", "safetensors", "scikit-learn")

#: Two runs with the same settings, data and code are bit-identical if these keys of their provenances are equal.
#: Libraries are included because they write the files whose bytes are compared. If one of the runs was made in the mode
#: "native" (gan_bench.bits), the keys in PROCESSOR must be equal too.
SAME_BITS = ("bits", "device", "threads", "torch", "numpy", *LIBRARIES)
PROCESSOR = ("class", "cpu", "cpu_capability")

#: The lock file of the checkout; an installed package has none.
LOCK = PACKAGE.parent / "requirements.lock"

#: Stage -> modules from which import statements are followed. The components that the stage uses are added.
ENTRIES = {
    "data": ("gan_bench.data",),
    "features": ("gan_bench.features.reference",),
    "train": ("gan_bench.train.run",),
    "watched_train": ("gan_bench.train.run", "gan_bench.jobs.watch"),
    "scored_train": (
        *("gan_bench.train.run", "gan_bench.jobs.watch", "gan_bench.jobs.score_in_training"),
        *("gan_bench.metrics.evaluate", "gan_bench.features.reference"),
    ),
    "stacking": ("gan_bench.stacking.training",),
    "evaluate": ("gan_bench.metrics.evaluate", "gan_bench.features.reference"),
    "collapse": ("gan_bench.jobs.detect",),
    "search": ("gan_bench.search.stages",),
    "collect": ("gan_bench.stats.collect.collect",),
    "tables": ("gan_bench.stats.tables.write_tables",),
    "figures": ("gan_bench.report.draw",),
    "report": ("gan_bench.report.page",),
    "manifest": ("gan_bench.jobs.manifest",),
    "log_files": ("gan_bench.jobs.log_files", "gan_bench.log_to.csv", "gan_bench.log_to.tensorboard"),
}


def train_refs(settings: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(axis, reference) of each component whose code affects a run. A reference is the component's name and settings.

    The result includes the components of the run's parents, and the components to which the run switches when it goes
    back on collapse.
    """
    for related in _related(settings):
        given = ((axis, related.get(key)) for key, axis in COMPONENT_KEYS.items())
        yield from ((axis, ref) for axis, ref in given if ref is not None)
        yield from (("tricks", ref) for ref in related.get("tricks", ()))
        if isinstance(rule := related.get("early_stop"), Mapping):
            yield from (("metrics", rule["metric"]), ("features", rule["extractor"]))


def train_parts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The components whose code affects a run, as (axis, name)."""
    return sorted({(axis, ref["name"]) for axis, ref in train_refs(settings)})


def train_stage(settings: Mapping[str, Any]) -> str:
    """Name of the stage that trains with these settings, with or without code for stopping early and for going back."""
    rules = [related.get("early_stop") for related in _related(settings)]
    if any(isinstance(rule, Mapping) for rule in rules):
        return "scored_train"
    rewinds = any(related.get("rewind_on_collapse") for related in _related(settings))
    return "watched_train" if rewinds or any(rules) else "train"


def _related(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The settings of a run, the settings that change if it goes back on collapse, and the same for its parents."""
    rewind, parent = settings.get("rewind_on_collapse"), settings.get("continue_from")
    changes = [] if rewind is None else rewind["then"]
    return [settings, *changes, *([] if parent is None else _related(parent["settings"]))]


def train_digest(settings: Mapping[str, Any]) -> str:
    """`stage_digest` of training with these settings."""
    return stage_digest(train_stage(settings), train_parts(settings))


def stage_digest(stage: str, parts: Iterable[tuple[str, str]] = ()) -> str:
    """First 16 hex digits of the SHA-256 of the code that a stage can run, with the components `parts` = (axis, name).

    Import statements are followed through the package, except in PLUMBING. The digest also covers the mode of bits
    (gan_bench.bits), and the data files (DATA_SUFFIXES) in the folders of the imported modules and in their
    sub-folders. It does not cover data files directly in the folder gan_bench.

    Comments, layout, docstrings and most annotations do not change the digest (gan_bench.meaning). For a user's own
    component, the digest covers its file and the modules of this package that it imports, but no other files of the
    user.
    """
    digest = hashlib.sha256(f"bits {bits.mode()}\0".encode())
    for name, content in stage_files(stage, parts):
        digest.update(f"{name}\0{content}\0".encode())
    return digest.hexdigest()[:16]


def stage_files(stage: str, parts: Iterable[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """(name, digest) of every file that `stage_digest` covers, in the same order.

    The digest of a Python file is that of its meaning (gan_bench.meaning). The digest of a data file is that of its
    bytes.

    The name is a module ("gan_bench.losses.hinge"), the path of a data file below the package, or "axis:stem" for a
    user's own component ("axis:stem:classes" if it is made of classes).
    """
    components = [component(axis, name) for axis, name in parts]
    keys = sorted(
        (c.axis, f"{c.name}:{c.classes}" if c.classes else c.name, str(c.file), c.builtin) for c in components
    )
    return _stage_files(stage, tuple(keys), _stamp(components))


def page_digest(parts: Iterable[tuple[str, str]]) -> str:
    """Digest of the code of the report stage, and of the summaries of the components `parts`, which the page prints.

    The page also prints other texts of a component. These are part of the component's code, so a change of them reruns
    earlier stages.
    """
    summaries = [(axis, name, component(axis, name).summary) for axis, name in sorted(set(parts))]
    return digest_of([stage_digest("report"), summaries])[:16]


def _data_files(sources: Iterable[Path]) -> dict[str, Path]:
    """Path in the package -> data file (such as a table or a page template) below the folders of `sources`."""
    folders = {source.parent for source in sources} - {PACKAGE}
    files = [p for folder in folders for p in folder.rglob("*") if p.suffix in DATA_SUFFIXES]
    return {str(p.relative_to(PACKAGE)): p for p in files}


def _stamp(components: list[Component]) -> tuple[tuple[str, int, int], ...]:
    """Cache key: (path, modification time, size) of every relevant file, so that an edit makes the cache stale."""
    files = [p for p in PACKAGE.rglob("*") if p.suffix in DATA_SUFFIXES | {".py"}] + [
        *(c.file for c in components if not c.builtin)
    ]
    return tuple(sorted((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in files))


@functools.lru_cache(maxsize=4096)
def _stage_files(
    stage: str, parts: tuple[tuple[str, str, str, bool], ...], _stamp: object
) -> tuple[tuple[str, str], ...]:
    starts = list(ENTRIES[stage])
    user_files: list[tuple[str, str]] = []
    for axis, name, file, builtin in parts:
        if builtin:
            starts.append(".".join(["gan_bench", *AXES[axis].split("/"), name]))
        else:
            user_files.append((f"{axis}:{name}", meaning_of_file(Path(file)).digest))
            starts += [*sorted(_imports(Path(file), "")), *(NETWORK_CLASSES if ":" in name else ())]
    modules = sorted(closure(starts) - PLUMBING)
    files = {module: module_file(module) for module in modules}
    digests = {module: meaning_of_file(file).digest for module, file in files.items()}
    digests |= {name: digest_file(file) for name, file in _data_files(files.values()).items()}
    return (*user_files, *sorted(digests.items()))


def closure(starts: Iterable[str]) -> set[str]:
    """`starts`, the modules of this package that they import directly or indirectly, and the packages above them.

    Modules in PLUMBING are included, but their imports are not followed.
    """
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        if module in PLUMBING:
            continue
        # Importing a module runs the packages above it.
        todo.append(module.rpartition(".")[0])
        todo += _imports(module_file(module), module) - seen
    return seen


def module_file(module: str) -> Path:
    """Source file of a module of the package."""
    base = PACKAGE.joinpath(*module.split(".")[1:])
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def _imports(file: Path, module: str) -> set[str]:
    """Modules of the package that a source file imports, at the top or inside functions."""
    names = {name for name in meaning_of_file(file).imports if name.split(".")[0] == "gan_bench" and name != module}
    return {name for name in names if module_file(name).is_file()}
