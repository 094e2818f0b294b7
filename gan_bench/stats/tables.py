"""The tables of a study that people read: from those that `collect` wrote and config/published, and nothing else."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.files import write_text
from gan_bench.registry import stem
from gan_bench.stats import names
from gan_bench.stats.agreement import agreement_table
from gan_bench.stats.axes_table import axes_table
from gan_bench.stats.budget import budget_table
from gan_bench.stats.comparison import comparison_table, with_support
from gan_bench.stats.failures import failures_table
from gan_bench.stats.friedman_table import friedman_table
from gan_bench.stats.interval_table import interval_table
from gan_bench.stats.latex import comparison_latex
from gan_bench.stats.markdown import comparison_markdown
from gan_bench.stats.mixed import Made, caveat, made_with
from gan_bench.stats.pairwise import pairwise_table
from gan_bench.stats.pairwise_markdown import pairwise_markdown
from gan_bench.stats.published import read_published
from gan_bench.stats.published_table import published_markdown, published_table
from gan_bench.stats.ranks import rankings, ranks_table
from gan_bench.stats.run_cards import each_card
from gan_bench.stats.scores import score_matrices
from gan_bench.stats.selection import selection_table
from gan_bench.stats.table_files import read_csv, write_csv
from gan_bench.stats.verdicts import verdict_counts, verdict_row, verdict_table

#: Tables with sums whose order is the linear algebra library's, and with it their last bits: 12 digits are written.
SUMMED = (names.AXES_TABLE, names.BUDGET_TABLE, names.SELECTION_TABLE)


@dataclass
class Told:
    """What the tables say of the cards of the runs: rows of verdicts, what runs were made with, and the component of
    each data set's label."""

    verdicts: list[tuple[Any, ...]] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    datasets: dict[str, str] = field(default_factory=dict)


def _told(file: Path) -> Told:
    found = Told()
    for card in each_card(file):
        found.verdicts.append(verdict_row(card))
        found.made.append(made_with(card))
        found.datasets[card["dataset"]] = stem(card["settings"]["dataset"]["name"])
    return found


def write_tables(study_folder: Path) -> None:
    """Write every table of a study that is made from its collected ones (results/README.md lists them).

    UserError when the collected tables are absent, hold numbers of more than one protocol for a metric, or a file of
    published numbers is not as it should be.
    """
    tables = Path(study_folder) / names.TABLES
    collected = (paths.RUNS_TABLE, names.CALIBRATION_TABLE, names.METRICS_TABLE)
    runs, calibration, metrics = (read_csv(tables / name) for name in collected)
    told = _told(Path(study_folder) / names.RUN_CARDS)
    aside = read_csv(tables / names.VALIDATION_TABLE) if (tables / names.VALIDATION_TABLE).is_file() else None
    verdicts = verdict_table(told.verdicts)
    plain = comparison_table(runs, calibration, metrics)
    labels = printed_labels(plain)
    scores = list(score_matrices(runs, labels))
    ranked = list(rankings(scores))
    pairwise = pairwise_table(scores)
    comparison = with_support(plain, pairwise)
    published = published_table(comparison, runs, told.datasets, read_published())
    study = str(runs["study"].iloc[0]) if len(runs) else "study"
    made = {
        paths.COMPARISON_TABLE: comparison,
        names.INTERVALS_TABLE: interval_table(runs, labels),
        names.FAILURES_TABLE: failures_table(runs),
        names.RANKS_TABLE: ranks_table(ranked),
        names.FRIEDMAN_TABLE: friedman_table(ranked),
        names.PAIRWISE_TABLE: pairwise,
        names.AXES_TABLE: axes_table(runs, labels),
        names.BUDGET_TABLE: budget_table(runs, labels),
        names.AGREEMENT_TABLE: agreement_table(runs, labels),
        names.SELECTION_TABLE: selection_table(scores, read_csv(tables / names.CURVES_TABLE), labels, aside),
        names.PUBLISHED_TABLE: published,
        paths.COLLAPSE_TABLE: verdicts,
        names.VERDICT_COUNTS_TABLE: verdict_counts(verdicts),
    }
    texts = {
        names.COMPARISON_MARKDOWN: caveat(told.made) + comparison_markdown(comparison),
        names.COMPARISON_TEX: comparison_latex(comparison),
        names.PAIRWISE_MARKDOWN: pairwise_markdown(pairwise, study),
        names.PUBLISHED_MARKDOWN: published_markdown(published, study),
    }
    for name, table in made.items():
        write_csv(tables / name, _rounded(table) if name in SUMMED else table)
    for name, text in texts.items():
        write_text(tables / name, text)


def printed_labels(comparison: pd.DataFrame) -> dict[tuple[Any, Any], str]:
    """(data set, metric) -> the metric's printed name, that of the variants where the floor has one of its own."""
    rows = comparison[comparison["kind"] == "variant"].drop_duplicates(["dataset", "metric"])
    return dict(zip(zip(rows["dataset"], rows["metric"], strict=True), rows["label"], strict=True))


def _rounded(table: pd.DataFrame, digits: int = 12) -> pd.DataFrame:
    """The table with its floats to so many significant digits."""
    floats = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].map(lambda value: float(f"{value:.{digits}g}")) for name in floats})
