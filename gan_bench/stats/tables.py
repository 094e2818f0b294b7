"""The tables of a study that people read, from those that `collect` wrote; nothing else is opened."""

from pathlib import Path

from gan_bench import paths
from gan_bench.files import read_json, write_text
from gan_bench.stats.comparison import comparison_table
from gan_bench.stats.markdown import comparison_markdown
from gan_bench.stats.names import (
    CALIBRATION_TABLE,
    COMPARISON_MARKDOWN,
    METRICS_TABLE,
    RUN_CARDS,
    TABLES,
    VERDICT_COUNTS_TABLE,
)
from gan_bench.stats.table_files import read_csv, write_csv
from gan_bench.stats.verdicts import verdict_counts, verdict_table


def write_tables(study_folder: Path) -> None:
    """Write tables/comparison.csv, comparison.md, collapse.csv and collapse_counts.csv of a study.

    UserError when the collected tables are absent, or hold numbers of more than one protocol for a metric.
    """
    tables = Path(study_folder) / TABLES
    comparison = comparison_table(
        *(read_csv(tables / name) for name in (paths.RUNS_TABLE, CALIBRATION_TABLE, METRICS_TABLE))
    )
    verdicts = verdict_table(read_json(Path(study_folder) / RUN_CARDS))
    write_csv(tables / paths.COMPARISON_TABLE, comparison)
    write_text(tables / COMPARISON_MARKDOWN, comparison_markdown(comparison))
    write_csv(tables / paths.COLLAPSE_TABLE, verdicts)
    write_csv(tables / VERDICT_COUNTS_TABLE, verdict_counts(verdicts))
