"""What scores of a run's samples say of a collapse: they overrule its losses, in both directions."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Share of the data's modes at which a run counts as collapsed or as not collapsed, as in the labels of the corpus.
COLLAPSED, COVERED = 0.5, 0.75
#: Recall and coverage as a share of what real images reach: so little is a collapse of good samples, so much is none.
LITTLE, MUCH = 0.1, 0.5
GOOD = 0.5
COPIES = 0.5

Values = Mapping[str, float]

_MODES = (
    "exp(-KL) is the share of the modes that are in use where the data's are equally common; thresholds as in "
    "Srivastava et al. 2017, arXiv 1705.07761, section 4, and the corpus of 508 small runs"
)


@dataclass(frozen=True)
class Check:
    """A look at scores. `ask` returns (what it says, value, "collapse" | "no_collapse" | "open")."""

    name: str
    needs: tuple[str, ...]
    measure: str
    threshold: float
    source: str
    ask: Callable[[Values, Values], tuple[str, float, str]]
    comparison: str = "below"


def sample_check(rows: Iterable[Mapping[str, Any]], floor: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """{"says": "collapse" | "no_collapse" | "open" | None, "evidence": [...]} of the rows of a run's metrics.json.

    `floor`: the rows of real images scored in the same way. None: no score that could tell was asked for. One check
    that finds a collapse decides; otherwise one that finds none.
    """
    own, real = _values(rows), _values(floor)
    found = [_entry(check, own, real) for check in CHECKS if all(name in own for name in check.needs)]
    votes = {entry["vote"] for entry in found}
    says = next((vote for vote in ("collapse", "no_collapse", "open") if vote in votes), None)
    return {"says": says, "evidence": found}


def _values(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    return {row["name"]: float(row["value"]) for row in rows if row.get("value") is not None}


def _entry(check: Check, own: Values, real: Values) -> dict[str, Any]:
    says, value, vote = check.ask(own, real)
    return {
        "sign": check.name,
        "says": says,
        "vote": vote,
        "signal": ", ".join(check.needs),
        "measure": check.measure,
        "value": value,
        "comparison": check.comparison,
        "threshold": check.threshold,
        "source": check.source,
    }


def _shares(name: str, what: str) -> Callable[[Values, Values], tuple[str, float, str]]:
    def ask(own: Values, _real: Values) -> tuple[str, float, str]:
        share = math.exp(-own[name])
        vote = "collapse" if share <= COLLAPSED else "no_collapse" if share >= COVERED else "open"
        return f"samples use {share:.0%} of the {what} of the data", share, vote

    return ask


def _coverage(own: Values, real: Values) -> tuple[str, float, str]:
    share = _of(own["coverage"], real.get("coverage"))
    vote = "no_collapse" if share >= MUCH else "open"  # poor samples cover as little as too few kinds of good ones
    return f"samples cover {share:.0%} of what real images cover", share, vote


def _recall(own: Values, real: Values) -> tuple[str, float, str]:
    recall, precision = (_of(own[name], real.get(name)) for name in ("recall", "precision"))
    good = precision >= GOOD
    vote = "collapse" if good and recall <= LITTLE else "no_collapse" if good and recall >= MUCH else "open"
    says = f"recall is {recall:.0%} and precision {precision:.0%} of what real images reach"
    return says, recall, vote


def _duplicates(own: Values, _real: Values) -> tuple[str, float, str]:
    share = own["duplicates"]
    return f"{share:.0%} of the samples nearly equal another one", share, "collapse" if share >= COPIES else "open"


def _of(value: float, real: float | None) -> float:
    return value / real if real else value


MODES = Check("modes_in_use", ("kl_modes",), "exp(-KL) over modes", COLLAPSED, _MODES, _shares("kl_modes", "modes"))
CLASSES = Check(
    "classes_in_use", ("kl_classes",), "exp(-KL) over classes", COLLAPSED, _MODES, _shares("kl_classes", "classes")
)
RECALL = Check(
    "recall_of_good_samples",
    ("recall", "precision"),
    "recall, share of real images', where precision is at least half of theirs",
    LITTLE,
    "Kynkäänniemi et al. 2019, arXiv 1904.06991; threshold chosen here",
    _recall,
)
COVERAGE = Check(
    "coverage",
    ("coverage",),
    "coverage, share of real images'",
    LITTLE,
    "Naeem et al. 2020, arXiv 2002.09797; it can acquit, not convict; threshold chosen here",
    _coverage,
)
DUPLICATES = Check(
    "near_duplicates",
    ("duplicates",),
    "share of samples that nearly equal another",
    COPIES,
    "Arora & Zhang 2017, arXiv 1706.08224: the birthday paradox; threshold chosen here",
    _duplicates,
    comparison="above",
)
CHECKS = (MODES, CLASSES, RECALL, COVERAGE, DUPLICATES)
