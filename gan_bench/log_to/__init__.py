"""Writes the curves of runs for other tools, if a study sets `log_to`. Each format is one file of this folder.

A format defines three names. EXTRA is the optional dependency (extra) of gan-bench that installs the packages of the
format, or None. MODULE is the Python module that the format needs, or None. Writer is a class:

    Writer(target)                      writes to RESULTS/STUDY/FORMAT/DATASET/CELL/seedN; replaces earlier files there
    .add(step, values, time)            values by name (gan_bench.log_to.tags); `time` in seconds since 1970
    .picture(step, image, time)         uint8 (H,W) or (H,W,3)
    .flush(), .close()

Results do not depend on these files: the files only repeat the history, the scores and the pictures of a run.
"""

import importlib
import importlib.util
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError

FORMATS = tuple(sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py")))

#: Column of a history -> its usual name in TensorBoard and W&B. Any other column gets "signals/" before its name.
NAMES = {
    "d_loss": "loss/D",
    "g_loss": "loss/G",
    "d_loss_real": "loss/D_real",
    "d_loss_fake": "loss/D_fake",
    "d_real": "D(x)",
    "d_fake": "D(G(z))",
    "d_step": "progress/d_step",
    "images": "progress/images",
}


def tags(row: Mapping[str, float]) -> dict[str, float]:
    """Name for other tools (see NAMES) -> value, for one row of a history. The step and NaN are left out."""
    values = {name: float(value) for name, value in row.items() if name != "step"}
    return {NAMES.get(name, f"signals/{name}"): value for name, value in values.items() if not math.isnan(value)}


def target(study_folder: Path, form: str, dataset: str, cell: str, seed: int) -> Path:
    """Path of the curves of a run, without a suffix."""
    return study_folder / form / dataset / cell / f"seed{seed}"


def open_writer(form: str, path: Path) -> Any:
    """A Writer of a format."""
    return importlib.import_module(f"gan_bench.log_to.{form}").Writer(path)


def require(forms: tuple[str, ...]) -> None:
    """UserError if a package that a format needs is not installed."""
    for form in forms:
        module = importlib.import_module(f"gan_bench.log_to.{form}")
        if module.MODULE is not None and importlib.util.find_spec(module.MODULE) is None:
            raise UserError(
                f"log_to: {form} needs the package {module.MODULE}, which is not installed: "
                f"pip install 'gan-bench[{module.EXTRA}]', or take {form} out of the study."
            )
