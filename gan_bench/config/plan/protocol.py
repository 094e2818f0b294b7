"""Reads a plan's "evaluation": the scoring protocol, and the extractors of each data set."""

from collections.abc import Mapping
from typing import Any


def scoring_protocol(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of `evaluation` except the extractors, which may differ between data sets."""
    return {key: value for key, value in evaluation.items() if key not in ("extractor", "other_extractors")}


def extractors_of(evaluation: Mapping[str, Any], label: str) -> list[dict[str, Any]]:
    """References of the extractors of a data set: the main one, then the others."""
    return [evaluation["extractor"][label], *evaluation.get("other_extractors", {}).get(label, ())]


def all_extractors(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """References of the extractors: first the main extractor of each data set, then the other extractors."""
    others = evaluation.get("other_extractors", {}).values()
    return [*evaluation["extractor"].values(), *(ref for refs in others for ref in refs)]
