"""Table of the report page that shows which runs did not finish, are stale, or may have failed.

Rows are the variants with such a run, columns are seeds. A run is stale if the code has changed since its training.
"""

import functools
from collections import Counter
from typing import Any

from gan_bench.errors import UserError
from gan_bench.provenance import stage_digest, train_parts, train_stage
from gan_bench.report.judged import CALM, tone
from gan_bench.report.style import in_words
from gan_bench.report.tables_input import PlannedCell, Tables
from gan_bench.words import plural

#: Status -> short word in the square of a run. The square's tooltip has the whole word.
WORDS = {"ok": "ok", "diverged": "div", "failed": "fail", "timeout": "time", "missing": "–"}
#: Largest number of variants in the table; failures.csv has all variants.
MOST_ROWS = 50
#: With at most this many seeds, a variant has a square per seed. With more, it has a square per outcome, which shows
#: the number of seeds with this outcome.
WIDEST = 24


def matrix(tables: Tables) -> list[dict[str, Any]]:
    """One table per data set, as a dictionary.

    "number" is the position of the data set, and "stale" is the number of stale runs. A row is (variant, squares).
    "n_rows" is the number of variants with a square other than "ok"; "rows" has the first MOST_ROWS of these variants.
    A square is (word, tooltip, colour class, link to the run's card), or None if the variant does not have this seed.
    If there are more than WIDEST seeds, "seeds" is []. Each square then stands for all seeds with one outcome, and its
    link is "".
    """
    matrices: list[dict[str, Any]] = []
    numbers = {cell: i for i, cell in enumerate(tables.cells)}
    for dataset in tables.datasets:
        cells = tables.cells_of(dataset)
        seeds = sorted({seed for cell in cells for seed in cell.seeds})
        rows = [
            (cell, {seed: (_square(tables, cell, seed), f"#run={numbers[cell]}.{seed}") for seed in cell.seeds})
            for cell in cells
        ]
        stale = sum(square[0] == "stale" for _, squares in rows for square, _ in squares.values())
        rows = [row for row in rows if any(square[0] != "ok" for square, _ in row[1].values())]
        wide = len(seeds) > WIDEST
        matrices.append(
            {
                "dataset": dataset,
                "seeds": [] if wide else seeds,
                "rows": [
                    (cell.variant, _counted(squares) if wide else [_placed(squares.get(seed)) for seed in seeds])
                    for cell, squares in rows[:MOST_ROWS]
                ],
                "n_rows": len(rows),
                "stale": stale,
                "number": len(matrices),
            }
        )
    return matrices


def _placed(entry: tuple[tuple[str, str, str], str] | None) -> tuple[str, str, str, str] | None:
    return None if entry is None else (*entry[0], entry[1])


def _counted(entries: dict[int, tuple[tuple[str, str, str], str]]) -> list[tuple[str, str, str, str]]:
    """One square per outcome, with the number of seeds that have this outcome."""
    squares = Counter(square for square, _ in entries.values())
    return [
        (f"{count} {word}", f"{plural(count, 'seed')}: {title}", colour, "")
        for (word, title, colour), count in sorted(squares.items())
    ]


def _square(tables: Tables, cell: PlannedCell, seed: int) -> tuple[str, str, str]:
    card = tables.card(cell, seed)
    status = str(card["status"])
    if is_stale(cell, card["status_document"]):
        return "stale", f"{in_words(status)}, trained by another version of the code", "warn"
    verdict = (card["collapse"] or {}).get("verdict")
    if status == "ok" and verdict not in (None, *CALM):
        return "ok ?", f"ok, {in_words(str(verdict))}", tone(str(verdict))
    return WORDS[status], in_words(status), tone(status)


def is_stale(cell: PlannedCell, status: dict[str, Any] | None) -> bool:
    """Whether the code that trained a run differs from the present code for the same settings.

    False if the run has no record of its code, or if one of its components is not installed.
    """
    trained = ((status or {}).get("identity") or {}).get("code")
    if trained is None:
        return False
    try:
        return bool(trained != _digest(train_stage(cell.settings), tuple(train_parts(cell.settings))))
    except (UserError, KeyError):
        return False


_digest = functools.lru_cache(maxsize=256)(stage_digest)
