"""How often each sign was right on a labelled corpus: read from sign_rates.json, never computed here.

The file is written by `benchmarks/collapse_signs.py` from 508 labelled training runs.
"""

import functools
from pathlib import Path
from typing import Any

from gan_bench.files import read_json

RATES_FILE = Path(__file__).with_name("sign_rates.json")

#: What is counted of the corpus runs that get a verdict.
COUNTS = ("n", "failure", "collapse", "healthy")


@functools.cache
def all_rates() -> dict[str, Any]:
    """The whole file: "corpus", "signs" (name -> pooled, families, held_out) and "verdicts"."""
    rates: dict[str, Any] = read_json(RATES_FILE)
    return rates


def sign_rate(sign: str, family: str) -> dict[str, Any]:
    """Rates of one sign: "pooled" over the main corpus, "family" (None if it has no runs of this loss family), and
    "held_out": data set -> {"right", "fired"} on the two that no threshold was chosen on.
    """
    found = all_rates()["signs"][sign]
    held_out = {name: {key: rate[key] for key in ("right", "fired")} for name, rate in found["held_out"].items()}
    return {"pooled": found["pooled"], "family": found["families"].get(family), "held_out": held_out}


def verdict_counts(verdict: str, *, outputs: bool) -> dict[str, int]:
    """Corpus runs that got this verdict: "n", "failure", "collapse", "healthy".

    `outputs`: with D's output spread and gradient norms, or from the two losses alone.
    """
    signals = "losses_and_outputs" if outputs else "losses"
    counts: dict[str, int] = all_rates()["verdicts"][signals].get(verdict, dict.fromkeys(COUNTS, 0))
    return counts
