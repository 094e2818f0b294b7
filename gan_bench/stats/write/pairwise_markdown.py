"""Write the pairwise comparisons as Markdown: the separated pairs, and how many pairs have each kind of decision."""

import pandas as pd

from gan_bench.stats.write.markdown import ARROW, between, escape, markdown_table, number
from gan_bench.words import plural

#: Largest number of pairs in a section; pairwise.csv has all pairs.
MOST_ROWS = 40

LEGEND = (
    "A pair is separated if the simultaneous 95 % interval of the difference of the means (Games and Howell 1976) "
    "does not contain 0 and the better variant has at least three seeds and a score of each run. Only separated pairs "
    "are listed. Difference: better minus worse, on the metric's scale. P: probability that a run of the better "
    "variant is better than a run of the worse variant, with its 95 % score interval (Newcombe 2006); lost runs count "
    "as worse than any score. Shift: Hodges-Lehmann estimate of better minus worse, from scored runs only. p: exact "
    "Wilcoxon signed-rank test over shared seeds, or Mann-Whitney test if the seeds differ, with Holm's correction "
    "over the pairs of a data set and metric. Decisions do not use p."
)


def pairwise_markdown(table: pd.DataFrame, study: str) -> str:
    """One section per data set and metric: separated pairs, and counts of all pairs. `table`: pairwise.csv."""
    parts = [f"# {escape(study)}: pairs of variants", LEGEND]
    for (dataset, _), part in table.groupby(["dataset", "metric"], sort=False):
        first = part.iloc[0]
        parts.append(f"## {escape(str(dataset))}: {escape(str(first['label']))} {ARROW[first['direction']]}")
        words = part["decision"].astype(str)
        separated = part[words.str.contains(" better:", regex=False)]
        if len(separated):
            parts.append(_table(separated))
        parts.append(_counts_text(part, words))
    if table.empty:
        parts.append("No two variants were scored by a metric that can rank variants.")
    return "\n\n".join(parts) + "\n"


def _table(part: pd.DataFrame) -> str:
    scale = part["scale"].iloc[0]
    head = "difference" if scale == "identity" else f"difference ({scale} scale)"
    rows = [["better", "worse", head, "P", "shift", "p"]]
    for row in part.head(MOST_ROWS).to_dict("records"):
        swapped = str(row["decision"]).startswith("b")
        better, worse = (row["b"], row["a"]) if swapped else (row["a"], row["b"])
        share = [row["p_improvement"], row["p_low"], row["p_high"]]
        share = [1 - share[0], 1 - share[2], 1 - share[1]] if swapped else share
        shift = -row["shift"] if swapped else row["shift"]
        ends = [row["difference"], row["difference_low"], row["difference_high"]]
        ends = [-ends[0], -ends[2], -ends[1]] if swapped else ends
        difference = "–" if pd.isna(ends[0]) else " ".join(between(*ends))
        probability = f"{share[0]:.2f} [{share[1]:.2f}, {share[2]:.2f}]"
        rows.append(
            [escape(better), escape(worse), difference, probability, number(shift), f"{row['p_holm']:.2g}"],
        )
    n_hidden = len(part) - MOST_ROWS
    return markdown_table(rows, right=range(2, 6)) + (
        f"\n\nAnd {plural(n_hidden, 'more separated pair')} in pairwise.csv." if n_hidden > 0 else ""
    )


def _counts_text(part: pd.DataFrame, words: pd.Series) -> str:
    """Number of pairs for each kind of decision, with at most three reasons why pairs cannot be decided."""
    undecidable = words[words.str.startswith("cannot be decided")]
    kinds = {
        "separated": int(words.str.contains(" better:", regex=False).sum()),
        "not separated": int(words.str.startswith("not separated").sum()),
        "cannot be decided": len(undecidable),
    }
    text = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    reasons = undecidable.str.removeprefix("cannot be decided: ").value_counts(sort=False)
    shown = "; ".join(escape(str(reason)) for reason in list(reasons.index)[:3])
    reason_text = f" {shown[0].upper()}{shown[1:]}." if len(undecidable) else ""
    return (
        f"{plural(len(part), 'pair')}: {text}.{reason_text}{_seeds_text(part[words.str.startswith('not separated')])}"
    )


def _seeds_text(part: pd.DataFrame) -> str:
    """Sentence: how many of the unseparated pairs in `part` more seeds would separate; "" if this is unknown."""
    needed = part["seeds_needed"].dropna()
    if needed.empty:
        return ""
    present = int(part[["n_a", "n_b"]].max().max())
    median = f"{int(needed.median()):,}" if needed.median() > present else f"more than {present}"
    counts = ", ".join(f"{int((needed <= seeds).sum())} with {seeds} seeds" for seeds in (5, 10, 30))
    return (
        f" If the observed differences and spreads are true, 80 % of studies would separate these numbers of the other "
        f"pairs: {counts}. The median pair needs {median} seeds (seeds_needed in pairwise.csv, with its interval)."
    )
