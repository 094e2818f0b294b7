"""Stored notes: for each digest of code, the files that the digest covers and a digest of each file.

From two notes, `code_change` says in words which files make two digests of code differ.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from gan_bench import bits
from gan_bench.dag import Lookups, judged_parts
from gan_bench.data import stamp
from gan_bench.errors import UserError
from gan_bench.files import digest_of, read_json, write_json
from gan_bench.jobs.together import may_stack
from gan_bench.provenance import stage_digest, stage_files, train_parts, train_stage
from gan_bench.registry import component
from gan_bench.stats.tables.published_numbers import published_digest
from gan_bench.words import plural

#: {name of a file or of another covered item: digest of the file or item}.
Note = Mapping[str, str]
#: Keys of a note that do not name files. SUMMARY is only the beginning of such a key.
BITS, SOURCE, PUBLISHED, SUMMARY = "mode of bits", "source folder", "published numbers", "summary of "
#: A sentence names up to this many files. For all others it gives only their number.
NAMED = 3


def write_notes(lookups: Lookups) -> None:
    """Store a note for each digest of code that is a parameter of a rule.

    Snakemake calls this when it starts a study.
    """
    for digest, note in study_notes(lookups).items():
        if not _file(lookups, digest).is_file():
            write_json(_file(lookups, digest), note)


def study_notes(lookups: Lookups) -> dict[str, Note]:
    """{digest: note} for the present code."""
    notes: dict[str, Note] = {
        stage_digest(stage, parts): _note(stage, parts) for stage, parts in sorted(set(_stages(lookups)))
    }
    folder = Path(lookups.data_dir) if lookups.data_dir else None
    for ref in (dataset["ref"] for dataset in lookups.datasets.values()):
        parts = (("data", ref["name"]),)
        try:
            source = stamp(ref, folder)
        except UserError:  # the folder of the data is missing; a published study can be drawn without the data
            continue
        digest = digest_of([stage_digest("data", parts), source])[:16]  # computed as in Lookups.data_code
        notes[digest] = {**_note("data", parts), SOURCE: digest_of(source)}
    summaries = {f"{SUMMARY}{axis}:{name}": component(axis, name).summary for axis, name in lookups.page_parts()}
    notes[lookups.page_code()] = {**_note("report", ()), **summaries}
    notes[published_digest()] = {PUBLISHED: published_digest()}
    return notes


def _stages(lookups: Lookups) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """(stage of the workflow, such as "evaluate"; components that it uses) for each digest that covers only code."""
    for cell in lookups.all_cells:
        settings = cell["settings"]
        yield train_stage(settings), tuple(train_parts(settings))
        yield "collapse", tuple(judged_parts(settings))
        if may_stack(settings):
            yield "stacking", ()
    for ref in lookups.extractors.values():
        yield "features", (("features", ref["name"]),)
    yield "evaluate", tuple(("metrics", ref["name"]) for ref in lookups.json["evaluation"]["metrics"])
    for ref in lookups.plan.figures:
        yield "figures", (("figures", ref["name"]),)
    for stage in ("collect", "tables", "manifest", *(["search"] if lookups.stages else [])):
        yield stage, ()


def _note(stage: str, parts: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {BITS: bits.mode(), **dict(stage_files(stage, parts))}


def code_change(lookups: Lookups, before: str, now: str, notes: Mapping[str, Note], *, same_parts: bool = True) -> str:
    """The differences between the code of two digests, in words; "" if there are none.

    If one of the digests has no note, the text says only that the code changed.

    Args:
        lookups: the study.
        before: digest of the code at the last run.
        now: digest of the present code.
        notes: notes of the present code.
        same_parts: False if another text already names the exchanged components. In this case, only files that both
            digests cover are compared.
    """
    old, new = _stored(lookups, before), notes.get(now)
    if old is None or new is None:
        return "its code changed (which file is not recorded)"
    names = sorted(old.keys() | new.keys() if same_parts else old.keys() & new.keys())
    shown = [_words(name, name in old, name in new) for name in names if old.get(name) != new.get(name)]
    more = [f"and {plural(len(shown) - NAMED, 'more file')}"] if len(shown) > NAMED else []
    return ", ".join([*shown[:NAMED], *more])


def _words(name: str, before: bool, now: bool) -> str:
    if name in (BITS, SOURCE, PUBLISHED):
        return f"the {name} changed"
    axis, colon, stem = name.removeprefix(SUMMARY).partition(":")
    file = f"{axis}/{Path(stem).stem}.py" if colon else _path(name)
    if name.startswith(SUMMARY):
        file = f"the summary in {file}"
    return f"{file} {'changed' if before and now else 'is no longer used' if before else 'is new'}"


def _path(module: str) -> str:
    """Path of a module relative to the package. The name of a data file is already a path and stays unchanged."""
    return module if "/" in module else f"{module.removeprefix('gan_bench.').replace('.', '/')}.py"


def _stored(lookups: Lookups, digest: str) -> Note | None:
    try:
        note: Note = read_json(_file(lookups, digest))
    except UserError:
        return None
    return note


def _file(lookups: Lookups, digest: str) -> Path:
    return Path(lookups.results) / "store" / "code" / f"{digest}.json"
