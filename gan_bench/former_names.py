"""Former names of metrics and metric values, which still work in studies, in stored files and on the command line."""

import functools
import sys

#: Former name -> present name. "FID" means the Fréchet distance in one feature space, Inception-v3's pool3, but these
#: metrics work in any feature space.
FORMER = {"fid": "frechet", "fid_infinity": "frechet_infinity"}


def current(name: str) -> str:
    """The present name of a metric or metric value."""
    return FORMER.get(name, name)


def current_aloud(name: str) -> str:
    """Like `current`; the first use of a former name prints a sentence on stderr."""
    if name in FORMER:
        _say(name)
    return current(name)


@functools.cache
def _say(name: str) -> None:
    text = f"metric {name!r} is now called {FORMER[name]!r}: FID is only the Fréchet distance in Inception-v3's pool3."
    print(f"gan-bench: {text}", file=sys.stderr)
