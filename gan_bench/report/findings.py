"""Summary of a study in three sentences, which claim no more than the intervals of the tables support."""

from typing import Any

import pandas as pd

from gan_bench.report.asked import LABELS, plural
from gan_bench.report.judged import CALM
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.write.markdown import number
from gan_bench.stats.write.names import STATUSES

#: Largest number of data sets in a sentence.
MOST = 3
WAYS = {"lower": "has the lowest mean", "higher": "has the highest mean", "half": "is nearest to one half in the mean"}


def findings(tables: Tables) -> list[str]:
    """The sentences: the plan, the outcomes of the runs, and the comparison of variants by the first metric."""
    return [_asked(tables), _outcomes(tables), _compared(tables)]


def _asked(tables: Tables) -> str:
    variants = len({cell.variant for cell in tables.cells})
    runs = sum(len(cell.seeds) for cell in tables.cells)
    metrics = list(dict.fromkeys(tables.metrics.loc[tables.metrics["direction"] != "none", "label"]))
    more = "" if len(metrics) <= 3 else f" and {len(metrics) - 3} more"
    scored = f", scored by {', '.join(metrics[:3])}{more}" if metrics else ", without any score"
    return (
        f"Asked for: {plural(runs, 'run', 'runs')} of {plural(variants, 'variant', 'variants')} on "
        f"{_listed(tables.datasets)}{scored}."
    )


def _listed(names: list[str]) -> str:
    if len(names) <= MOST:
        return ", ".join(names) or "no data set"
    return f"{len(names)} data sets ({', '.join(names[:MOST])}, ...)"


def _outcomes(tables: Tables) -> str:
    cards = [tables.card(cell, seed) for cell in tables.cells for seed in cell.seeds]
    counts = {status: sum(card["status"] == status for card in cards) for status in STATUSES}
    others = [f"{n} {LABELS[status]}" for status, n in counts.items() if n and status != "ok"]
    done = f"{counts['ok']} of {len(cards)} finished" + (f" ({', '.join(others)})" if others else "")
    verdicts = [(card["collapse"] or {}).get("verdict") for card in cards if card["status"] == "ok"]
    judged = [verdict for verdict in verdicts if verdict]
    if not judged:
        return f"{done}; none of those was judged by the collapse detector."
    suspected = sum(verdict not in CALM for verdict in judged)
    signs = f"{suspected} of the {len(judged)}" if suspected else f"none of the {len(judged)}"
    return f"{done}; the collapse detector found signs of failure in {signs} that finished and were judged."


def _compared(tables: Tables) -> str:
    scores = tables.comparison[(tables.comparison["direction"] != "none") & (tables.comparison["kind"] == "variant")]
    parts = []
    for dataset in tables.datasets:
        rows = scores[scores["dataset"] == dataset]
        if len(rows):
            first = rows[rows["metric"] == rows["metric"].iloc[0]]
            parts.append(f"on {dataset}, {_leader(records(first.dropna(subset=['mean'])))}")
    if not parts:
        return "No metric was asked for, so that nothing is compared."
    rest = f"; {len(parts) - MOST} more data sets are in the tables" if len(parts) > MOST else ""
    text = "; ".join(parts[:MOST]) + rest + "."
    return text[0].upper() + text[1:]


def _leader(rows: list[dict[str, Any]]) -> str:
    """The claim about the variant with the best mean. `rows`: of the comparison, for one data set and metric."""
    if not rows:
        return "no finished run has a score"
    way = str(rows[0]["direction"])
    ways = {"higher": lambda row: -row["mean"], "half": lambda row: abs(row["mean"] - 0.5)}
    best, *others = sorted(rows, key=ways.get(way, lambda row: row["mean"]))
    n = int(best["n_scored"])
    interval = "" if pd.isna(best["ci_low"]) else f" [{number(best['ci_low'])}, {number(best['ci_high'])}]"
    words = f"{best['variant']} {WAYS.get(way, 'leads in')} {best['label']}, {number(best['mean'])}{interval} (n={n})"
    if not others:
        return f"{words}, and is the only variant with a score"
    if not interval:
        return f"{words}: one seed of it, which orders nothing"
    near = sum(_overlap(best, other) for other in others)
    if near:
        some = f"{near} of the {plural(len(others), 'other', 'others')}"
        return f"{words}; its interval is not apart from those of {some}, so that no winner can be named"
    lost = "" if n == int(best["n_asked"]) else ", though not all of its seeds are in it"
    return f"{words}; its interval lies apart from those of all others{lost}, which is no test"


def _overlap(best: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two intervals overlap; true if the other variant has no interval (a single seed)."""
    if pd.isna(other["ci_low"]):
        return True
    return bool(other["ci_low"] <= best["ci_high"] and best["ci_low"] <= other["ci_high"])
