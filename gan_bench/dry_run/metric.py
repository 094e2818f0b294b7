"""Check of a metric on random features: does it compute the values that it declares?"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.changes import in_words
from gan_bench.dry_run.functions import place
from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined
from gan_bench.metrics.evaluate import evaluate_sets

ROWS, COLUMNS, CLASSES = 64, 4, 3


def broken_metric(ref: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on mistakes of `compute()`; none for a metric that needs a trained run, which is not called."""
    facts, file = registry.component("metrics", ref["name"]).facts, place("metrics", ref)
    if "run" in facts["needs"]:
        return
    module, n = registry.load("metrics", ref["name"]), max(ROWS, facts["min_n"])
    names: list[set[str]] = []
    compute = module.compute

    def noted(*arguments: Any, **more: Any) -> Any:
        values = compute(*arguments, **more)
        names.append(set(values) if isinstance(values, Mapping) else {type(values).__name__})
        return dict.fromkeys(facts["values"], MetricUndefined("dry run"))

    module.compute = noted  # type: ignore[attr-defined]
    real, fake, train = (_features(n, seed) for seed in range(3))
    try:
        evaluate_sets(real, fake, [dict(ref)], seed=0, extractor_label="random", split=None, train=train)
    except Exception as error:
        yield f"{file}: compute() for {n} rows of {COLUMNS} features raises {in_words(error)}"
    finally:
        module.compute = compute  # type: ignore[attr-defined]
    for returned in names:
        if returned != set(facts["values"]):
            expected = ", ".join(sorted(facts["values"]))
            yield f"{file}: compute() returns {', '.join(sorted(returned))}; FACTS declares the values {expected}."


def _features(n: int, seed: int) -> Features:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((n, CLASSES))
    log_probs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    points = rng.standard_normal((n, COLUMNS)).astype(np.float32)
    return Features(points, np.minimum(log_probs, 0.0), rng.integers(0, CLASSES, n), CLASSES)
