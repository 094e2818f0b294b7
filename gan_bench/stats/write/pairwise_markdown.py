"""The pairwise comparisons as a page that people read: who is better than whom, and where that cannot be said."""

import pandas as pd

from gan_bench.stats.write.markdown import ARROW, escape, number

#: Pairs that a section lists; the table pairwise.csv has them all.
MOST_ROWS = 40

LEGEND = (
    "P: probability that a run of the first variant is better than one of the second, with its 95 % score interval "
    "(Newcombe 2006); lost runs are worse than any score. Shift: Hodges-Lehmann difference, first less second, scored "
    "runs alone. p: exact Wilcoxon signed-rank test over the seeds that both have, Mann-Whitney where seeds differ; "
    "after Holm's correction over the pairs of a data set and metric. Only pairs that are separated are listed."
)


def pairwise_markdown(table: pd.DataFrame, study: str) -> str:
    """A section per data set and metric: the pairs that are separated, and how many are not or cannot be."""
    parts = [f"# {escape(study)}: every two variants", LEGEND]
    for (dataset, _), part in table.groupby(["dataset", "metric"], sort=False):
        first = part.iloc[0]
        parts.append(f"## {escape(str(dataset))}: {escape(str(first['label']))} {ARROW[first['direction']]}")
        words = part["decision"].astype(str)
        separated = part[words.str.contains(" better:", regex=False)]
        if len(separated):
            parts.append(_table(separated))
        parts.append(_counted(part, words))
    if table.empty:
        parts.append("No two variants were scored by a metric with a better side.")
    return "\n\n".join(parts) + "\n"


def _table(part: pd.DataFrame) -> str:
    lines = ["| better | worse | P | shift | p |", "| --- | --- | ---: | ---: | ---: |"]
    for row in part.head(MOST_ROWS).to_dict("records"):
        swapped = str(row["decision"]).startswith("b")
        better, worse = (row["b"], row["a"]) if swapped else (row["a"], row["b"])
        share = [row["p_improvement"], row["p_low"], row["p_high"]]
        share = [1 - share[0], 1 - share[2], 1 - share[1]] if swapped else share
        shift = -row["shift"] if swapped else row["shift"]
        lines.append(
            f"| {escape(better)} | {escape(worse)} | {share[0]:.2f} [{share[1]:.2f}, {share[2]:.2f}] | {number(shift)} "
            f"| {row['p_holm']:.2g} |"
        )
    more = len(part) - MOST_ROWS
    return "\n".join(lines) + (f"\n\nAnd {more} more separated pairs in pairwise.csv." if more > 0 else "")


def _counted(part: pd.DataFrame, words: pd.Series) -> str:
    """How many pairs are of each kind, with the reason where nothing can be decided."""
    open_ = words[words.str.startswith("cannot be decided")]
    kinds = {
        "separated": int(words.str.contains(" better:", regex=False).sum()),
        "not separated": int(words.str.startswith("not separated").sum()),
        "cannot be decided": len(open_),
    }
    text = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    reasons = open_.str.removeprefix("cannot be decided: ").value_counts(sort=False)
    shown = "; ".join(escape(str(reason)) for reason in list(reasons.index)[:3])
    return f"{len(part)} pairs: {text}." + (f" {shown[0].upper()}{shown[1:]}." if len(open_) else "")
