"""Chooses the best generator of a run, the final one or a stored one, by scores against images set aside for this."""

from collections.abc import Mapping
from typing import Any

from gan_bench.metrics import badness, values_of
from gan_bench.registry import component

Document = Mapping[str, Any]


def best_generator(document: Document, g_steps: int) -> dict[str, Any] | None:
    """The step with the best generator of a run: {"step", "metric", "value", "final_value", "n_generators"}.

    The choice uses the first of the study's metrics that has a direction other than "none" and a validation score of
    the final generator. The result is None if there is no such metric. Generators without a score by this metric are
    not considered. If several steps have the best score, the earliest of them is chosen. The reported scores use other
    images and do not affect the choice.

    Args:
        document: the run's metrics.json.
        g_steps: step of the final generator, which is compared with the stored generators.
    """
    final = _values(document.get("validation", ()))
    directions = {
        value.name: value.direction
        for ref in document["protocol"]["metrics"]
        for value in values_of(component("metrics", ref["name"]).facts)
    }
    metric = next((name for name in final if directions.get(name, "none") != "none"), None)
    if metric is None:
        return None
    scores = {point["step"]: _values(point.get("validation", ())).get(metric) for point in document["checkpoints"]}
    scores[g_steps] = final[metric]
    known = {step: value for step, value in sorted(scores.items()) if value is not None}
    step = min(known, key=lambda step: badness(known[step], directions[metric]))
    values = {"value": known[step], "final_value": final[metric]}
    return {"step": step, "metric": metric, **values, "n_generators": len(known)}


def _values(rows: Any) -> dict[str, float]:
    """Name -> value of the rows whose value is not null, in the order of the rows."""
    return {row["name"]: row["value"] for row in rows if row["value"] is not None}
