"""Write all tables that are computed from a study's raw tables, its run cards and the numbers in config/published."""

from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.files import read_json, write_text
from gan_bench.registry import stem
from gan_bench.stats.collect.plan import read_plan
from gan_bench.stats.collect.run_cards import each_card
from gan_bench.stats.collect.software_differences import RunSoftware, caveat, run_software
from gan_bench.stats.tables.agreement import agreement_table
from gan_bench.stats.tables.axes_table import axes_table
from gan_bench.stats.tables.budget import budget_table
from gan_bench.stats.tables.cell_levels import cell_levels
from gan_bench.stats.tables.comparison import comparison_table, with_best, with_budgets
from gan_bench.stats.tables.failures import failures_table
from gan_bench.stats.tables.friedman_table import friedman_table
from gan_bench.stats.tables.interval_table import interval_parts
from gan_bench.stats.tables.pairwise import pairwise_table
from gan_bench.stats.tables.published_numbers import read_published
from gan_bench.stats.tables.published_table import published_table
from gan_bench.stats.tables.ranks import rankings, ranks_table
from gan_bench.stats.tables.score_matrix import fitted_scales, score_matrices
from gan_bench.stats.tables.search_tables import search_tables
from gan_bench.stats.tables.selection import selection_table
from gan_bench.stats.tables.space_decisions import space_decisions
from gan_bench.stats.tables.verdicts import verdict_counts, verdict_row, verdict_table
from gan_bench.stats.write import names
from gan_bench.stats.write.comparison_latex import COLUMN, comparison_latex
from gan_bench.stats.write.comparison_markdown import comparison_markdown
from gan_bench.stats.write.pairwise_markdown import pairwise_markdown
from gan_bench.stats.write.published_markdown import published_markdown
from gan_bench.stats.write.search_markdown import search_markdown
from gan_bench.stats.write.space_markdown import space_markdown
from gan_bench.stats.write.table_files import read_csv, write_csv, write_csv_parts
from gan_bench.tricks import is_conditional

#: Columns of runs.csv that other tables need.
READ = frozenset(names.RUN_COLUMNS) - {"diverged_step", "note"}


def write_tables(study_folder: Path) -> None:
    """Write all tables that are computed from the raw tables of a study. results/README.md lists them.

    Raises:
        UserError: if a raw table or a document is missing or damaged, if the scores of a metric on one data set have
            several protocols, or if a file of published numbers is not valid.
    """
    tables = Path(study_folder) / names.TABLES
    runs = read_csv(tables / paths.RUNS_TABLE, READ)
    calibration, metrics = (read_csv(tables / name) for name in (names.CALIBRATION_TABLE, names.METRICS_TABLE))
    verdict_rows, software, settings = _read_cards(Path(study_folder) / names.RUN_CARDS)
    datasets = {dataset: stem(cell["dataset"]["name"]) for (dataset, _), cell in settings.items()}
    conditional = {key for key, cell in settings.items() if is_conditional(cell)}
    published_numbers = read_published()
    comparison = comparison_table(runs, calibration, metrics)
    labels = printed_labels(comparison)
    scales = fitted_scales(runs, metrics)
    matrices = list(score_matrices(runs, labels, scales))
    study = str(runs["study"].iloc[0]) if len(runs) else "study"
    pairwise = pairwise_table(matrices)
    comparison = with_budgets(with_best(comparison, matrices), runs, conditional)
    published = published_table(comparison, runs, datasets, published_numbers)
    curves = read_csv(tables / names.CURVES_TABLE)
    # The files validation.csv and spaces.csv of an earlier plan may still exist. If the present plan does not use them,
    # they are neither read nor deleted.
    plan = read_plan(Path(study_folder))
    evaluation = plan["evaluation"]
    aside = evaluation.get("validation") is not None and (tables / names.VALIDATION_TABLE).is_file()
    validation = read_csv(tables / names.VALIDATION_TABLE) if aside else None
    if "search" in plan and validation is not None:
        _write_search(Path(study_folder), plan, runs, validation)
    # Large tables are written and freed one by one, because those of a large study may not fit into memory together.
    write_csv(tables / paths.COMPARISON_TABLE, comparison)
    write_text(tables / names.COMPARISON_MARKDOWN, caveat(software) + comparison_markdown(comparison))
    write_text(tables / names.COMPARISON_TEX, comparison_latex(comparison))
    write_text(tables / names.COMPARISON_COLUMN_TEX, comparison_latex(comparison, COLUMN))
    write_csv(tables / names.PAIRWISE_TABLE, pairwise)
    write_text(tables / names.PAIRWISE_MARKDOWN, pairwise_markdown(pairwise, study))
    if "other_extractors" in evaluation and (tables / names.SPACES_TABLE).is_file():
        decisions = space_decisions(runs, read_csv(tables / names.SPACES_TABLE), metrics, pairwise)
        write_csv(tables / names.SPACE_DECISIONS_TABLE, decisions)
        write_text(tables / names.SPACE_DECISIONS_MARKDOWN, space_markdown(decisions, study))
    write_csv(tables / names.PUBLISHED_TABLE, published)
    write_text(tables / names.PUBLISHED_MARKDOWN, published_markdown(published, study))
    del comparison, pairwise
    verdicts = verdict_table(verdict_rows)
    write_csv(tables / paths.COLLAPSE_TABLE, verdicts)
    write_csv(tables / names.VERDICT_COUNTS_TABLE, verdict_counts(verdicts))
    del verdicts, verdict_rows, software
    write_csv(tables / names.FAILURES_TABLE, failures_table(runs))
    ranked = list(rankings(matrices))
    write_csv(tables / names.RANKS_TABLE, ranks_table(ranked))
    write_csv(tables / names.FRIEDMAN_TABLE, friedman_table(ranked))
    del ranked
    write_csv_parts(tables / names.INTERVALS_TABLE, interval_parts(runs, labels, scales))
    write_csv(tables / names.AXES_TABLE, _rounded(axes_table(runs, labels, cell_levels(settings))))
    write_csv(tables / names.BUDGET_TABLE, _rounded(budget_table(runs, labels)))
    write_csv(tables / names.AGREEMENT_TABLE, agreement_table(runs, labels))
    write_csv(tables / names.SELECTION_TABLE, _rounded(selection_table(matrices, curves, labels, validation)))


