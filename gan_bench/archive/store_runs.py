"""Copies the runs of an archive into a store (`gan-bench import`). Studies use stored runs and do not train them."""

import contextlib
import functools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench import bits
from gan_bench.archive.check import at_home
from gan_bench.archive.contents import receipts
from gan_bench.archive.unpack import Unpacked, well_formed
from gan_bench.errors import UserError
from gan_bench.files import digest_file, read_json
from gan_bench.jobs.together import stacking_digest
from gan_bench.paths import SETTINGS
from gan_bench.provenance import train_digest
from gan_bench.store import STACKED_BY, obtain, run_key
from gan_bench.words import plural

Say = Callable[[str], None]


class StoredRun(NamedTuple):
    """A run of an archive with its key and receipt. `why_not`: why studies here cannot use the run; "" if they can."""

    key: str
    folder: Path
    receipt: dict[str, Any]
    why_not: str


def import_runs(file: Path, archive: Unpacked, results: Path, say: Say) -> None:
    """Copy the runs of an archive into the store of `results`. Runs that are already in the store are not changed.

    The store finds a run by its settings, its data and its training code. A run that other code trained would never be
    found and is not copied. Components in the archive are read, but neither copied nor executed.

    Raises:
        UserError: after copying, if runs were left out; it has a sentence for each reason.
    """
    store = (results / "store").resolve()
    left_out: Counter[str] = Counter()
    copied = present = 0
    with contextlib.ExitStack() as stack:
        with well_formed(file):
            stack.enter_context(at_home(archive))
            runs = archive.manifest["results"]["runs"]
            stored = list(_stored_runs(archive))
        for run in stored:
            if run.why_not:
                left_out[run.why_not] += 1
                continue
            _, fresh = obtain(store, run.key, functools.partial(_copy, run), stacking_digest())
            copied, present = copied + fresh, present + (not fresh)
    if missing := len(runs) - len(stored):
        left_out["they were not in the store when the archive was written"] += missing
    say(
        f"{file}: {copied} of {plural(len(runs), 'run')} copied to {results / 'store'}, {present} were there already; "
        f"a study with `bits: {bits.mode()}` in config/config.yaml finds them"
    )
    if left_out:
        raise UserError(*(f"{file}: {plural(count, 'run')} not imported: {why}." for why, count in left_out.items()))


def _stored_runs(archive: Unpacked) -> Iterator[StoredRun]:
    """Yield each run of the archive that has a receipt, once."""
    seen = set()
    for record, folder, file in receipts(archive.study_folder, archive.root / "results" / "store", archive.manifest):
        key, receipt = file.parent.name, read_json(file)
        if key not in seen:
            seen.add(key)
            yield StoredRun(key, folder, receipt, _why_not(key, record, folder, receipt))


def _why_not(key: str, record: dict[str, Any], folder: Path, receipt: dict[str, Any]) -> str:
    settings = read_json(folder / SETTINGS)
    if run_key(settings, record["code"], record["data"]) != key:
        return "their key does not match their settings, code and data"
    for name, sha in receipt["sha256"].items():
        if "/" in name or not (folder / name).is_file() or digest_file(folder / name) != sha:
            return f"one of their files ({name}) differs from their receipt"
    try:
        code = train_digest(settings)
    except UserError as error:
        return f"their code cannot be read here ({' '.join(error.sentences).rstrip('.')})"
    if code != record["code"]:
        return f"other code trained them ({record['code']}, here {code}), so a study here would train them again"
    stacking = receipt.get("stacking")
    if stacking not in (None, stacking_digest()):
        codes = f"{stacking}, here {stacking_digest()}"
        return f"other code trained them together ({codes}), so a study here would train them again"
    return ""


def _copy(run: StoredRun, folder: Path) -> None:
    for leftover in folder.iterdir():  # files of an unfinished training
        leftover.unlink()
    for name in run.receipt["sha256"]:
        shutil.copyfile(run.folder / name, folder / name)
    if "stacking" in run.receipt:
        (folder / STACKED_BY).write_text(run.receipt["stacking"], encoding="utf-8")
