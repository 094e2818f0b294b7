"""Finds the folder of a run that the user names."""

import re
from collections.abc import Iterator
from pathlib import Path

from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.paths import GENERATOR, PLAN, STATUS, seed_folder

#: The first 6 or more digits of a run's key, which is the name of the run's folder in the store.
KEY = re.compile(r"[0-9a-f]{6,64}")
#: "[STUDY/]DATASET/CELL/seed0", or "DATASET/VARIANT seed 0" as `gan-bench status` prints it.
NAME = re.compile(r"(?:(?P<study>[^/]+)/)?(?P<dataset>[^/]+)/(?P<cell>[^/]+?)(?:/| )seed ?(?P<seed>\d+)")
#: Largest number of runs that an error message lists.
NAMED = 3


def find_run(text: str, results: Path = Path("results")) -> Path:
    """Folder of a run. `text` is the folder, the run's name, or the beginning of the run's key in the store.

    A run is named by study (may be left out), data set, cell and seed. A cell is named by its id or its variant's
    label. UserError if no run matches, or if several different runs match.
    """
    if (Path(text) / GENERATOR).is_file() or (Path(text) / STATUS).is_file():
        return Path(text)
    matches = list(dict.fromkeys([*_by_name(text, results), *_by_key(text, results)]))
    # Several studies can contain the same run. Then the matches have the same content.
    if len(matches) == 1 or (matches and len({_content(match) for match in matches}) == 1):
        return matches[0]
    if matches:
        names = ", ".join(map(str, matches[:NAMED]))
        raise UserError(
            f"{text!r} matches {len(matches)} runs ({names}{', ...' if len(matches) > NAMED else ''}); name one run."
        )
    valid = (
        f"the folder of a run, [STUDY/]DATASET/CELL/seed0 in {results}, or at least 6 digits of its key in the store"
    )
    raise UserError(f"no run {text!r}; valid: {valid}.")


def _by_name(text: str, results: Path) -> Iterator[Path]:
    match = NAME.fullmatch(text.strip().removeprefix(f"{results}/").replace("/runs/", "/").rstrip("/"))
    for plan in sorted(results.glob(f"*/{PLAN}")) if match else ():
        if match and match["study"] in (None, plan.parent.name):
            for cell in read_json(plan)["cells"]:
                if cell["dataset"] == match["dataset"] and match["cell"] in (cell["id"], cell["variant"]):
                    folder = seed_folder(plan.parent / "runs" / cell["dataset"] / cell["id"], int(match["seed"]))
                    if folder.is_dir():
                        yield folder


def _by_key(text: str, results: Path) -> Iterator[Path]:
    """Folders of the runs whose key begins with `text`.

    A folder in a study has scores, so it is preferred to the folder of the same run in the store.
    """
    if not KEY.fullmatch(text):
        return
    for folder in sorted((results / "store" / text[:2]).glob(f"{text}*")):
        study_folders = [
            seed_folder(record.parent, int(seed))
            for record in sorted(results.glob("*/runs/*/*/chunk*.train.json"))
            for seed, entry in read_json(record)["seeds"].items()
            if entry["key"] == folder.name
        ]
        yield next((run for run in study_folders if run.is_dir()), folder)


def _content(run: Path) -> str:
    """A text that is equal for equal runs: the checksum of the status, which contains the digests of all files."""
    return str(read_json(run / STATUS).get("checksum")) if (run / STATUS).is_file() else str(run)
