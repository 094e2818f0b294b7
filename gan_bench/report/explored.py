"""Section "Latents" of the page: the results that `gan-bench explore` wrote into the study's folder."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_bench.paths import EXPLORE, EXPLORED
from gan_bench.report.pictures import data_address
from gan_bench.report.tables_input import PlannedCell, Tables

#: SHOWN: largest number of runs whose results the page shows. For all other runs, it gives only the folder of the
#: results. PICTURE_LIMIT: largest size in bytes of a shown picture; larger pictures are only linked.
SHOWN, PICTURE_LIMIT = 5, 2_000_000
MIME = {".png": "image/png", ".gif": "image/gif"}


@dataclass(frozen=True)
class Part:
    """A section of the results: heading, paragraph, data URLs of the shown pictures, and all files.

    A file is (name, path below the study's folder).
    """

    title: str
    text: str
    pictures: list[str]
    files: list[tuple[str, str]]


@dataclass(frozen=True)
class Explored:
    """An explored run of the plan. `parts` is empty if the page does not show the results.

    The page does not show the results if SHOWN explored runs come before this run, or if the run was trained again
    after it was explored.
    """

    name: str
    folder: str
    classifier: str
    parts: list[Part] = field(default_factory=list)


def explored(tables: Tables) -> list[Explored]:
    """The explored runs in the plan's order; at most SHOWN of them have pictures."""
    runs: list[Explored] = []
    for cell in tables.cells:
        for seed in cell.seeds:
            folder = tables.folder / EXPLORE / cell.dataset / cell.id / f"seed{seed}"
            if (folder / EXPLORED).is_file():
                runs.append(_run(tables, cell, seed, folder, pictures=len(runs) < SHOWN))
    return runs


def _run(tables: Tables, cell: PlannedCell, seed: int, folder: Path, *, pictures: bool) -> Explored:
    document = json.loads((folder / EXPLORED).read_text(encoding="utf-8"))
    status: dict[str, Any] = tables.card(cell, seed).get("status_document") or {}
    place = folder.relative_to(tables.folder).as_posix()
    name = f"{cell.variant} on {cell.dataset}, seed {seed}"
    if document["checksum"] != status.get("checksum"):
        return Explored(f"{name}: trained again since it was explored", place, document["classifier"])
    if not pictures:
        return Explored(f"{name}: not shown here", place, document["classifier"])
    return Explored(name, place, document["classifier"], [_part(part, folder, place) for part in document["parts"]])


def _part(part: dict[str, Any], folder: Path, place: str) -> Part:
    files = [folder / name for name in part["files"] if (folder / name).is_file()]
    shown = [file for file in files if file.suffix in MIME and file.stat().st_size <= PICTURE_LIMIT]
    addresses = [data_address(file.read_bytes(), MIME[file.suffix]) for file in shown]
    links = [(file.name, f"{place}/{file.name}") for file in files]
    text = part["text"][:1].upper() + part["text"][1:]
    return Part(part["title"], text, addresses, links)
