"""Builds the cells and the search of a study file, and reports mistakes in them."""

from collections.abc import Mapping
from typing import Any

from gan_bench.config.checks.combinations import DataFacts, clashes, describe
from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.search import ADAPTIVE
from gan_bench.config.grammar.study import StudyFile
from gan_bench.config.plan.cells import CellGrid, build
from gan_bench.config.plan.minutes import MINUTES
from gan_bench.config.plan.search import PROBES, Space, find_spaces
from gan_bench.config.plan.trials import FIRST_TRIAL_SEED, SearchPlan, search_digest
from gan_bench.errors import unknown_name
from gan_bench.registry import component


def build_with_search(file: StudyFile, problems: Problems, device: str = "cpu") -> CellGrid:
    """The cells of a study and its search. Reasons why the study cannot run are added to `problems`."""
    grid = build(file, problems, device)
    if file.search is not None and not problems:
        grid.search = _planned(file, grid, problems)
    return grid


def _planned(file: StudyFile, grid: CellGrid, problems: Problems) -> SearchPlan | None:
    search = file.search
    assert search is not None
    metric, direction = _metric(file, problems)
    _check(file, problems)
    if problems:
        return None
    spaces = find_spaces(search, [(cell.dataset, cell.variant, cell.settings) for cell in grid.cells], problems)
    if problems:
        return None
    about = {"datasets": grid.datasets, "evaluation": dict(file.evaluation), "metric": metric}
    digest = search_digest(search, spaces, about)
    plan = SearchPlan(search, tuple(spaces), metric, direction, tuple(file.seeds), digest)
    facts = {dataset.label: describe(dataset.ref) for dataset in file.datasets}
    for space in spaces:
        for values in _samples(plan, space):
            _check_trial(plan, space, values, facts[space.dataset], problems)
    return plan


def _samples(plan: SearchPlan, space: Space) -> list[Mapping[str, Any]]:
    """Values of the trials to check: those of the first round.

    An adaptive search proposes its later trials from scores, so they are not known yet. To find their mistakes too, at
    least PROBES random trials are checked.
    """
    n = plan.round_sizes()[0]
    return [*space.random(max(n, PROBES) if plan.spec.sampler in ADAPTIVE else n)]


def _check_trial(
    plan: SearchPlan, space: Space, values: Mapping[str, Any], facts: DataFacts, problems: Problems
) -> None:
    settings = plan.trial_settings(space, dict(values))
    for key, sentence in clashes(settings, facts):
        shown = ", ".join(f"{name} {value}" for name, value in values.items())
        text = f"variant {space.variant!r} on {space.dataset!r} with {shown}: {key}: {sentence}"
        problems.add(("search", "over"), text)


def _metric(file: StudyFile, problems: Problems) -> tuple[str, str]:
    """(name, direction) of the metric value by which settings are chosen.

    It is `select_by`, or by default the study's first value with a direction. If there is no valid value, the name
    is "", and a mistake is reported.
    """
    assert file.search is not None
    directions: dict[str, str] = {}
    for ref in file.evaluation.metrics:
        facts = component("metrics", ref["name"]).facts
        # Metrics that read files of a run have no validation score.
        if "run" not in facts["needs"]:
            directions |= {name: value["direction"] for name, value in facts["values"].items()}
    valid = [name for name, direction in directions.items() if direction != "none"]
    name = file.search.select_by
    if not valid:
        problems.add(
            ("evaluation", "metrics"), "no metric says which of two trials is better; a search needs one that does."
        )
    elif name is not None and name not in valid:
        problems.add(("search", "select_by"), unknown_name("value of the study's metrics", name, valid))
    else:
        name = name or valid[0]
        return name, directions[name]
    return "", "lower"


def _check(file: StudyFile, problems: Problems) -> None:
    search = file.search
    assert search is not None
    if file.evaluation.validation is None:
        problems.add(("evaluation",), "has no validation (a share of images); a search needs it; add validation: 0.5.")
    if max(file.seeds) >= FIRST_TRIAL_SEED:
        text = f"{max(file.seeds)} is not valid; in a study with a search, seeds must be below {FIRST_TRIAL_SEED}."
        problems.add(("seeds",), text)
    if any(MINUTES in (budget or {}) for budget in (search.budget, dict(file)["budget"])):
        problems.add(("search",), "needs budgets that do not depend on the machine; give steps, not minutes.")
    if search.budget is not None and "budget" in search.over:
        problems.add(("search", "budget"), "is given here and under `over`; take one of them out.")
