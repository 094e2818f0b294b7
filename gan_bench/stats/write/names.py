"""Names and columns of the tables that stand beside those in `gan_bench.paths`."""

#: Folder of the tables below a study's folder.
TABLES = "tables"

#: One row per metric value of the plan: what it is called, which way is better, its range.
METRICS_TABLE = "metrics.csv"
#: Real images scored like generated ones, at the same counts: the best that a generator could reach.
CALIBRATION_TABLE = "calibration.csv"
#: Settings, status and verdict document of every asked run. It holds times and library versions, so it stands in the
#: study's folder and not among the tables, whose bytes repeat.
RUN_CARDS = "run_cards.json"
#: Metric values of the generators that runs kept on their way.
CURVES_TABLE = "curves.csv"
COMPARISON_MARKDOWN = "comparison.md"
COMPARISON_TEX = "comparison.tex"
#: Mean, median and interquartile mean of each cell with every interval over its seeds.
INTERVALS_TABLE = "intervals.csv"
#: How often the runs of a cell diverged, collapsed or were lost.
FAILURES_TABLE = "failures.csv"
#: Mean ranks of the variants, and the test whether they differ.
RANKS_TABLE = "ranks.csv"
FRIEDMAN_TABLE = "friedman.csv"
#: Every two variants against each other.
PAIRWISE_TABLE = "pairwise.csv"
PAIRWISE_MARKDOWN = "pairwise.md"
#: How much of a score's variance each axis of the grid explains.
AXES_TABLE = "axes.csv"
#: The best score to expect from so many runs.
BUDGET_TABLE = "budget.csv"
#: How far two metrics put the same runs in the same order.
AGREEMENT_TABLE = "agreement.csv"
#: What choosing by the reported numbers flatters.
SELECTION_TABLE = "selection.csv"
#: Scores against the images that a study sets aside for choices; only of a study that does.
VALIDATION_TABLE = "validation.csv"
#: Published numbers beside the study's.
PUBLISHED_TABLE = "published.csv"
PUBLISHED_MARKDOWN = "published.md"
#: Verdicts counted per cell.
VERDICT_COUNTS_TABLE = "collapse_counts.csv"

#: What can become of a run. "missing" is a run that was asked for and left no status.
STATUSES = ("ok", "diverged", "failed", "timeout", "missing")

#: A run that ended without a result, which counts as worse than any score. A missing run is not known to have.
LOST = ("diverged", "failed", "timeout")
#: Verdicts that say of a run that its generator collapsed.
COLLAPSED = ("collapse_suspected", "mode_hopping_suspected", "collapse_confirmed")

#: In place of a data set's name: all of them together.
ALL_DATASETS = "all data sets"

#: Name of the calibration row.
FLOOR = "real (train)"

RUN_COLUMNS = (
    "study",
    "dataset",
    "cell",
    "variant",
    "method",
    "model",
    "loss",
    "penalty",
    "tricks",
    "g_optimizer",
    "d_optimizer",
    "seed",
    "status",
    "diverged_step",
    "verdict",
    "metric",
    "value",
    "direction",
    "n_real",
    "n_fake",
    "extractor",
    "split",
    "estimator",
    "note",
    "g_steps",
    "d_steps",
    "images",
)

#: Columns that hold whole numbers, some of them missing.
WHOLE = ("seed", "diverged_step", "n_real", "n_fake", "g_steps", "d_steps", "images")

#: Columns that hold words, also where the words look like numbers.
WORDS = (
    *("study", "dataset", "cell", "variant", "method", "model", "loss", "penalty", "tricks", "g_optimizer"),
    *("d_optimizer", "status", "failures", "a", "b", "axis", "group", "cliques", "decision", "differences", "source"),
    *("verdict", "metric", "label", "direction", "extractor", "split", "estimator", "note", "unit"),
)
