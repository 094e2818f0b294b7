"""For each data set: which variant leads, by how much, and how strong the evidence is."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.asked import budget
from gan_bench.report.compared import MINUS
from gan_bench.report.figures._scores import best_first
from gan_bench.report.findings import leader_sentence, ordered
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.estimate.games_howell import MOST as MOST_SEEDS
from gan_bench.stats.write.markdown import between, estimate, number
from gan_bench.words import plural

#: Largest number of variants that are compared with the leader on the page; pairwise.csv has all.
ROWS = 10
#: Up to this many unequal budgets are listed on a card. If there are more, the card gives only their number.
MOST_BUDGETS = 3
#: A ratio is printed without decimals if it and the lower end of its interval are at least LARGE. A ratio above FAR is
#: printed as "over 100", a ratio below 1 / FAR as "under 0.01".
LARGE, FAR = 10, 100


@dataclass(frozen=True)
class Difference:
    """Score of a variant relative to the leader's: `value`, such as "1.20 times"; `interval`, "[0.93, 1.61]" or ""."""

    value: str
    interval: str


NO_DIFFERENCE = Difference("", "")


#: Strength of the evidence -> answer to the card's question "Can I trust it?".
ANSWERS = {
    "strong": "Yes: the intervals name one winner.",
    "weak": "In part: some variants are shown to be worse than the leader, but no winner is named.",
    "none": "No: the intervals exclude no variant as the best.",
}


@dataclass(frozen=True)
class Leader:
    """The card of a data set. `evidence`: none, weak or strong.

    `rows`: (variant, difference from the leader, decision, seeds needed) for the variants with the smallest
    differences. `explained`: shares of the variance of the scores that the axes of the grid (such as loss and
    optimizer) explain, or "". `real_images`: score of real images, or "".
    """

    dataset: str
    name: str
    metric: str
    runner_up: str
    difference: Difference
    evidence: str
    sentence: str
    seeds: str
    budget: str
    explained: str
    real_images: str
    rows: list[tuple[str, Difference, str, str]]
    disagreements: list[str]

    @property
    def headline(self) -> str:
        """Name of the winner; "No clear winner" if no variant is shown to be the best."""
        return self.name if self.evidence == "strong" or not self.metric else "No clear winner"

    @property
    def answer(self) -> str:
        return ANSWERS[self.evidence]


def leaders(tables: Tables) -> list[Leader]:
    """The card of each data set, in the plan's order."""
    return [_leader(tables, dataset) for dataset in tables.datasets]


def _leader(tables: Tables, dataset: str) -> Leader:
    scores = tables.comparison[(tables.comparison["dataset"] == dataset) & (tables.comparison["direction"] != "none")]
    variants = scores[scores["kind"] == "variant"]
    first = variants[variants["metric"] == variants["metric"].iloc[0]] if len(variants) else variants
    rows = ordered(records(first.dropna(subset=["centre"])))
    pairs = _pairs(tables, rows[0]) if rows else []
    seeds = sorted({len(cell.seeds) for cell in tables.cells_of(dataset)})
    budgets = Counter(budget(cell.settings) for cell in tables.cells_of(dataset))
    return Leader(
        dataset=dataset,
        name=str(rows[0]["variant"]) if rows else "no variant has a score",
        metric=tables.short_label(str(rows[0]["label"])) if rows else "",
        runner_up=pairs[0][0] if pairs else "",
        difference=pairs[0][1] if pairs else NO_DIFFERENCE,
        evidence=_evidence(rows),
        sentence=leader_sentence(tables, rows),
        seeds=f"{' or '.join(map(str, seeds))} per variant",
        budget=_budget(budgets),
        explained=_explained(tables, rows[0]) if rows else "",
        real_images=_of_real_images(scores, rows[0]) if rows else "",
        rows=pairs[:ROWS],
        disagreements=_disagreements(tables, dataset, variants),
    )


def _budget(counts: Mapping[str, int]) -> str:
    """The budgets in words. `counts`: budget -> number of variants. Up to MOST_BUDGETS unequal budgets are listed."""
    if len(counts) == 1:
        return f"the same for all: {next(iter(counts))}"
    if len(counts) > MOST_BUDGETS:
        return f"not equal: {len(counts)} budgets"
    return "not equal: " + "; ".join(f"{text} ({plural(n, 'variant')})" for text, n in counts.items())


def _explained(tables: Tables, leader: Mapping[str, Any]) -> str:
    """Sources of the variance of the scores with their shares, largest first.

    A source is an axis of the grid, such as the loss. It can also be an interaction of axes, or the residual. Shares
    are known only for the largest complete part of the grid, in which each combination of settings is a cell. The text
    is "" if fewer than two axes vary, or if this part has at most half of the cells.
    """
    table = tables.wanted("axes")
    if table.empty:
        return ""
    same = (table["dataset"] == leader["dataset"]) & (table["metric"] == leader["metric"])
    part = table[same & (table["response"] == "values") & table["eta_sq"].notna()]
    cells = len(tables.cells_of(str(leader["dataset"])))
    if (part["kind"] == "axis").sum() < 2 or 2 * part["n_cells"].max() <= cells:
        return ""
    shown = part[part["kind"].isin(["axis", "interaction", "residual"])].sort_values("eta_sq", ascending=False)
    shares = ", ".join(f"{row['axis']} {100 * row['eta_sq']:.0f} %" for row in records(shown))
    counts = f"{int(part['n_runs'].max())} runs of {int(part['n_cells'].max())} variants"
    counts += "" if part["n_cells"].max() == cells else ", the largest complete part of the grid"
    gloss = ". An optimizer counts with its settings, such as the learning rate" if "optimizer" in shares else ""
    return f"{shares} of the variance of its scores ({counts}){gloss}"


