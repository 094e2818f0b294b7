"""Sample scores as evidence for or against a collapse.

Sample scores overrule the losses. They can show a collapse that the losses do not show, and they can rule out a
collapse that the losses suggest.

Shares of classes or modes can show a collapse but never rule one out: a generator that repeats ten pictures, one of
each class, uses all classes. Only diversity within the classes (coverage, recall) rules a collapse out. If few samples
lie in any mode of the data, the quality of the samples is poor, but that is not a collapse.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: A run that uses at most this share of the data's modes counts as collapsed, as in the labels of the corpus.
COLLAPSED = 0.5
#: Thresholds of the samples' recall divided by the recall of real images. They are used only if precision is good.
#: Up to LOW_RECALL, the samples show a collapse. From HIGH_RECALL on, they rule it out.
LOW_RECALL, HIGH_RECALL = 0.1, 0.5
#: Coverage of n samples, divided by the coverage of n real images. Up to VETO, no other score can rule a collapse out.
#: From ENOUGH on, coverage itself rules a collapse out. The thresholds follow from this ratio on 8 x 8 digits, measured
#: in 40 to 200 draws at each n, relative to the mean of real images:
#: - real images: at least 0.76 (n = 20), 0.86 (50), 0.94 (200), 0.97 (400)
#: - only n/20 different pictures: at most 0.41 (n = 50), 0.35 (200), 0.29 (400)
#: - images of half of the classes: 0.64 on average (n = 200), at most 0.64 (400)
VETO, ENOUGH = 0.4, 0.75
#: Quality is the share of samples in a mode, divided by the share of real images in a mode. It is poor below this value
#: (truth.HEALTHY).
GOOD_QUALITY = 0.5
GOOD_PRECISION = 0.5
DUPLICATE_SHARE = 0.5

Values = Mapping[str, float]

#: Votes in order of priority. Of the votes that the checks give, the one that is first in this list decides. "veto"
#: leaves the question open.
VOTES = ("collapse", "veto", "no_collapse", "open")

_MODES = (
    "exp(-KL) is the share of modes in use if all modes of the data are equally common; thresholds as in "
    "Srivastava et al. 2017, arXiv 1705.07761, section 4, and the corpus of 508 small runs"
)


@dataclass(frozen=True)
class Check:
    """A test of sample scores. `ask` returns (sentence, value, vote). The vote is one of VOTES or "poor_quality"."""

    name: str
    needs: tuple[str, ...]
    measure: str
    threshold: float
    source: str
    ask: Callable[[Values, Values], tuple[str, float, str]]
    comparison: str = "below"


def sample_check(
    rows: Iterable[Mapping[str, Any]], floor: Iterable[Mapping[str, Any]], *, class_shares: bool = True
) -> dict[str, Any]:
    """{"says", "poor_quality", "evidence"} from the rows of a run's metrics.json.

    "says" is the first of these values whose condition holds:

    - "collapse": a check finds a collapse.
    - "open": coverage is very low.
    - "no_collapse": a check rules a collapse out.
    - "open": a check is undecided.
    - None: no check gives one of these votes.

    "poor_quality": whether few samples lie in any mode of the data.

    Args:
        rows: rows of the run's metrics.json.
        floor: rows of real images that were scored in the same way.
        class_shares: whether the shares of classes among the samples are evidence. They are not if the generator was
            given the classes, or if the classes are not those of the data.
    """
    values, real = _values(rows), _values(floor)
    checks = [check for check in CHECKS if class_shares or check is not CLASSES]
    entries = [_entry(check, values, real) for check in checks if all(name in values for name in check.needs)]
    votes = {entry["vote"] for entry in entries}
    decision = next((vote for vote in VOTES if vote in votes), None)
    poor = any(entry["sign"] == QUALITY.name and entry["vote"] == "poor_quality" for entry in entries)
    return {"says": "open" if decision == "veto" else decision, "poor_quality": poor, "evidence": entries}


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
        vote = "collapse" if share <= COLLAPSED else "open"
        return f"samples use {share:.0%} of the {what} of the data", share, vote

    return ask


def _coverage(values: Values, real: Values) -> tuple[str, float, str]:
    share = _relative_to_real(values["coverage"], real.get("coverage"))
    # Low coverage can also mean poor samples, so it shows no collapse.
    vote = "veto" if share <= VETO else "no_collapse" if share >= ENOUGH else "open"
    return f"samples cover {share:.0%} of what real images cover", share, vote


def _recall(values: Values, real: Values) -> tuple[str, float, str]:
    recall, precision = (_relative_to_real(values[name], real.get(name)) for name in ("recall", "precision"))
    good = precision >= GOOD_PRECISION
    vote = "collapse" if good and recall <= LOW_RECALL else "no_collapse" if good and recall >= HIGH_RECALL else "open"
    says = f"recall is {recall:.0%} and precision {precision:.0%} of what real images reach"
    return says, recall, vote


def _duplicates(values: Values, _real: Values) -> tuple[str, float, str]:
    share = values["duplicates"]
    vote = "collapse" if share >= DUPLICATE_SHARE else "open"
    return f"{share:.0%} of the samples are near duplicates of another sample", share, vote


def _quality(values: Values, real: Values) -> tuple[str, float, str]:
    share = _relative_to_real(values["high_quality"], real.get("high_quality"))
    vote = "poor_quality" if share < GOOD_QUALITY else "open"
    return f"the share of samples in a mode of the data is {share:.0%} of that of real images", share, vote


def _relative_to_real(value: float, real: float | None) -> float:
    return value / real if real else value


MODES = Check("modes_in_use", ("kl_modes",), "exp(-KL) over modes", COLLAPSED, _MODES, _shares("kl_modes", "modes"))
CLASSES = Check(
    "classes_in_use", ("kl_classes",), "exp(-KL) over classes", COLLAPSED, _MODES, _shares("kl_classes", "classes")
)
RECALL = Check(
    "recall_of_good_samples",
    ("recall", "precision"),
    "recall over that of real images, if precision is at least half of that of real images",
    LOW_RECALL,
    "Kynkäänniemi et al. 2019, arXiv 1904.06991; threshold chosen here",
    _recall,
)
COVERAGE = Check(
    "coverage",
    ("coverage",),
    "coverage over that of real images",
    VETO,
    "Naeem et al. 2020, arXiv 2002.09797; threshold from real images at the same n, see gan_bench/collapse/samples.py",
    _coverage,
)
DUPLICATES = Check(
    "near_duplicates",
    ("duplicates",),
    "share of samples that nearly equal another sample",
    DUPLICATE_SHARE,
    "Arora & Zhang 2017, arXiv 1706.08224: the birthday paradox; threshold chosen here",
    _duplicates,
    comparison="above",
)
QUALITY = Check(
    "quality",
    ("high_quality",),
    "share of samples in a mode, over that of real images",
    GOOD_QUALITY,
    "Srivastava et al. 2017, arXiv 1705.07761, section 4; threshold of the corpus labels",
    _quality,
)
CHECKS = (MODES, CLASSES, RECALL, COVERAGE, DUPLICATES, QUALITY)
