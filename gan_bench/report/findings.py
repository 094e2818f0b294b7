"""Sentences that sum up a study. They claim no more than the intervals in the tables support."""

from typing import Any

import pandas as pd

from gan_bench.metrics import badness
from gan_bench.report.asked import LABELS
from gan_bench.report.judged import CALM, NOT_JUDGED
from gan_bench.report.tables_input import Tables
from gan_bench.report.undertrained import undertrained
from gan_bench.stats.estimate.games_howell import LEAST
from gan_bench.stats.estimate.games_howell import MOST as MOST_SEEDS
from gan_bench.stats.write.markdown import estimate
from gan_bench.stats.write.names import STATUSES
from gan_bench.words import plural

#: Largest number of data sets that a sentence lists by name.
MOST = 3
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WAYS = {"lower": "has the lowest mean", "higher": "has the highest mean", "half": "is nearest to one half in the mean"}


def findings(tables: Tables) -> list[str]:
    """Sentences on the plan, on the outcomes of the runs, and on variants that still improved when training ended."""
    return [_asked(tables), _outcomes(tables), *undertrained(tables)]


def _asked(tables: Tables) -> str:
    variants = len({cell.variant for cell in tables.cells})
    runs = sum(len(cell.seeds) for cell in tables.cells)
    metrics = list(dict.fromkeys(tables.metrics.loc[tables.metrics["direction"] != "none", "label"]))
    scored = f", scored by {plural(len(metrics), 'metric')}" if metrics else ", without any score"
    counts = {name: len({cell.variant for cell in tables.cells_of(name)}) for name in tables.datasets}
    if len(set(counts.values())) > 1 and len(counts) <= MOST:
        what = f"{plural(variants, 'variant')} ({', '.join(f'{n} on {name}' for name, n in counts.items())})"
    else:
        what = f"{plural(variants, 'variant')} on {_listed(tables.datasets)}"
    return f"Planned: {plural(runs, 'run')} of {what}{scored}. Brackets hold 95 % intervals."


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
    judged = [verdict for verdict in verdicts if verdict not in (None, NOT_JUDGED)]
    if not judged:
        return f"{done}; the collapse detector judged none of the finished runs."
    suspected = sum(verdict not in CALM for verdict in judged)
    signs = str(suspected) if suspected else "none"
    return f"{done}; the collapse detector judged {len(judged)} of these and found signs of failure in {signs}."


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the comparison by one metric, sorted by mean, best first."""
    return sorted(rows, key=lambda row: badness(float(row["centre"]), str(row["direction"])))


def leader_sentence(tables: Tables, rows: list[dict[str, Any]]) -> str:
    """Up to three sentences on the leading variant, which is the first of `rows`.

    `rows` are sorted, best first. If there are none, the sentence says that no finished run has a score.
    """
    return f"{_leader(tables, rows)}."


def _leader(tables: Tables, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "No finished run has a score"
    best, *others = rows
    way = str(best["direction"])
    n, planned = int(best["n_scored"]), int(best["n_asked"])
    counted = f"n={n}" if n == planned else f"n={n} of {planned}"
    score, label = " ".join(filter(None, estimate(best))), tables.short_label(str(best["label"]))
    words = f"{best['variant']} {WAYS.get(way, 'leads in')} {label}, {score} ({counted})"
    if not others:
        return f"{words}, and is the only variant with a score"
    if pd.notna(best["best"]) and best["best"]:
        return f"{words}; it is better than {'the other' if len(others) == 1 else f'all {len(others)} others'}"
    if max(row["n_scored"] for row in rows) < LEAST:
        return f"{words}; below {in_number(LEAST)} seeds no winner is named"
    near = [row for row in others if pd.notna(row["top"]) and row["top"]]
    overlap = f"{in_number(len(near))} {'other overlaps' if len(near) == 1 else 'others overlap'} it"
    if n < planned:
        return f"{words}; {overlap}. A variant with a run missing from its mean is not named as the winner"
    most = int(max(row["n_scored"] for row in [best, *near]))
    words = f"{words}; {overlap}. {in_number(most).capitalize()} seeds are too few to name a winner"
    return words + _enough(tables, best, near, most)


def _enough(tables: Tables, best: dict[str, Any], near: list[dict[str, Any]], most: int) -> str:
    """Text on the number of seeds per variant that would separate the best variant from the variants in `near`.

    `near` are the variants whose intervals overlap that of the best variant. The text is appended to a sentence that
    has no full stop yet. It is "" if there is no estimate, or if the estimate is not larger than `most`, the largest
    number of scored runs per variant.
    """
    pairs = tables.wanted("pairwise")
    if pairs.empty:
        return ""
    names = {row["variant"] for row in near}
    of_best = (pairs["a"] == best["variant"]) & pairs["b"].isin(names)
    of_best |= (pairs["b"] == best["variant"]) & pairs["a"].isin(names)
    same = (pairs["dataset"] == best["dataset"]) & (pairs["metric"] == best["metric"])
    needed = pairs[of_best & same].dropna(subset=["seeds_needed"])
    if needed.empty:
        return ""
    count, low, high = (
        int(needed.loc[needed["seeds_needed"].idxmax(), name]) for name in ("seeds_needed", "seeds_low", "seeds_high")
    )
    if count <= most:
        return ""
    if count >= MOST_SEEDS:
        return f", and {MOST_SEEDS:,} would be too few as well"
    end = f"{MOST_SEEDS:,} or more" if high >= MOST_SEEDS else f"{high:,}"
    enough = f"About {count:,} seeds per variant ({low:,} to {end}) would separate them"
    return f". {enough}, if difference and spread stay as observed"


def in_number(count: int) -> str:
    """A whole number: in words up to twelve, in digits above."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
