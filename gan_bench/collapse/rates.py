"""How often each sign was right on a labelled corpus, read from sign_rates.json.

`benchmarks/collapse_signs.py` writes the file from 508 labelled training runs.
"""

import functools
from pathlib import Path
from typing import Any

from gan_bench.files import read_json

RATES_FILE = Path(__file__).with_name("sign_rates.json")


@functools.cache
def all_rates() -> dict[str, Any]:
    """The content of sign_rates.json: "corpus", "signs" (name -> "pooled", "families", "held_out") and "recovery"."""
    rates: dict[str, Any] = read_json(RATES_FILE)
    return rates


def sign_rate(sign: str, family: str) -> dict[str, Any]:
    """Rates of one sign.

    Returns:
        "pooled": rates over the main corpus, which does not contain the data sets of "held_out".
        "family": rates over the runs of this loss family in the main corpus; None if there are none.
        "held_out": data set -> {"right", "fired"}, for the two data sets that were not used to choose a threshold.
    """
    rates = all_rates()["signs"][sign]
    held_out = {name: {key: rate[key] for key in ("right", "fired")} for name, rate in rates["held_out"].items()}
    return {"pooled": rates["pooled"], "family": rates["families"].get(family), "held_out": held_out}


def recovery(seen: float) -> dict[str, Any]:
    """How many corpus runs that had collapsed early in training were healthy at its end.

    Returns: "at", the share of training nearest to `seen` (0.25, 0.5 or 0.75); "n", the number of runs that had
    collapsed by then; and how many of these runs were "collapsed" and "healthy" at the end.
    """
    table: dict[str, dict[str, int]] = all_rates()["recovery"]
    at = min(table, key=lambda share: abs(float(share) - seen))
    return {"at": float(at), **table[at]}
