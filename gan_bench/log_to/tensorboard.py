"""A TensorBoard folder for each run, with the scalars of the run and pictures of generated samples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXTRA = "tensorboard"
MODULE = "tensorboard"
#: Part of the name of every event file.
MARK = "tfevents"


class Writer:
    """Writes one event file with torch's SummaryWriter; event files of an earlier writer are removed."""

    def __init__(self, path: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        for file in path.glob(f"*{MARK}*"):
            file.unlink()
        self.events = SummaryWriter(str(path))

    def add(self, step: int, values: Mapping[str, float], time: float) -> None:
        for name, value in values.items():
            self.events.add_scalar(name, value, step, walltime=time)

    def picture(self, step: int, image: Any, time: float) -> None:
        layout = "HW" if image.ndim == 2 else "HWC"
        self.events.add_image("samples", image, step, walltime=time, dataformats=layout)

    def flush(self) -> None:
        self.events.flush()

    def close(self) -> None:
        self.events.close()