def _of_real_images(scores: pd.DataFrame, leader: Mapping[str, Any]) -> str:
    """Score of real images by the leader's metric, rounded as in the table of scores; "" if they have no score."""
    real = scores[(scores["kind"] == "floor") & (scores["metric"] == leader["metric"])].dropna(subset=["centre"])
    return estimate(records(real)[0])[0] if len(real) else ""


def _evidence(rows: list[dict[str, Any]]) -> str:
    """Strength of the evidence in the intervals.

    "strong": one variant is shown to be the best. "weak": some variants are shown not to be the best. "none": every
    variant may be the best.
    """
    if rows and pd.notna(rows[0]["best"]) and rows[0]["best"]:
        return "strong"
    excluded = [row for row in rows if pd.notna(row["top"]) and not row["top"]]
    return "weak" if excluded else "none"


def _pairs(tables: Tables, leader: dict[str, Any]) -> list[tuple[str, Difference, str, str]]:
    """Comparisons of the leader with each of the other variants, the smallest difference first."""
    table = tables.wanted("pairwise")
    if table.empty:
        return []
    name = leader["variant"]
    same = (table["dataset"] == leader["dataset"]) & (table["metric"] == leader["metric"])
    rows = records(table[same & ((table["a"] == name) | (table["b"] == name))])
    rows = [row for row in rows if pd.notna(row["difference"])]
    rows.sort(key=lambda row: abs(row["difference"]))
    return [
        (
            str(row["b"] if row["a"] == name else row["a"]),
            _difference(row, flip=row["b"] == name),
            "worse" if " better:" in str(row["decision"]) else "undecided",
            "" if " better:" in str(row["decision"]) else _needed(row),
        )
        for row in rows
    ]


def _difference(row: dict[str, Any], *, flip: bool) -> Difference:
    """Score of the variant relative to the leader's.

    It is a difference for a metric on the identity scale, a ratio on the log scale, and a ratio of odds on the logit
    scale. `row` has the difference of its variants a and b. `flip`: whether the leader is b.
    """
    sign = 1.0 if flip else -1.0
    low, high = sorted(sign * float(row[name]) for name in ("difference_low", "difference_high"))
    value = sign * float(row["difference"])
    if row["scale"] == "identity":
        texts = (number(float(f"{value:.2g}")), "") if math.isnan(low) else between(value, low, high)
        return Difference(*(text.replace("-", MINUS) for text in texts))
    value, low, high = (math.exp(min(max(x, -300.0), 300.0)) for x in (value, low, high))
    # All ratios in a column have two decimals, except large ones, where decimals carry no information.
    decimals = 0 if min(value, low) >= LARGE else 2
    interval = "" if math.isnan(low) else f"[{_ratio(low, decimals)}, {_ratio(high, decimals)}]"
    return Difference(f"{_ratio(value, decimals)} {'times' if row['scale'] == 'log' else 'times the odds'}", interval)


def _ratio(value: float, decimals: int) -> str:
    """A ratio in plain digits; "over 100" above FAR, "under 0.01" below 1 / FAR."""
    if value > FAR:
        return f"over {FAR}"
    return f"{value:.{decimals}f}" if value >= 1 / FAR else f"under {1 / FAR}"


def _needed(row: dict[str, Any]) -> str:
    """Estimated number of seeds that would separate the two variants of a row; "" if it is unknown.

    The study's own number of seeds did not separate them. If the estimate is not larger than this number, the text
    says only that more seeds are needed, such as "more than 5".
    """
    if pd.isna(row["seeds_needed"]):
        return ""
    count, present = int(row["seeds_needed"]), int(max(row["n_a"], row["n_b"]))
    if count <= present:
        return f"more than {present}"
    return f"at least {MOST_SEEDS:,}" if count >= MOST_SEEDS else f"about {count:,}"


def _disagreements(tables: Tables, dataset: str, variants: pd.DataFrame) -> list[str]:
    """Sentences on the leader by each metric, and on pairs of metrics that rank the variants in opposite orders."""
    names = dict(zip(variants["cell"], variants["variant"], strict=True))
    leaders_by: dict[str, list[str]] = {}
    for _, part in variants.dropna(subset=["centre"]).groupby("metric", sort=False):
        first = best_first(part)[0]
        # If several variants share the best mean, the metric has no leader.
        if (part["centre"] == part.loc[part["cell"] == first, "centre"].iloc[0]).sum() == 1:
            leaders_by.setdefault(names[first], []).append(tables.short_label(str(part["label"].iloc[0])))
    sentences = []
    if len(leaders_by) > 1:
        parts = [f"{name} ({'; '.join(labels)})" for name, labels in leaders_by.items()]
        sentences.append(f"The best variant depends on the metric: {', '.join(parts)}.")
    elif leaders_by:
        sentences.append(f"{next(iter(leaders_by))} is the best by every metric on which the variants differ.")
    table = tables.wanted("agreement")
    if len(table):
        opposite = table[(table["dataset"] == dataset) & (table["kendall_high"] < 0)]
        short = tables.short_label
        pairs = [f"{short(row['label_a'])} and {short(row['label_b'])}" for row in records(opposite)]
        if pairs:
            sentences.append(f"These pairs of metrics rank the variants in opposite orders: {'; '.join(pairs)}.")
    return sentences
