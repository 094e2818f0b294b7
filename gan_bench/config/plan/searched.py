"""From a study file to its cells and its search, with every mistake in either."""

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
    """The cells of a study and its search; reasons why it cannot run are added to `problems`."""
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
    """Values of the trials; of an adaptive search, whose trials are not known yet, of as many random ones at least."""
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
    """(name, direction) of the value that chooses: that of `select_by`, or the first that says which side is better."""
    assert file.search is not None
    directions: dict[str, str] = {}
    for ref in file.evaluation.metrics:
        facts = component("metrics", ref["name"]).facts
        # Families that read the run itself have no validation score.
        if "run" not in facts["needs"]:
            directions |= {name: value["direction"] for name, value in facts["values"].items()}
    valid = [name for name, direction in directions.items() if direction != "none"]
    name = file.search.select_by
    if not valid:
        problems.add(("evaluation", "metrics"), "none says which of two scores is better, which a search needs.")
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
        problems.add(
            ("evaluation",), "has no validation, the share of images by which a search chooses; add validation: 0.5."
        )
    if max(file.seeds) >= FIRST_TRIAL_SEED:
        problems.add(("seeds",), f"reach {max(file.seeds)}; in a study with a search, seeds below {FIRST_TRIAL_SEED}.")
    if any(MINUTES in (budget or {}) for budget in (search.budget, dict(file)["budget"])):
        problems.add(("search",), "a search needs budgets that do not depend on the machine; give steps, not minutes.")
    if search.budget is not None and "budget" in search.over:
        problems.add(("search", "budget"), "the budget is searched; take it out of here or out of `over`.")
