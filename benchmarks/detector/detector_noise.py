"""Counts how many labels stay the same if they are computed from other checkpoints, or from other samples."""

from typing import Any

from detector_corpus import Corpus

LABELS = ("collapse", "severe", "healthy")


def label_noise(corpus: Corpus) -> dict[str, Any]:
    """{comparison: {label: {"same", "of", "to_true"}}}, numbers of runs.

    The first label of a run is the usual one, from the last three checkpoints. Each comparison computes a second label
    in another way. "of": runs that have both labels. "same": runs whose two labels are equal. "to_true": runs for which
    only the second label is true.
    """
    asked = corpus.runs.index[~corpus.runs["diverged"]].tolist()
    suite = [run for run in asked if corpus.runs["suite"][run]]
    ways: dict[str, tuple[list[int], dict[str, Any]]] = {
        "last checkpoint": (asked, {"last": 1}),
        "last six": (asked, {"last": 6}),
        "other samples": (suite, {"again": True}),
    }
    found: dict[str, Any] = {}
    for name, (runs, how) in ways.items():
        pairs = [(corpus.label(run), corpus.label(run, **how)) for run in runs]
        found[name] = {label: _agreement(pairs, label) for label in LABELS}
    return found


def _agreement(pairs: list[tuple[dict[str, Any], dict[str, Any]]], label: str) -> dict[str, int]:
    known = [(a[label], b[label]) for a, b in pairs if a[label] is not None and b[label] is not None]
    return {"same": sum(a == b for a, b in known), "of": len(known), "to_true": sum(b and not a for a, b in known)}
