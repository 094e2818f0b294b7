"""How often each sign was right on a labelled corpus: read from sign_rates.json, never computed here.

The file is written by `benchmarks/collapse_signs.py` from 508 labelled training runs.
"""

import functools
from pathlib import Path
from typing import Any

from gan_bench.files import read_json

RATES_FILE = Path(__file__).with_name("sign_rates.json")


@functools.cache
def all_rates() -> dict[str, Any]:
    """The whole file: "corpus", "signs" (name -> pooled, families, held_out) and "recovery"."""
    rates: dict[str, Any] = read_json(RATES_FILE)
    return rates


def sign_rate(sign: str, family: str) -> dict[str, Any]:
    """Rates of one sign: "pooled" over the main corpus, "family" (None if it has no runs of this loss family), and
    "held_out": data set -> {"right", "fired"} on the two that no threshold was chosen on.
    """
    found = all_rates()["signs"][sign]
    held_out = {name: {key: rate[key] for key in ("right", "fired")} for name, rate in found["held_out"].items()}
    return {"pooled": found["pooled"], "family": found["families"].get(family), "held_out": held_out}


def recovery(seen: float) -> dict[str, Any]:
    """How runs ended that had collapsed by then: of "n" such runs, "collapsed" and "healthy" at the end.

    Counted at 25, 50 and 75 % of training ("at"), the nearest to the share `seen`.
    """
    table: dict[str, dict[str, int]] = all_rates()["recovery"]
    at = min(table, key=lambda share: abs(float(share) - seen))
    return {"at": float(at), **table[at]}
