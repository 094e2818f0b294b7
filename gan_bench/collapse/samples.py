"""Sample scores as evidence for or against a collapse; they overrule the losses in both directions."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Shares of the data's modes up to which a run counts as collapsed, and from which as not collapsed; the thresholds of
#: the corpus labels.
COLLAPSED, COVERED = 0.5, 0.75
#: Recall and coverage over those of real images: at or below LOW_SHARE, good samples are collapsed; from HIGH_SHARE on,
#: they are not.
LOW_SHARE, HIGH_SHARE = 0.1, 0.5
GOOD_PRECISION = 0.5
DUPLICATE_SHARE = 0.5

Values = Mapping[str, float]

_MODES = (
    "exp(-KL) is the share of the modes that are in use where the data's are equally common; thresholds as in "
    "Srivastava et al. 2017, arXiv 1705.07761, section 4, and the corpus of 508 small runs"
)


@dataclass(frozen=True)
class Check:
    """A test of sample scores. `ask` returns (sentence, value, "collapse" | "no_collapse" | "open")."""

    name: str
    needs: tuple[str, ...]
    measure: str
    threshold: float
    source: str
    ask: Callable[[Values, Values], tuple[str, float, str]]
    comparison: str = "below"


def sample_check(rows: Iterable[Mapping[str, Any]], floor: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """{"says": "collapse" | "no_collapse" | "open" | None, "evidence": [...]} from the rows of a run's metrics.json.

    "says" is "collapse" if any check finds one, else "no_collapse" if any check rules one out, else "open". It is None
    if no score was computed that could tell.

    Args:
        rows: the run's rows.
        floor: the rows of real images scored in the same way.
    """
    values, real = _values(rows), _values(floor)
    entries = [_entry(check, values, real) for check in CHECKS if all(name in values for name in check.needs)]
    votes = {entry["vote"] for entry in entries}
    decision = next((vote for vote in ("collapse", "no_collapse", "open") if vote in votes), None)
    return {"says": decision, "evidence": entries}


def _values(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    return {row["name"]: float(row["value"]) for row in rows if row.get("value") is not None}


def _entry(check: Check, values: Values, real: Values) -> dict[str, Any]:
    says, value, vote = check.ask(values, real)
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
    def ask(values: Values, _real: Values) -> tuple[str, float, str]:
        share = math.exp(-values[name])
        vote = "collapse" if share <= COLLAPSED else "no_collapse" if share >= COVERED else "open"
        return f"samples use {share:.0%} of the {what} of the data", share, vote

    return ask


def _coverage(values: Values, real: Values) -> tuple[str, float, str]:
    share = _relative_to_real(values["coverage"], real.get("coverage"))
    vote = "no_collapse" if share >= HIGH_SHARE else "open"  # low coverage can also mean poor samples
    return f"samples cover {share:.0%} of what real images cover", share, vote


def _recall(values: Values, real: Values) -> tuple[str, float, str]:
    recall, precision = (_relative_to_real(values[name], real.get(name)) for name in ("recall", "precision"))
    good = precision >= GOOD_PRECISION
    vote = "collapse" if good and recall <= LOW_SHARE else "no_collapse" if good and recall >= HIGH_SHARE else "open"
    says = f"recall is {recall:.0%} and precision {precision:.0%} of what real images reach"
    return says, recall, vote


def _duplicates(values: Values, _real: Values) -> tuple[str, float, str]:
    share = values["duplicates"]
    vote = "collapse" if share >= DUPLICATE_SHARE else "open"
    return f"{share:.0%} of the samples are near duplicates of another", share, vote


def _relative_to_real(value: float, real: float | None) -> float:
    return value / real if real else value


MODES = Check("modes_in_use", ("kl_modes",), "exp(-KL) over modes", COLLAPSED, _MODES, _shares("kl_modes", "modes"))
CLASSES = Check(
    "classes_in_use", ("kl_classes",), "exp(-KL) over classes", COLLAPSED, _MODES, _shares("kl_classes", "classes")
)
RECALL = Check(
    "recall_of_good_samples",
    ("recall", "precision"),
    "recall, share of real images', where precision is at least half of theirs",
    LOW_SHARE,
    "Kynkäänniemi et al. 2019, arXiv 1904.06991; threshold chosen here",
    _recall,
)
COVERAGE = Check(
    "coverage",
    ("coverage",),
    "coverage, share of real images'",
    LOW_SHARE,
    "Naeem et al. 2020, arXiv 2002.09797; it can acquit, not convict; threshold chosen here",
    _coverage,
)
DUPLICATES = Check(
    "near_duplicates",
    ("duplicates",),
    "share of samples that nearly equal another",
    DUPLICATE_SHARE,
    "Arora & Zhang 2017, arXiv 1706.08224: the birthday paradox; threshold chosen here",
    _duplicates,
    comparison="above",
)
CHECKS = (MODES, CLASSES, RECALL, COVERAGE, DUPLICATES)
