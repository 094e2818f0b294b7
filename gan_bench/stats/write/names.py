"""File names of a study's tables (further names are in `gan_bench.paths`), and names of columns and values."""

#: Folder of the tables in a study's folder.
TABLES = "tables"

#: One row for each metric value of the plan: its label, whether higher or lower is better, and its range, unit,
#: estimator and scale.
METRICS_TABLE = "metrics.csv"
#: The floor, a reference for all scores: real images are scored in place of generated images, with the same numbers of
#: images. No generator should score better.
CALIBRATION_TABLE = "calibration.csv"
#: Settings, status.json and collapse.json of every planned run. The file contains times and library versions, and its
#: bytes are therefore not reproducible. For this reason it is not in the folder of the tables.
RUN_CARDS = "run_cards.json"
#: Metric values of the generators that runs kept during training.
CURVES_TABLE = "curves.csv"
COMPARISON_MARKDOWN = "comparison.md"
COMPARISON_TEX = "comparison.tex"
COMPARISON_COLUMN_TEX = "comparison_column.tex"
#: Mean, median and interquartile mean of each cell (one variant on one data set), with several intervals over seeds.
INTERVALS_TABLE = "intervals.csv"
#: Shares of the runs of each cell that diverged, collapsed or were lost.
FAILURES_TABLE = "failures.csv"
#: Mean ranks of the variants, and Friedman's test for differences between them.
RANKS_TABLE = "ranks.csv"
FRIEDMAN_TABLE = "friedman.csv"
#: Decisions, tests and effect sizes of every pair of variants.
PAIRWISE_TABLE = "pairwise.csv"
PAIRWISE_MARKDOWN = "pairwise.md"
#: Share of a score's variance that each axis of the grid explains.
AXES_TABLE = "axes.csv"
#: Expected best score by number of runs.
BUDGET_TABLE = "budget.csv"
#: Rank correlations of every pair of metrics.
AGREEMENT_TABLE = "agreement.csv"
#: Optimism of a choice: by how much a score is too good if it was used to choose the variant or the step. If the study
#: has validation images, the best score is also compared with the score of the variant or step that these images
#: choose.
SELECTION_TABLE = "selection.csv"
#: Scores against the validation images, for studies that set some aside.
VALIDATION_TABLE = "validation.csv"
#: For studies with several extractors: scores in the additional feature spaces, and the decision on each pair of
#: variants in each space.
SPACES_TABLE = "spaces.csv"
SPACE_DECISIONS_TABLE = "space_decisions.csv"
SPACE_DECISIONS_MARKDOWN = "space_decisions.md"
#: PNG of the first test images of each image data set (training images if there are too few test images).
REAL_IMAGES_TABLE = "real_images.parquet"
#: Sentences on problems of each data set. The file is absent if the data were not on disk.
DATA_REMARKS = "data_remarks.json"
#: Published numbers beside the study's own numbers.
PUBLISHED_TABLE = "published.csv"
PUBLISHED_MARKDOWN = "published.md"
#: A search of settings: its trials, the expected best score by number of trials, the importance of each setting, and
#: the chosen settings with the optimism of their choice. search.md contains all of this except the trials.
SEARCH_TRIALS_TABLE = "search_trials.csv"
SEARCH_CURVES_TABLE = "search_curves.csv"
SEARCH_IMPORTANCE_TABLE = "search_importance.csv"
SEARCH_CHOSEN_TABLE = "search_chosen.csv"
SEARCH_MARKDOWN = "search.md"
#: Number of runs with each verdict of the collapse detector, per cell.
VERDICT_COUNTS_TABLE = "collapse_counts.csv"

#: Outcomes of a planned run. "missing": the run has no status file.
STATUSES = ("ok", "diverged", "failed", "timeout", "missing")

#: Outcomes of lost runs. A lost run counts as worse than any score. A missing run is not lost: its outcome is unknown.
LOST = ("diverged", "failed", "timeout")
#: Verdicts by which a run counts as collapsed.
COLLAPSED = ("collapse_suspected", "mode_hopping_suspected", "collapse_confirmed")

#: Used instead of the name of a data set in rows that combine all data sets.
ALL_DATASETS = "all data sets"

#: Name of the row of the floor in the tables.
FLOOR = "real images"

#: Columns of runs.csv.
RUN_COLUMNS = (
    *("study", "dataset", "cell", "variant", "method", "model", "loss", "penalty", "tricks", "g_optimizer"),
    *("d_optimizer", "seed", "status", "diverged_step", "verdict", "metric", "value", "direction", "n_real", "n_fake"),
    *("extractor", "split", "estimator", "note", "g_steps", "d_steps", "images"),
)

#: Columns of whole numbers, which may have missing values.
WHOLE = ("seed", "diverged_step", "n_real", "n_fake", "g_steps", "d_steps", "images")

#: Columns that are read as text, even if the text looks like a number.
WORDS = (
    *("study", "dataset", "cell", "variant", "method", "model", "loss", "penalty", "tricks", "g_optimizer"),
    *("d_optimizer", "status", "failures", "a", "b", "axis", "group", "cliques", "decision", "differences", "source"),
    *("verdict", "metric", "label", "direction", "extractor", "split", "estimator", "note", "unit", "p_method"),
)
