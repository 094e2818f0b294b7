"""Named random generators: every draw belongs to a run's seed and a purpose."""

import hashlib

import numpy as np

#: The purposes of a run's random draws. The stream of a purpose does not depend on the other streams: drawing more
#: noise does not change the order of the data.
PURPOSES = ("init", "data", "noise", "penalty", "tricks", "fit", "snapshot", "signals", "evaluation", "bootstrap")


def generator(seed: int, purpose: str) -> np.random.Generator:
    """PCG64 generator of `purpose`, keyed by SHA-256 of (seed, purpose).

    Never Python's `hash()`, which differs between processes, and never a global generator.
    Raises ValueError for a purpose that is not declared in `PURPOSES`.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"purpose {purpose!r} is not one of {PURPOSES}")
    key = hashlib.sha256(f"gan-bench:{seed}:{purpose}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(key, "big")))


def generators(seed: int) -> dict[str, np.random.Generator]:
    """One generator for each purpose of a run."""
    return {purpose: generator(seed, purpose) for purpose in PURPOSES}
