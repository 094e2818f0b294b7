"""Reads files of labels and class probabilities that belong to images or features."""

import numpy as np

from gan_bench.errors import UserError
from gan_bench.metrics.inputs.load import Points, Source, load_array


def read_labels(path: Source | None, real: Points) -> np.ndarray | None:
    if path is None:
        return None
    labels = load_array(path)
    if labels.shape != (len(real),) or not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        raise UserError(f"{path}: {labels.shape} {labels.dtype}; labels are ({len(real)},) integers, 0 or more.")
    return labels.astype(np.int64)


def read_log_probs(path: Source | None, fake: Points) -> np.ndarray | None:
    if path is None:
        return None
    probs = load_array(path)
    if probs.ndim != 2 or len(probs) != len(fake) or not np.issubdtype(probs.dtype, np.floating) or probs.shape[1] < 2:
        raise UserError(
            f"{path}: {probs.shape} {probs.dtype}; probabilities are ({len(fake)}, k) floats with k of 2 or more."
        )
    wide = probs.astype(np.float64)
    if not ((wide >= 0).all() and (np.abs(wide.sum(axis=1) - 1) < 1e-3).all()):
        raise UserError(f"{path}: rows must be probabilities: not negative, no NaN, sum 1 within 0.001.")
    with np.errstate(divide="ignore"):  # log 0 is -inf, which the metrics can read
        return np.log(wide / wide.sum(axis=1, keepdims=True))


def one_hot_log_probs(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels as log-probabilities: 0 for the label, -inf for the other classes."""
    if labels.max() >= classes:
        raise UserError(
            f"the largest of --real-labels is {labels.max()}, but --fake-probs has {classes} columns (classes 0 to "
            f"{classes - 1})."
        )
    log_probs = np.full((len(labels), classes), -np.inf)
    log_probs[np.arange(len(labels)), labels] = 0.0
    return log_probs
