"""What became of every run as a table of the page: variants by seeds, and which results are of other code than this."""

import functools
from typing import Any

from gan_bench.errors import UserError
from gan_bench.provenance import stage_digest, train_parts
from gan_bench.report.judged import CALM, tone
from gan_bench.report.style import in_words
from gan_bench.report.tables_input import Cell, Tables

#: What stands in a square, by status; the whole word is its title for readers of the screen.
WORDS = {"ok": "ok", "diverged": "div", "failed": "fail", "timeout": "time", "missing": "–"}
#: More seeds than this are counted instead of shown one by one.
WIDEST = 24


def matrix(tables: Tables) -> list[dict[str, Any]]:
    """By data set: the seeds, rows (variant, squares), and how many results are stale.

    A square is (word, title, tone, address of its card or ""); None where a seed was not asked for.
    """
    found = []
    address = iter(range(1, 1 + sum(len(cell.seeds) for cell in tables.cells)))
    for dataset in tables.datasets:
        cells = tables.cells_of(dataset)
        seeds = sorted({seed for cell in cells for seed in cell.seeds})
        rows = [(cell, {seed: (_square(tables, cell, seed), next(address)) for seed in cell.seeds}) for cell in cells]
        wide = len(seeds) > WIDEST
        found.append(
            {
                "dataset": dataset,
                "seeds": [] if wide else seeds,
                "rows": [
                    (cell.variant, _counted(own) if wide else [_placed(own.get(seed)) for seed in seeds])
                    for cell, own in rows
                ],
                "stale": sum(square[0] == "stale" for _, own in rows for square, _ in own.values()),
            }
        )
    return found


def _placed(entry: tuple[tuple[str, str, str], int] | None) -> tuple[str, str, str, str] | None:
    return None if entry is None else (*entry[0], f"#run-{entry[1]}")


def _counted(own: dict[int, tuple[tuple[str, str, str], int]]) -> list[tuple[str, str, str, str]]:
    """One square that says how many seeds have which outcome."""
    squares = [square for square, _ in own.values()]
    return [
        (f"{squares.count(one)} {one[0]}", f"{squares.count(one)} seeds: {one[1]}", one[2], "")
        for one in sorted(set(squares))
    ]


def _square(tables: Tables, cell: Cell, seed: int) -> tuple[str, str, str]:
    card = tables.card(cell, seed)
    status = str(card["status"])
    if is_stale(cell, card["status_document"]):
        return "stale", f"{in_words(status)}, by other code than this", "warn"
    verdict = (card["collapse"] or {}).get("verdict")
    if status == "ok" and verdict not in (None, *CALM):
        return "ok ?", f"ok, {in_words(str(verdict))}", tone(str(verdict))
    return WORDS[status], in_words(status), tone(status)


def is_stale(cell: Cell, status: dict[str, Any] | None) -> bool:
    """Whether a run was trained by other code than the package now holds for its settings.

    A run that does not say what trained it, or whose components are not to be found here, is not called so.
    """
    trained = ((status or {}).get("identity") or {}).get("code")
    if trained is None:
        return False
    try:
        return bool(trained != _digest(tuple(train_parts(cell.settings))))
    except (UserError, KeyError):
        return False


@functools.lru_cache(maxsize=256)
def _digest(parts: tuple[tuple[str, str], ...]) -> str:
    return stage_digest("train", parts)
