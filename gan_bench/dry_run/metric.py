"""Check of a metric on random features and images: does it compute the values that it declares?"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.changes import in_words
from gan_bench.dry_run.functions import place
from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, values_of
from gan_bench.metrics.evaluate import evaluate_sets

ROWS, COLUMNS, CLASSES = 64, 4, 3
Shape = tuple[int, ...]
#: Shapes of images with which `gan-bench test-component` tries a metric. The metric must work with at least one shape.
SHAPES: tuple[Shape, ...] = ((3, 32, 32), (1, 28, 28), (1, 8, 8))
#: How far rounding may move a value out of its range.
SLACK = 1e-6


def broken_metric(ref: Mapping[str, Any], shape: Shape = SHAPES[0]) -> Iterator[str]:
    """Sentences on mistakes of `compute()`. A metric that needs a trained run is not called, so it has no sentences.

    A metric that needs images gets random images of `shape`.
    """
    facts, file = registry.component("metrics", ref["name"]).facts, place("metrics", ref)
    if "run" in facts["needs"]:
        return
    module, n = registry.load("metrics", ref["name"]), max(ROWS, facts["min_n"])
    results: list[Any] = []
    compute = module.compute

    def noted(*arguments: Any, **more: Any) -> Any:
        results.append(compute(*arguments, **more))
        return dict.fromkeys(facts["values"], MetricUndefined("dry run"))

    module.compute = noted  # type: ignore[attr-defined]
    images = "images" in facts["needs"]
    real, fake, train = (_features(n, seed, shape if images else None) for seed in range(3))
    given = f"{n} images of shape {shape}" if images else f"{n} rows of {COLUMNS} features"
    try:
        evaluate_sets(real, fake, [dict(ref)], seed=0, extractor_label="random", split=None, train=train)
    except Exception as error:
        yield f"{file}: compute() for {given} raises {in_words(error)}"
    finally:
        module.compute = compute  # type: ignore[attr-defined]
    for result in results:
        names = set(result) if isinstance(result, Mapping) else {type(result).__name__}
        if names != set(facts["values"]):
            expected = ", ".join(sorted(facts["values"]))
            yield f"{file}: compute() returns {', '.join(sorted(names))}; FACTS declares the values {expected}."
        else:
            yield from (f"{file}: compute() for {given} (random) returns {text}" for text in _odd_values(result, facts))


def _odd_values(values: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    """Last parts of sentences, one for each value that is not a number, not finite, or outside the declared range."""
    for declared in values_of(facts):
        value = values[declared.name]
        if isinstance(value, MetricUndefined):
            continue
        if not isinstance(value, int | float | np.integer | np.floating):
            yield f"a {type(value).__name__} for {declared.name!r}, expected a number; convert it with float()."
        elif not np.isfinite(value):
            yield f"{float(value)} for {declared.name!r}; where there is no value, use MetricUndefined with the reason."
        elif (declared.low is not None and value < declared.low - SLACK) or (
            declared.high is not None and value > declared.high + SLACK
        ):
            low, high = ("no end" if end is None else f"{end:g}" for end in (declared.low, declared.high))
            yield f"{float(value):.4g} for {declared.name!r}; FACTS declares its range from {low} to {high}."


def _features(n: int, seed: int, shape: Shape | None) -> Features:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((n, CLASSES))
    log_probs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    points = rng.standard_normal((n, COLUMNS)).astype(np.float32)
    modes = rng.integers(0, CLASSES, n)
    images: np.ndarray | None = None
    if shape is not None and shape[1:] == (1, 1):  # points, not images
        images = rng.standard_normal((n, *shape)).astype(np.float32)
    elif shape is not None:
        images = rng.integers(0, 256, (n, *shape), dtype=np.uint8)
    return Features(points, np.minimum(log_probs, 0.0), modes, CLASSES, images=images)
