"""Write the comparison as LaTeX tables (booktabs) that a paper can include."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gan_bench.stats.write.comparison_markdown import rows_of, selective_metrics
from gan_bench.stats.write.markdown import estimate, grouped, number

Row = Mapping[Any, Any]

#: Number of metrics in one table.
METRICS_A_TABLE = 4

ARROW = {"lower": r"$\downarrow$", "higher": r"$\uparrow$", "half": r"$\to \frac{1}{2}$"}

#: Columns of the comparison that a row of a table shows.
SHOWN = ("centre", "ci_low", "ci_high", "top", "n_scored", "n_asked", "n_diverged", "n_collapsed", "remark")

HEAD = r"""% Written by gan-bench tables; needs \usepackage{booktabs}.
% Value: mean over seeds on the metric's scale, its 95 % Student t interval, (seeds in the mean / seeds asked).
% Bold: cannot be excluded as the best of its column (simultaneous 95 % intervals of Games and Howell);
% one bold number is a winner, and a column without one excludes no variant."""

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "·": r"$\cdot$",
    "∞": r"$\infty$",
    "²": r"$^2$",
    "–": "--",
}


def comparison_latex(table: pd.DataFrame) -> str:
    """A table environment, with its protocol, per data set and METRICS_A_TABLE metrics that have a better side."""
    parts = [HEAD]
    scores = table[table["direction"] != "none"]
    for dataset, part in scores.groupby("dataset", sort=False):
        metrics = list(dict.fromkeys(part["metric"]))
        for start in range(0, len(metrics), METRICS_A_TABLE):
            group = metrics[start : start + METRICS_A_TABLE]
            parts.append(_table(str(dataset), part[part["metric"].isin(group)], group))
    if len(parts) == 1:
        parts.append("% No metric with a better side was asked for.")
    return "\n\n".join(parts) + "\n"


def _table(dataset: str, part: pd.DataFrame, metrics: list[str]) -> str:
    by_metric = part.drop_duplicates("metric").set_index("metric")
    head = [f"{latex(by_metric['label'][m])} {ARROW[by_metric['direction'][m]]}" for m in metrics]
    study, remarks = latex(str(part["study"].iloc[0])), " ".join([*_protocols(part), *_remarks(part)])
    columns = "l" + "r" * (len(metrics) + 2)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{study}, {latex(dataset)}. {remarks}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(["variant", *head, "diverged", "collapsed"]) + r" \\",
        r"\midrule",
    ]
    floor, variants = part[part["kind"] == "floor"], part[part["kind"] == "variant"]
    bold = selective_metrics(part)
    lines += [*_rows(floor, metrics, bold), r"\midrule"] if len(floor) else []
    return "\n".join([*lines, *_rows(variants, metrics, bold), r"\bottomrule", r"\end{tabular}", r"\end{table}"])


def _rows(part: pd.DataFrame, metrics: list[str], bold: set[str]) -> Iterator[str]:
    for by_metric in rows_of(part, ("variant", "cell"), SHOWN):
        first = next(iter(by_metric.values()))
        cells = [_cell(by_metric.get(metric), bold=metric in bold) for metric in metrics]
        counts = [_count(first, "n_diverged"), _count(first, "n_collapsed")]
        name = latex(str(first["variant"]))
        yield " & ".join([rf"\emph{{{name}}}" if pd.isna(first["n_asked"]) else name, *cells, *counts]) + r" \\"


def _count(row: Any, name: str) -> str:
    return "--" if pd.isna(row[name]) or pd.isna(row["n_asked"]) else f"{int(row[name])}/{int(row['n_asked'])}"


def _cell(row: Row | None, *, bold: bool) -> str:
    if row is None or pd.isna(row["centre"]):
        return "--" if row is None or pd.isna(row["n_asked"]) else f"-- (0/{int(row['n_asked'])})"
    centre, interval = (re.sub(r"e([+-]\d+)", r"\\mathrm{e}{\1}", text) for text in estimate(row))
    if bold and pd.notna(row["top"]) and row["top"]:
        centre = rf"\mathbf{{{centre}}}"
    value = f"${centre}$ {interval}" if interval == "constant" else f"${' '.join(filter(None, (centre, interval)))}$"
    return value if pd.isna(row["n_asked"]) else f"{value} ({int(row['n_scored'])}/{int(row['n_asked'])})"


def _protocols(part: pd.DataFrame) -> list[str]:
    """One sentence per protocol; with several protocols each sentence names its metrics."""
    rows = part[part["kind"] == "variant"].drop_duplicates("metric").to_dict("records")
    groups = grouped((latex(row["label"]), _protocol(row)) for row in rows)
    if len(groups) == 1:
        return list(groups)
    return [f"{', '.join(names)}: {text}" for text, names in groups.items()]


def _remarks(part: pd.DataFrame) -> Iterator[str]:
    """One sentence per remark, with the variants that have it."""
    rows = part.drop_duplicates("variant").dropna(subset=["remark"])
    for remark, group in rows.groupby("remark", sort=False):
        yield f"{', '.join(map(latex, group['variant']))}: {latex(str(remark))}."


def _protocol(row: Row) -> str:
    if pd.isna(row["n_real"]) and pd.isna(row["estimator"]):
        return "No run was scored."
    if pd.isna(row["extractor"]):
        return f"No feature space; {latex(str(row['estimator']))}."
    return (
        f"{number(row['n_real'])} real images ({latex(str(row['split']))} split) against {number(row['n_fake'])} "
        f"generated, features: {latex(str(row['extractor']))}."
    )


def latex(text: str) -> str:
    """Text with LaTeX's special characters escaped and runs of white space as one space."""
    return " ".join("".join(_SPECIAL.get(character, character) for character in text).split())
