"""The tables of a study that people read: from those that `collect` wrote and config/published, and nothing else."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.files import write_text
from gan_bench.registry import stem
from gan_bench.stats.collect.run_cards import each_card
from gan_bench.stats.collect.software_differences import Made, caveat, made_with
from gan_bench.stats.tables.agreement import agreement_table
from gan_bench.stats.tables.axes_table import axes_table
from gan_bench.stats.tables.budget import budget_table
from gan_bench.stats.tables.comparison import comparison_table, with_support
from gan_bench.stats.tables.failures import failures_table
from gan_bench.stats.tables.friedman_table import friedman_table
from gan_bench.stats.tables.interval_table import interval_parts
from gan_bench.stats.tables.pairwise import pairwise_table
from gan_bench.stats.tables.published_numbers import read_published
from gan_bench.stats.tables.published_table import published_markdown, published_table
from gan_bench.stats.tables.ranks import rankings, ranks_table
from gan_bench.stats.tables.score_matrix import Scores, score_matrices
from gan_bench.stats.tables.selection import selection_table
from gan_bench.stats.tables.verdicts import verdict_counts, verdict_row, verdict_table
from gan_bench.stats.write import names
from gan_bench.stats.write.comparison_latex import comparison_latex
from gan_bench.stats.write.markdown import comparison_markdown
from gan_bench.stats.write.pairwise_markdown import pairwise_markdown
from gan_bench.stats.write.table_files import read_csv, write_csv, write_csv_parts

#: Columns of the table of runs that others are made of.
READ = frozenset(names.RUN_COLUMNS) - {"diverged_step", "note", "g_steps", "d_steps"}


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
    runs = read_csv(tables / paths.RUNS_TABLE, READ)
    calibration, metrics = (read_csv(tables / name) for name in (names.CALIBRATION_TABLE, names.METRICS_TABLE))
    told, numbers = _told(Path(study_folder) / names.RUN_CARDS), read_published()
    plain = comparison_table(runs, calibration, metrics)
    labels = printed_labels(plain)
    scores = list(score_matrices(runs, labels))
    study = str(runs["study"].iloc[0]) if len(runs) else "study"
    pairwise = pairwise_table(scores)
    comparison = with_support(plain, pairwise)
    published = published_table(comparison, runs, told.datasets, numbers)
    curves = read_csv(tables / names.CURVES_TABLE)
    aside = read_csv(tables / names.VALIDATION_TABLE) if (tables / names.VALIDATION_TABLE).is_file() else None
    # Each is written before the next is made: all of a large study at once would not fit into memory.
    write_csv(tables / paths.COMPARISON_TABLE, comparison)
    write_text(tables / names.COMPARISON_MARKDOWN, caveat(told.made) + comparison_markdown(comparison))
    write_text(tables / names.COMPARISON_TEX, comparison_latex(comparison))
    write_csv(tables / names.PAIRWISE_TABLE, pairwise)
    write_text(tables / names.PAIRWISE_MARKDOWN, pairwise_markdown(pairwise, study))
    write_csv(tables / names.PUBLISHED_TABLE, published)
    write_text(tables / names.PUBLISHED_MARKDOWN, published_markdown(published, study))
    del plain, comparison, pairwise
    verdicts = verdict_table(told.verdicts)
    write_csv(tables / paths.COLLAPSE_TABLE, verdicts)
    write_csv(tables / names.VERDICT_COUNTS_TABLE, verdict_counts(verdicts))
    del verdicts, told
    write_csv(tables / names.FAILURES_TABLE, failures_table(runs))
    _write_ranks(tables, scores)
    write_csv_parts(tables / names.INTERVALS_TABLE, interval_parts(runs, labels))
    write_csv(tables / names.AXES_TABLE, _rounded(axes_table(runs, labels)))
    write_csv(tables / names.BUDGET_TABLE, _rounded(budget_table(runs, labels)))
    write_csv(tables / names.AGREEMENT_TABLE, agreement_table(runs, labels))
    write_csv(tables / names.SELECTION_TABLE, _rounded(selection_table(scores, curves, labels, aside)))


def _write_ranks(tables: Path, scores: list[Scores]) -> None:
    ranked = list(rankings(scores))
    write_csv(tables / names.RANKS_TABLE, ranks_table(ranked))
    write_csv(tables / names.FRIEDMAN_TABLE, friedman_table(ranked))


def printed_labels(comparison: pd.DataFrame) -> dict[tuple[Any, Any], str]:
    """(data set, metric) -> the metric's printed name, that of the variants where the floor has one of its own."""
    rows = comparison[comparison["kind"] == "variant"].drop_duplicates(["dataset", "metric"])
    return dict(zip(zip(rows["dataset"], rows["metric"], strict=True), rows["label"], strict=True))


def _rounded(table: pd.DataFrame, digits: int = 12) -> pd.DataFrame:
    """The table with its floats to so many significant digits.

    For those with sums whose order is the linear algebra library's, and with it their last bits.
    """
    floats = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].map(lambda value: float(f"{value:.{digits}g}")) for name in floats})
