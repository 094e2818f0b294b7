"""Write the decisions on pairs of variants by feature space as Markdown.

The text shows in how many feature spaces each pair is decided, and whether its order differs between spaces.
"""

import pandas as pd

from gan_bench.stats.write.markdown import ARROW, escape, markdown_table
from gan_bench.words import plural

#: Largest number of pairs in a section; space_decisions.csv has all pairs.
MOST_ROWS = 40

LEGEND = (
    "The same samples are scored in several feature spaces, and in each space every pair of variants is compared by "
    "the rule of pairwise.csv. A difference in only one space may be an effect of that space. The number of spaces in "
    "which a pair is decided shows an uncertainty that intervals over seeds do not include."
)


def space_markdown(table: pd.DataFrame, study: str) -> str:
    """One section per data set and metric: the pairs that are decided in at least one space, or whose order changes.

    `table`: the table space_decisions.csv.
    """
    parts = [f"# {escape(study)}: order of two variants by feature space", LEGEND]
    for (dataset, _), part in table.groupby(["dataset", "metric"], sort=False):
        first = part.iloc[0]
        parts.append(f"## {escape(str(dataset))}: {escape(str(first['label']))} {ARROW[first['direction']]}")
        parts.append(counts_text(part))
        shown = part[(part["n_a_better"] + part["n_b_better"] > 0) | part["order_changes"]]
        if len(shown):
            rows = shown.head(MOST_ROWS)[["a", "b", "decision", "spaces"]].astype(str).to_numpy().tolist()
            parts.append(markdown_table([["a", "b", "decision", "by space"], *(map(escape, row) for row in rows)]))
        if len(shown) > MOST_ROWS:
            parts.append(f"And {plural(len(shown) - MOST_ROWS, 'more pair')} in space_decisions.csv.")
    if table.empty:
        parts.append("No two variants were scored by a metric that can rank variants.")
    return "\n\n".join(parts) + "\n"


def counts_text(part: pd.DataFrame) -> str:
    """Sentences: in how many spaces the pairs are decided, and how many pairs change their order between spaces."""
    k, pairs = int(part["n_spaces"].max()), len(part)
    decided = part["n_a_better"] + part["n_b_better"]
    both = (part["n_a_better"] > 0) & (part["n_b_better"] > 0)
    counts = [f"{int(((decided == m) & ~both).sum())} decided in {m} of {k} spaces" for m in range(k, -1, -1)]
    text = f"{pairs} pair{'s' * (pairs != 1)}: {', '.join(text for text in counts if not text.startswith('0 '))}"
    text += f"; {int(both.sum())} decided in opposite ways" if both.any() else ""
    return f"{text}. The order of the means differs between spaces in {int(part['order_changes'].sum())}."
