"""Former names of metrics and their values, which may still occur in stored files and command lines."""

import functools
import sys

#: "FID" is the Fréchet distance in one feature space, Inception-v3's pool3. These values can be of any space.
FORMER = {"fid": "frechet", "fid_infinity": "frechet_infinity"}


def current(name: str) -> str:
    """The present name of a metric or value."""
    return FORMER.get(name, name)


def current_aloud(name: str) -> str:
    """As `current`; the first use of a former name prints a sentence on stderr."""
    if name in FORMER:
        _say(name)
    return current(name)


@functools.cache
def _say(name: str) -> None:
    text = f"metric {name!r} is now called {FORMER[name]!r}: FID is the Fréchet distance of Inception-v3's pool3 alone."
    print(f"gan-bench: {text}", file=sys.stderr)
