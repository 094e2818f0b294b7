"""Inputs of the cases in golden.json, drawn from NumPy's legacy random stream, which has the same bits everywhere.

For each case, golden.json has the first 16 hex digits of the SHA-256 of both inputs.

The values in golden.json were computed with independent code:

- Fréchet distances by nuclear norms of orthogonal factors (for two cases also with 60 digits);
- 1-NN, precision, recall, density and coverage by full float64 distance matrices;
- kernels by full float64 kernel matrices;
- transport by POT 0.9.7;
- Inception Scores and KID over subsets by torch-fidelity 0.4.0.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


def legacy(seed):
    return np.random.RandomState(seed)


def walk(seed, n, d, scale=1.0, shift=0.0):
    """n samples of d correlated features, float64 (n, d).

    Column j is scale * sum_{i<=j} z_i / sqrt(j+1) + shift, with j counted from 0.
    """
    z = legacy(seed).standard_normal((n, d))
    return scale * (np.cumsum(z, axis=1) / np.sqrt(np.arange(1.0, d + 1.0))) + shift


def _relu():
    real, fake = np.maximum(walk(501, 500, 32, 1.0, 0.2), 0.0), np.maximum(walk(502, 500, 32, 0.9, 0.1), 0.0)
    real[:, 5] = fake[:, 5] = 0.0  # a unit that is always 0 in both sets
    fake[:, 9] = 0.0  # a unit that is always 0 only in the generated set
    return real, fake


def case(name):
    """(real (n, d), fake (m, d)) of a case of golden.json."""
    return {
        "A_small": lambda: (walk(101, 500, 16), walk(102, 500, 16, 0.9, 0.2)),
        "B_medium": lambda: (walk(201, 1000, 64), walk(202, 1000, 64, 1.1, -0.1)),
        "C_unequal": lambda: (walk(301, 700, 32), walk(302, 450, 32, 1.0, 0.3)),
        "D_singular_N_lt_d": lambda: (walk(401, 60, 96), walk(402, 50, 96, 0.8, 0.1)),
        "E_relu_dead_units": _relu,
        "F_integer_ties": lambda: tuple(legacy(s).randint(0, 4, (200, 6)).astype(np.float64) for s in (601, 602)),
        "G_identical": lambda: (walk(701, 300, 16), walk(701, 300, 16)),
        "H_large_mean": lambda: (walk(801, 500, 16, 1.0, 1000.0), walk(802, 500, 16, 0.9, 1000.2)),
        "I_collapsed_fake": lambda: (walk(901, 300, 16), np.repeat(walk(902, 3, 16), 100, axis=0)),
    }[name]()


def fake_logits():
    """Classifier logits (1000, 10): class 3 is nearly absent, class 7 too frequent."""
    logits = 2.0 * legacy(12).standard_normal((1000, 10))
    logits[:, 3] -= 2.0
    logits[:, 7] += 1.0
    return logits


def real_logits():
    """Classifier logits (1000, 10) of the real images."""
    return 3.0 * legacy(11).standard_normal((1000, 10))


def sha256(array):
    """First 16 hex digits of the SHA-256 of an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
