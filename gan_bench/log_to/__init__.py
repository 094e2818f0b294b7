"""Writes the curves of runs for other tools, if a study sets `log_to`. Each format is one file of this folder.

A format defines EXTRA (the extra of this package that it needs, or None), MODULE (the module that must be importable,
or None) and a class Writer:

    Writer(target)                      writes to RESULTS/STUDY/FORMAT/DATASET/CELL/seedN; replaces earlier files there
    .add(step, values, time)            values by name (gan_bench.log_to.tags); `time` in seconds since 1970
    .picture(step, image, time)         uint8 (H,W) or (H,W,3)
    .flush(), .close()

Results do not depend on these files. They only repeat the history, the scores and the pictures of a run.
"""

import importlib
import importlib.util
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError

FORMATS = tuple(sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py")))

#: Column of a history -> its usual name in TensorBoard and W&B. The names of other columns begin with "signals/".
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
    """The values of a history row by name, without the step and without NaN."""
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
