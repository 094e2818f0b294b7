"""Artificial histories with one clear property each, and FACTS of losses."""

import numpy as np
import pandas as pd

LN4 = 2 * np.log(2)

NON_SATURATING = {"family": "non_saturating", "output": "sigmoid", "equilibrium": {"d_loss": LN4, "g_loss": LN4 / 2}}
MINIMAX = {"family": "minimax", "output": "sigmoid", "equilibrium": {"d_loss": LN4, "g_loss": -LN4 / 2}}
LEAST_SQUARES = {"family": "least_squares", "output": "raw", "equilibrium": {"d_loss": 0.5, "g_loss": 0.25}}
HINGE = {"family": "hinge", "output": "raw", "equilibrium": {"d_loss": 2.0, "g_loss": 0.0}}
WASSERSTEIN = {"family": "wasserstein", "output": "raw", "equilibrium": None}
WITH_LEVEL = (NON_SATURATING, MINIMAX, LEAST_SQUARES, HINGE)


def history(d_loss: np.ndarray, g_loss: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    """A history with 20 steps per row."""
    step = 20 * np.arange(1, len(d_loss) + 1)
    return pd.DataFrame({"step": step, "d_loss": d_loss, "g_loss": g_loss, **columns})


def noise(rows: int, sd: float, seed: int) -> np.ndarray:
    return sd * np.random.Generator(np.random.PCG64(seed)).standard_normal(rows)


def steady(level: float = LN4, rows: int = 200) -> pd.DataFrame:
    """Both losses vary independently about a constant level. No sign of a collapse is present."""
    return history(level + noise(rows, 0.05 * abs(level), 1), level / 2 + noise(rows, 0.05 * abs(level), 2))


def d_won(level: float, rows: int = 200) -> pd.DataFrame:
    """After a third of training, D's loss drops to 2 % of `level` and stays there. G's loss is high and noisy."""
    d_loss = np.where(np.arange(rows) < rows // 3, level, 0.02 * level) * (1 + noise(rows, 0.05, 1))
    return history(d_loss, 5 + noise(rows, 0.5, 2))


def scissors(level: float, rows: int = 200, shift: float = 0.0) -> pd.DataFrame:
    """D's loss falls linearly from `level` to 20 % of `level`, and G's loss triples.

    `shift` is subtracted from D's loss.
    """
    t = np.linspace(0, 1, rows)
    d_loss = level * (1 - 0.8 * t) + noise(rows, 0.01 * level, 1) - shift
    return history(d_loss, 1 + 2 * t + noise(rows, 0.02, 2))


def g_falling(level: float = LN4, rows: int = 200) -> pd.DataFrame:
    """G's loss falls during the whole log; D's loss has no trend."""
    return history(level + noise(rows, 0.05, 1), 3 - 2 * np.linspace(0, 1, rows) + noise(rows, 0.02, 2))


def opposing(level: float = LN4, rows: int = 200) -> pd.DataFrame:
    """G's loss rises when D's loss falls. Both stay in a band without a trend."""
    swing = noise(rows, 0.2, 3)
    return history(level + swing, level / 2 - swing + noise(rows, 0.02, 4))


def flat(rows: int = 200) -> pd.DataFrame:
    """Both losses move during the first tenth of training, and are almost constant afterwards."""
    moves = np.exp(-np.arange(rows) / (rows / 100))
    return history(1 + moves, 2 - moves)


def diverged(rows: int = 200, at: int = 50) -> pd.DataFrame:
    """Losses are NaN from row `at` on."""
    frame = steady(rows=rows)
    frame.loc[at:, ["d_loss", "g_loss"]] = np.nan
    return frame
