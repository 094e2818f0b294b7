"""Every file name under the results folder, once."""

from pathlib import Path

SETTINGS = "settings.json"
HISTORY = "history.parquet"
GENERATOR = "generator.safetensors"
#: Generators kept on the way, and the final discriminator beside them; without any in most runs.
CHECKPOINTS = "checkpoints.safetensors"
SAMPLES = "samples.png"
PROGRESS = "progress.gif"
STATUS = "status.json"
METRICS = "metrics.json"
COLLAPSE = "collapse.json"
#: State of a run on its way, and how far it is.
CHECKPOINT = ".checkpoint.safetensors"
PROGRESS_NOTE = ".progress.json"

#: What training leaves in a run's folder; the first six must be bit-identical between repetitions.
REPEATABLE_FILES = (SETTINGS, HISTORY, GENERATOR, CHECKPOINTS, SAMPLES, PROGRESS)
TRAIN_FILES = (*REPEATABLE_FILES, STATUS)

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


def seed_folder(cell_folder: Path | str, seed: int) -> Path:
    """Folder of one run below its cell's folder."""
    return Path(cell_folder) / f"seed{seed}"
