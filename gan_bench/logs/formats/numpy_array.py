"""NumPy arrays: .npz with named arrays, .npy with named fields or with two or three columns, or one .npy for each loss.

The columns of an array without names are read as (d_loss, g_loss) or (step, d_loss, g_loss), and a note says so. From
an .npz, only the arrays of the greatest length are read.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.errors import UserError
from gan_bench.logs.log import Table
from gan_bench.logs.names import meaning
from gan_bench.logs.source import Source

NAME = ".npy, .npz"


def score(source: Source) -> float:
    zipped = source.suffix == ".npz" and source.head.startswith(b"PK")
    return 1.0 if source.head.startswith(b"\x93NUMPY") or zipped or source.suffix in (".npy", ".npz") else 0.0


def read(source: Source) -> Table:
    array = _load(source.path)
    if isinstance(array, dict):
        vectors = {name: values.ravel() for name, values in array.items() if values.dtype.kind in "fiu"}
        length = max((len(values) for values in vectors.values()), default=0)
        return Table({n: v for n, v in vectors.items() if len(v) == length}, "NumPy archive")
    if array.dtype.names:
        return Table({name: array[name].ravel() for name in array.dtype.names}, "NumPy array with named fields")
    if array.dtype.kind not in "fiu":
        raise UserError(f"{source.path}: the array does not hold numbers but {array.dtype}.")
    array = array.squeeze()
    if array.ndim == 1:
        return _with_partner(source.path, array)
    if array.ndim == 2 and min(array.shape) in (2, 3):
        rows = array if array.shape[1] == min(array.shape) else array.T
        names = ("d_loss", "g_loss") if rows.shape[1] == 2 else ("step", "d_loss", "g_loss")
        note = f"The array has no names: its columns were read as {', '.join(names)}, in this order."
        return Table(dict(zip(names, rows.T, strict=True)), "NumPy array", notes=(note,))
    raise UserError(f"{source.path}: an array of shape {array.shape}; valid: two or three columns, or named fields.")


def _load(path: Path) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            with loaded:
                return {name: loaded[name] for name in loaded.files}
        return loaded
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: not a readable NumPy file: {error}") from None


def _with_partner(path: Path, values: np.ndarray) -> Table:
    """The loss in this file, and the loss of the other network from another .npy file in the folder, if there is one.

    The other file must name the same pair of networks and have an array of the same shape.
    """
    role, columns = meaning(path.stem).role, {path.stem: values}
    for other in sorted(path.parent.glob("*.npy")):
        says = meaning(other.stem)
        if other != path and says.kind == "loss" and says.role != role and says.pair == meaning(path.stem).pair:
            partner = _load(other)
            if partner.squeeze().shape == values.shape and partner.dtype.kind in "fiu":
                columns[other.stem] = partner.squeeze()
    return Table(columns, f"NumPy arrays {' and '.join(columns)}")