def _write_search(study_folder: Path, plan: dict[str, Any], runs: pd.DataFrame, validation: pd.DataFrame) -> None:
    """Write the tables and the text on a study's search of settings."""
    document = read_json(study_folder / plan["search"]["document"])
    searched = search_tables(plan, document, runs, validation)
    tables = study_folder / names.TABLES
    write_csv(tables / names.SEARCH_TRIALS_TABLE, searched["trials"])
    write_csv(tables / names.SEARCH_CURVES_TABLE, _rounded(searched["curves"]))
    write_csv(tables / names.SEARCH_IMPORTANCE_TABLE, _rounded(searched["importance"]))
    write_csv(tables / names.SEARCH_CHOSEN_TABLE, _rounded(searched["chosen"]))
    write_text(tables / names.SEARCH_MARKDOWN, search_markdown(searched, plan))


def _read_cards(file: Path) -> tuple[list[tuple[Any, ...]], list[RunSoftware], dict[tuple[str, str], dict[str, Any]]]:
    """From all cards: rows of `verdict_row`, the software of every run, and (data set, cell) -> settings."""
    verdicts, software = [], []
    settings: dict[tuple[str, str], dict[str, Any]] = {}
    for card in each_card(file):
        verdicts.append(verdict_row(card))
        software.append(run_software(card))
        settings.setdefault((card["dataset"], card["cell"]), card["settings"])
    return verdicts, software, settings


def printed_labels(comparison: pd.DataFrame) -> dict[tuple[Any, Any], str]:
    """(data set, metric) -> printed name, from the rows of variants. The names in rows of real images can differ."""
    rows = comparison[comparison["kind"] == "variant"].drop_duplicates(["dataset", "metric"])
    return dict(zip(zip(rows["dataset"], rows["metric"], strict=True), rows["label"], strict=True))


def _rounded(table: pd.DataFrame, digits: int = 12) -> pd.DataFrame:
    """The table with floats rounded to `digits` significant digits.

    Tables are rounded if their last bits depend on the order of sums in the linear algebra library.
    """
    floats = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].map(lambda value: float(f"{value:.{digits}g}")) for name in floats})
