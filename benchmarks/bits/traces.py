"""Digests of the results of single operations, and of those in fitting a feature space, a training step and scoring.

Fitting, training and scoring are parts. A dispatch mode records the first MOST_ROWS operations of a part that return a
tensor on the CPU, in order, with the digests of their results. The first operation that differs between two traces is
the cause of the difference.
"""

import tempfile
from pathlib import Path
from typing import Any

import torch
from operations import digest, operations
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import open_data, prepare
from gan_bench.features.reference import open_reference, prepare_reference
from gan_bench.metrics.evaluate import evaluate_run
from gan_bench.train.run import train_run

Rows = list[list[str]]

#: The study of `make portable`, whose runs are traced; and the number of generator steps of each traced run.
STUDY = Path(__file__).resolve().parent / "portable.yaml"
STEPS = 1
#: Largest number of operations that are recorded of one part. Fitting a classifier takes many thousands.
MOST_ROWS = 1500


class Trace(TorchDispatchMode):
    """Records the operations of PyTorch on the CPU: rows (operation, digest of its results), at most `most`."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.rows: Rows = []
        self.most = most

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        values = result if isinstance(result, tuple | list) else (result,)
        tensors = [value for value in values if isinstance(value, torch.Tensor)]
        if self.most is not None and len(self.rows) >= self.most:
            return result
        tensors = [tensor for tensor in tensors if tensor.device.type == "cpu"]
        if tensors and "empty" not in str(func):  # fresh memory has no defined content
            with _disable_current_modes():
                self.rows.append([str(func), digest(tensors)])
        return result


def single_operations() -> dict[str, Rows]:
    """{"operations": rows}: a row (name, digest of the result) for each operation of operations.py."""
    torch.set_num_threads(1)
    return {"operations": [[name, digest(operation())] for name, operation in operations().items()]}


def traces() -> dict[str, Rows]:
    """Part -> rows, under the caps of this process.

    The parts are "features of <data set>", "train <variant>" and "score <variant>". The rows of scoring end with the
    digests of the metric values.
    """
    table: dict[str, Rows] = {}
    document = expand(load_study(str(STUDY))).to_json()
    with tempfile.TemporaryDirectory() as name:
        for label, dataset in document["datasets"].items():
            folder = Path(name) / label
            prepare(dataset["ref"], folder)
            extractor = document["evaluation"]["extractor"][label]
            with Trace(MOST_ROWS) as fitting:
                prepare_reference(folder, extractor, folder / "features", threads=1)
            table[f"features of {label}"] = fitting.rows
            for cell in (cell for cell in document["cells"] if cell["dataset"] == label):
                table |= _trace_run(cell, folder, document["evaluation"]["metrics"])
    return table


def _trace_run(cell: dict[str, Any], data: Path, metrics: list[dict[str, Any]]) -> dict[str, Rows]:
    run = {**cell["settings"], "seed": 0, "budget": {"g_steps": STEPS}, "snapshots": 2, "log_points": 2}
    out, label = data / cell["id"], cell["variant"]
    with Trace(MOST_ROWS) as training:
        train_run(run, open_data(data), out)
    with Trace(MOST_ROWS) as scoring:
        rows = evaluate_run(out, open_reference(data / "features"), metrics, "test", None, 0)["metrics"]
    values = [[f"value of {row['name']}", digest(row["value"])] for row in rows]
    return {f"train {label}": training.rows, f"score {label}": scoring.rows + values}
