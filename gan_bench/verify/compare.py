"""Compares a run with its repetition: bit by bit, or within tolerances if the machines or the library versions differ.

The tolerances follow from measurements on the demo, with the same libraries on two instruction sets (with and without
AVX-512). Over the first 2 % of the log points (rows of the history), losses and gradient norms had relative differences
of 5e-7 in most runs and of 5e-3 in the worst run (DCGAN with batch norm). Final scores differed by 1 %.

Later losses are not compared. Differences in the last bit grow during training, and after a few hundred steps the runs
of two machines are unrelated.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench.files import digest_file, read_json
from gan_bench.former_names import current
from gan_bench.jobs.records import RUN_FILES
from gan_bench.paths import HISTORY, METRICS, REPEATABLE_FILES, STATUS
from gan_bench.provenance import PROCESSOR, SAME_BITS
from gan_bench.words import plural

#: Largest accepted relative difference of losses and gradient norms.
HISTORY_TOLERANCE = 0.02
#: This share of the log points is compared, starting with the first one. At least one log point is compared.
HISTORY_SHARE = 0.02
HISTORY_COLUMNS = ("d_loss", "g_loss", "gn_d", "gn_g")
#: Largest accepted difference of a score, relative to the stored score. A larger difference is accepted if it is at
#: most the difference between the highest and the lowest score among all seeds of the same cell (data set and variant).
SCORE_TOLERANCE = 0.1

STATED = (
    f"losses and gradient norms within {HISTORY_TOLERANCE:.0%} of their values over the first {HISTORY_SHARE:.0%} of "
    f"the history, scores within {SCORE_TOLERANCE:.0%} or the range of the cell's seeds"
)


def other_machine(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Differences between two provenances in keys on which bits depend, as "KEY STORED_VALUE -> PRESENT_VALUE"."""
    portable = stored.get("bits") == now.get("bits") == "portable"
    keys = SAME_BITS if portable else (*SAME_BITS, *PROCESSOR)
    return [f"{key} {stored.get(key)} -> {now.get(key)}" for key in keys if stored.get(key) != now.get(key)]


def other_bytes(folder: Path, digests: Mapping[str, str], *, scored: bool) -> list[str]:
    """Names of the files in `folder` whose SHA-256 differs from `digests`.

    Scores and verdict are compared only if the run was scored again.
    """
    names = RUN_FILES if scored else REPEATABLE_FILES
    return [name for name in names if digest_file(folder / name) != digests[name]]


def first_difference(stored: Path, again: Path) -> str:
    """Sentence that names the first difference between two histories, or says that their numbers are equal."""
    old, new = pd.read_parquet(stored), pd.read_parquet(again)
    if list(old) != list(new) or len(old) != len(new):
        before = f"{plural(len(old), 'row')} x {plural(len(old.columns), 'column')}"
        return f"it had {before} and has {len(new)} x {len(new.columns)}"
    other = ~((old == new) | (old.isna() & new.isna()))
    if not other.to_numpy().any():
        return "its numbers are equal, but its bytes differ"
    row = int(other.any(axis=1).to_numpy().argmax())
    column = next(str(name) for name in other.columns if other[name].iloc[row])
    step = old["step"].iloc[row]
    return f"first at step {step}: {column} was {old[column].iloc[row]:.9g} and is {new[column].iloc[row]:.9g}"


def outside_history(stored: Path, again: Path) -> str | None:
    """How the history `again` differs from the history `stored` beyond the tolerance; None if it does not."""
    old, new = pd.read_parquet(stored), pd.read_parquet(again)
    if list(old) != list(new):
        return f"{stored.name}: its columns differ"
    count = max(1, int(len(old) * HISTORY_SHARE))
    for column in ("step", *HISTORY_COLUMNS):
        for row in range(min(count, len(old), len(new))):
            was, now = old[column].iloc[row], new[column].iloc[row]
            same = (pd.isna(was) and pd.isna(now)) or abs(was - now) <= HISTORY_TOLERANCE * max(abs(was), abs(now))
            if not same:
                return f"{stored.name}: at step {old['step'].iloc[row]} {column} was {was:.6g} and is {now:.6g}"
    return None


def outside_scores(cell: Sequence[Path], stored: Path, again: Path, judged: Sequence[str]) -> str | None:
    """The reason why one of the scores named in `judged` is outside the tolerance; None if all are inside.

    `cell`: folders of all seeds of the cell.
    """
    old, new = _scores(stored), _scores(again)
    seeds = [_scores(folder) for folder in cell if (folder / METRICS).is_file()]
    for name in judged:
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            if was is not now:
                return f"{METRICS}: {name} was {was} and is {now}"
            continue
        known = [value for value in (scores.get(name) for scores in seeds) if value is not None]
        allowed = max(SCORE_TOLERANCE * abs(was), max(known) - min(known)) if known else SCORE_TOLERANCE * abs(was)
        if abs(was - now) > allowed:
            return f"{METRICS}: {name} was {was:.6g} and is {now:.6g}; the largest accepted difference is {allowed:.2g}"
    return None


def outside(stored: Path, again: Path, judged: Sequence[str], *, scored: bool) -> str | None:
    """How the run in folder `again` differs from the run in folder `stored` beyond the tolerances; else None."""
    old, new = (read_json(folder / STATUS)["status"] for folder in (stored, again))
    if old != new:
        return f"the run was {old} and is {new}"
    why = outside_history(stored / HISTORY, again / HISTORY)
    if why is None and scored:
        why = outside_scores(sorted(stored.parent.glob("seed*")), stored, again, judged)
    return why


def _scores(folder: Path) -> dict[str, float | None]:
    return {current(row["name"]): row["value"] for row in read_json(folder / METRICS)["metrics"]}
