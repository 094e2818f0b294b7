"""Tables of the collapse detector's verdicts: one row per run, and counts of verdicts per cell."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.verdict import NOT_JUDGED, VERDICTS
from gan_bench.stats.estimate.grouped import counts

#: Columns of collapse.csv.
COLUMNS = [
    *("dataset", "cell", "variant", "seed", "status", "verdict", "began_step", "n_evidence"),
    *("sign", "says", "signal", "value", "comparison", "threshold", "window_start", "window_end"),
    *("target", "precision", "precision_low", "precision_high", "n_fired"),
    *("weak_signs", "signals_missing", "next_check"),
]
WHOLE = ["began_step", "n_evidence", "window_start", "window_end", "n_fired"]


def verdict_table(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """The table collapse.csv from the rows of `verdict_row`.

    A sign is a rule of the collapse detector, with a threshold. The verdict of a run (collapse.json) has a list of
    evidence. The columns `sign` to `n_fired` describe the first entry of this list. The sign gave an alarm in `n_fired`
    labelled runs of the detector's training corpus. `precision` is the share of these runs with the label `target`;
    `precision_low` and `precision_high` are the ends of its 95 % Wilson interval. The row of a run without
    collapse.json has only the run's key, its status and the verdict "not_judged".
    """
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(WHOLE, "Int64"))


def verdict_row(card: Mapping[str, Any]) -> tuple[Any, ...]:
    """Row of collapse.csv from the card of a run, in the order of COLUMNS."""
    row = _row(card)
    return tuple(row.get(name) for name in COLUMNS)


def _row(card: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: card[name] for name in ("dataset", "cell", "variant", "seed", "status")}
    verdict = card["collapse"]
    if verdict is None:
        return row | {"verdict": NOT_JUDGED}
    row |= {
        "verdict": verdict["verdict"] or NOT_JUDGED,
        "began_step": verdict["began_step"],
        "n_evidence": len(verdict["evidence"]),
        "weak_signs": "; ".join(entry["sign"] for entry in verdict["weak_signs"]) or None,
        "signals_missing": "; ".join(verdict["signals_missing"]) or None,
        "next_check": verdict["next_check"],
    }
    return row | (_evidence(verdict["evidence"][0]) if verdict["evidence"] else {})


def _evidence(entry: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: entry[name] for name in ("sign", "says", "signal", "value", "comparison", "threshold")}
    row |= dict(zip(("window_start", "window_end"), entry["window"], strict=True))
    if entry["corpus"] is None:
        return row
    rate = entry["corpus"]["pooled"]
    low, high = rate["precision_95"] or (None, None)
    rates = {"target": rate["target"], "precision": rate["precision"], "n_fired": rate["fired"]}
    return row | rates | {"precision_low": low, "precision_high": high}


def verdict_counts(table: pd.DataFrame) -> pd.DataFrame:
    """The table collapse_counts.csv from collapse.csv: for each cell, the number of runs with each verdict."""
    keys = ["dataset", "cell", "variant"]
    cell, first = table.groupby(keys, sort=False).ngroup().to_numpy(), table.drop_duplicates(keys)
    verdict, n = table["verdict"], len(first)
    columns = {name: counts(cell, (verdict == name).to_numpy(dtype=bool, na_value=False), n) for name in VERDICTS}
    columns["n_asked"] = np.bincount(cell, minlength=n)
    return first[keys].reset_index(drop=True).assign(**columns)
