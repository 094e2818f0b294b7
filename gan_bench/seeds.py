"""Random generators by seed and purpose. Each purpose, such as the order of the data, has its own random stream."""

import hashlib

import numpy as np

#: The purposes of a run's random draws. The streams are independent: drawing more noise does not change the order of
#: the data.
PURPOSES = ("init", "data", "noise", "penalty", "tricks", "fit", "snapshot", "signals", "evaluation", "bootstrap")


def generator(seed: int, purpose: str) -> np.random.Generator:
    """PCG64 generator for a purpose, seeded with the SHA-256 of seed and purpose.

    Python's `hash()` is not used, because it differs between processes.
    Raises ValueError for a purpose that is not in `PURPOSES`.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"purpose {purpose!r} is not one of {PURPOSES}")
    key = hashlib.sha256(f"gan-bench:{seed}:{purpose}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(key, "big")))


def generators(seed: int) -> dict[str, np.random.Generator]:
    """One generator for each purpose of a run."""
    return {purpose: generator(seed, purpose) for purpose in PURPOSES}
