"""Write the comparison as LaTeX tables (booktabs) that a paper can include."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.stats.write.comparison_markdown import rows_of, selective_metrics
from gan_bench.stats.write.markdown import estimate, grouped, number, with_decimals

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Layout:
    """Sizes of the printed tables. Lengths are in points.

    Attributes:
        width: width of the text.
        letter: average width of a letter in `size`.
        gap: space between two columns of a table.
        names: largest width of the names of variants; longer names are broken into lines.
        size: name of the LaTeX command that sets the font size.
        suffix: end of each table's label.
    """

    width: float
    letter: float
    gap: float
    names: float
    size: str
    suffix: str


#: PAGE fits a page of LaTeX's article class. COLUMN fits a column of a two-column paper. Its width is 234 pt, the
#: smallest column width among ACM (241 pt), IEEE (252 pt) and ICML (234 pt).
PAGE = Layout(345.0, 4.25, 6.0, 100.0, "footnotesize", "")
COLUMN = Layout(234.0, 3.5, 4.0, 90.0, "scriptsize", "-column")

ARROW = {"lower": r"$\downarrow$", "higher": r"$\uparrow$", "half": r"$\to \frac{1}{2}$"}

#: Columns of the comparison that are needed for a row of a LaTeX table.
SHOWN = ("centre", "ci_low", "ci_high", "top", "n_scored", "n_asked", "n_diverged", "n_collapsed", "remark", "decimals")

HEAD = r"""% Written by gan-bench job tables; needs \usepackage{{booktabs}}.
% Each table fits a text width of {width:.0f} pt in \{size}."""

#: Sentences of every caption.
LEGEND = (
    r"Mean over seeds on the metric's scale and its 95\,\% Student t interval; (k/n): only k of n seeds have a score."
    " "
    r"Bold: not excluded as the best of its column (simultaneous 95\,\% intervals of Games and Howell)."
)

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


def comparison_latex(table: pd.DataFrame, layout: Layout = PAGE) -> str:
    """LaTeX tables of the metrics that can rank variants.

    The caption of a table states the protocol. A table has as many metrics as fit into the width of the text, at least
    one.
    """
    parts = [HEAD.format(width=layout.width, size=layout.size)]
    scores = with_decimals(table[table["direction"] != "none"])
    for dataset, part in scores.groupby("dataset", sort=False):
        for place, metrics in enumerate(_groups(part, layout), start=1):
            rows = part[part["metric"].isin(metrics)]
            parts.append(_table(str(dataset), rows, metrics, place, layout))
    if len(parts) == 1:
        parts.append("% The plan has no metric that can rank variants.")
    return "\n\n".join(parts) + "\n"


def _groups(part: pd.DataFrame, layout: Layout) -> Iterator[list[str]]:
    """Groups of metrics whose columns fit side by side into the width of the text. A group has at least one metric."""
    names = [len(name) * layout.letter for name in short_names(list(part["variant"].unique())).values()]
    counts = sum(len(head) * layout.letter + layout.gap for head, _ in _counted(part))
    room = layout.width - min(layout.names, max(names)) - layout.gap - counts
    group: list[str] = []
    left = room
    for metric, rows in part.groupby("metric", sort=False):
        cells = [re.sub(r"[$\\{}]|mathbf", "", _cell(row, bold=False)) for row in rows.to_dict("records")]
        width = layout.letter * max(map(len, [*cells, *_head(rows.iloc[0])])) + layout.gap
        if group and width > left:
            yield group
            group, left = [], room
        group.append(str(metric))
        left -= width
    if group:
        yield group


def short_names(variants: list[str]) -> dict[str, str]:
    """Variant -> its name without the parts that all names have in common. " · " separates the parts of a name.

    If a short name would be empty, no name is shortened.
    """
    parts = {variant: variant.split(" · ") for variant in variants}
    shared = set.intersection(*map(set, parts.values())) if len(parts) > 1 else set()
    short = {variant: " · ".join(part for part in names if part not in shared) for variant, names in parts.items()}
    return short if all(short.values()) else {variant: variant for variant in variants}


def _head(row: Any) -> list[str]:
    """Lines of a column's heading: the metric's name without its feature space, which is in the caption."""
    return re.sub(r" \([^()]*\)$", "", str(row["label"])).split(" ")


def _counted(part: pd.DataFrame) -> list[tuple[str, str]]:
    """(heading, column of the comparison) for "diverged" and for "collapsed", each only if a run has this outcome."""
    columns = [("diverged", "n_diverged"), ("collapsed", "n_collapsed")]
    return [(head, name) for head, name in columns if part[name].fillna(0).sum()]


def _table(dataset: str, part: pd.DataFrame, metrics: list[str], place: int, layout: Layout) -> str:
    by_metric = part.drop_duplicates("metric").set_index("metric")
    heads = [[latex(word) for word in _head(by_metric.loc[m])] for m in metrics]
    arrows = [ARROW[by_metric["direction"][m]] for m in metrics]
    stacked = [
        r"\shortstack[r]{" + r" \\ ".join(words) + f" {arrow}}}" for words, arrow in zip(heads, arrows, strict=True)
    ]
    counted = _counted(part)
    study, remarks = latex(str(part["study"].iloc[0])), " ".join([LEGEND, *_protocols(part), *_remarks(part)])
    names = short_names([str(name) for name in part.loc[part["kind"] == "variant", "variant"].unique()])
    longest = max(map(len, [*names.values(), ""])) * layout.letter
    first = "l" if longest <= layout.names else f"p{{{layout.names:.0f}pt}}"
    # A column of fixed width breaks long names; \raggedright avoids stretched spaces.
    names = {name: ("" if first == "l" else r"\raggedright ") + latex(short) for name, short in names.items()}
    label = re.sub(r"\W+", "-", f"{part['study'].iloc[0]}-{dataset}-{place}")
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{study}, {latex(dataset)}. {remarks}}}",
        rf"\label{{tab:{label}{layout.suffix}}}",
        rf"\{layout.size}\setlength{{\tabcolsep}}{{{layout.gap / 2:.0f}pt}}",
        rf"\begin{{tabular}}{{@{{}}{first}{'r' * (len(metrics) + len(counted))}@{{}}}}",
        r"\toprule",
        " & ".join(["variant", *stacked, *(head for head, _ in counted)]) + r" \\",
        r"\midrule",
    ]
    floor, variants = part[part["kind"] == "floor"], part[part["kind"] == "variant"]
    bold = selective_metrics(part)
    lines += [*_rows(floor, metrics, bold, counted, names), r"\midrule"] if len(floor) else []
    lines += _rows(variants, metrics, bold, counted, names)
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"])


def _rows(
    part: pd.DataFrame, metrics: list[str], bold: set[str], counted: list[tuple[str, str]], names: Mapping[str, str]
) -> Iterator[str]:
    for by_metric in rows_of(part, ("variant", "cell"), SHOWN):
        first = next(iter(by_metric.values()))
        cells = [_cell(by_metric.get(metric), bold=metric in bold) for metric in metrics]
        counts = [_count(first, column) for _, column in counted]
        name = names.get(str(first["variant"])) or latex(str(first["variant"]))
        yield " & ".join([rf"\emph{{{name}}}" if pd.isna(first["n_asked"]) else name, *cells, *counts]) + r" \\"


def _count(row: Any, name: str) -> str:
    return "--" if pd.isna(row[name]) or pd.isna(row["n_asked"]) else f"{int(row[name])}/{int(row['n_asked'])}"


def _cell(row: Row | None, *, bold: bool) -> str:
    if row is None or pd.isna(row["centre"]):
        return "--" if row is None or pd.isna(row["n_asked"]) else f"-- (0/{int(row['n_asked'])})"
    centre, interval = (re.sub(r"e([+-]\d+)", r"\\mathrm{e}{\1}", text) for text in estimate(row))
    if bold and pd.notna(row["top"]) and row["top"]:
        centre = rf"\mathbf{{{centre}}}"
    joined = r"\ ".join(filter(None, (centre, interval)))
    value = f"${centre}$ {interval}" if interval == "constant" else f"${joined}$"
    whole = pd.isna(row["n_asked"]) or row["n_scored"] == row["n_asked"]
    return value if whole else f"{value} ({int(row['n_scored'])}/{int(row['n_asked'])})"


def _protocols(part: pd.DataFrame) -> list[str]:
    """One sentence per protocol. If there are several protocols, each sentence names the metrics of its protocol."""
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
    """Text with LaTeX's special characters escaped, and with one space in place of any white space."""
    return " ".join("".join(_SPECIAL.get(character, character) for character in text).split())
