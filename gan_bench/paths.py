"""Names of the files in the results folder."""

from pathlib import Path

SETTINGS = "settings.json"
HISTORY = "history.parquet"
GENERATOR = "generator.safetensors"
#: Generators saved during training, and the final discriminator. A run that failed does not have this file.
CHECKPOINTS = "checkpoints.safetensors"
SAMPLES = "samples.png"
PROGRESS = "progress.gif"
STATUS = "status.json"
METRICS = "metrics.json"
COLLAPSE = "collapse.json"
#: State and progress of an unfinished run.
CHECKPOINT = ".checkpoint.safetensors"
PROGRESS_NOTE = ".progress.json"
#: State of a run at the step from which other runs continue it.
STATE = "state.safetensors"
#: Samples of an unfinished run at its latest snapshot.
SAMPLES_SO_FAR = "samples_so_far.png"
#: Files of an unfinished run. They are removed when the run is finished.
UNFINISHED_FILES = (CHECKPOINT, PROGRESS_NOTE, SAMPLES_SO_FAR)

#: Files of a finished run that must be bit-identical between repetitions.
REPEATABLE_FILES = (SETTINGS, HISTORY, GENERATOR, CHECKPOINTS, SAMPLES, PROGRESS)
TRAIN_FILES = (*REPEATABLE_FILES, STATUS)

#: Path of the configuration that `snakemake` uses by default, relative to the folder of the Snakefile.
CONFIG = Path("config/config.yaml")

MANIFEST = "manifest.json"
IMAGES = "images.npy"
LABELS = "labels.npy"
SPLIT = "split.npy"

PLAN = "plan.json"
RUNS_TABLE = "runs.csv"
COMPARISON_TABLE = "comparison.csv"
COLLAPSE_TABLE = "collapse.csv"
HISTORIES_TABLE = "histories.parquet"
MEDIA_TABLE = "media.parquet"
REPORT = "report.html"
#: Folder for the output of `gan-bench explore`, and the name of its document. The folder is in the study's folder, or
#: in the run's folder if the run belongs to no study.
EXPLORE = "explore"
EXPLORED = "explore.json"


def seed_folder(cell_folder: Path | str, seed: int) -> Path:
    """Folder of one run below its cell's folder."""
    return Path(cell_folder) / f"seed{seed}"
