"""The methods section of a study: a paragraph, the components used, and BibTeX of the papers that they cite."""

from collections.abc import Iterable, Mapping
from typing import Any

from gan_bench.config.plan.protocol import all_extractors
from gan_bench.errors import UserError
from gan_bench.registry import component, stem
from gan_bench.report.asked import budget, reference
from gan_bench.report.bibliography import bibtex, works
from gan_bench.report.tables_input import Tables
from gan_bench.words import plural

#: Axis (kind of component) -> (heading, keys of a cell's settings that name a component of this kind).
PARTS = {
    "methods": ("Methods", ("method",)),
    "models": ("Networks", ("model",)),
    "losses": ("Losses", ("loss",)),
    "penalties": ("Penalties", ("penalty",)),
    "tricks": ("Tricks", ("tricks",)),
    "optimizers": ("Optimizers", ("g_optimizer", "d_optimizer")),
}


def methods(tables: Tables, figures: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The paragraph, the components as [(heading, [component])], and BibTeX of works that components and figures cite.

    A component is {"name", "summary", "paper", "deviations", "works"}. If its file is missing, only the name is known.
    """
    axes = _components(tables)
    drawn = [_description("figures", str(ref["name"])) for ref in figures]
    members = [member for _, group in axes for member in group]
    entries = {name: entry for member in [*members, *drawn] for name, entry in member["works"].items()}
    return {"paragraph": _paragraph(tables), "axes": axes, "bibtex": bibtex(entries), "n_works": len(entries)}


def _paragraph(tables: Tables) -> str:
    plan = tables.plan
    evaluation = plan["evaluation"]
    seeds = sorted({len(cell.seeds) for cell in tables.cells})
    budgets = list(dict.fromkeys(budget(cell.settings) for cell in tables.cells))
    n = evaluation["n_samples"]
    sizes = f"{n} images" if n else "all images"
    spaces = list(dict.fromkeys(reference(ref) for ref in all_extractors(evaluation)))
    return (
        f"Trained: {plural(len(tables.cells), 'cell')} (a variant on a data set), with "
        f"{' or '.join(map(str, seeds)) or 'no'} {'seed' if seeds == [1] else 'seeds'} each "
        f"({'; '.join(budgets) or 'no budget'}). Each purpose of "
        "random numbers has its own random stream, derived from the run's seed. Generators were scored in eval mode: "
        f"{sizes} of the {evaluation['split']} split against as many generated images, in features of "
        f"{', '.join(spaces) or 'no extractor'}. Images are scaled by fixed constants."
        f"{_aside(evaluation)} Runs that diverged, failed or ran out of time are counted, but are in no mean. "
        "Intervals are over seeds."
    )


def _aside(evaluation: Mapping[str, Any]) -> str:
    share = evaluation.get("validation")
    if share is None:
        return ""
    return (
        f" A fixed share of that split ({share:.3g}) was set aside and scored with separate samples. Variants and "
        "generators were chosen by these scores; the reported scores do not use these images."
    )


def _components(tables: Tables) -> list[tuple[str, list[dict[str, Any]]]]:
    plan = tables.plan
    groups: list[tuple[str, list[dict[str, Any]]]] = []

    def add(axis: str, heading: str, refs: Iterable[Mapping[str, Any] | None]) -> None:
        names = dict.fromkeys(str(ref["name"]) for ref in refs if ref is not None)
        if names:
            groups.append((heading, [_description(axis, name) for name in names]))

    add("data", "Data sets", [entry["ref"] for entry in plan["datasets"].values()])
    for axis, (heading, keys) in PARTS.items():
        values = [cell.settings.get(key) for cell in tables.cells for key in keys]
        add(axis, heading, [ref for value in values for ref in (value if isinstance(value, list) else [value])])
    add("features", "Feature spaces", all_extractors(plan["evaluation"]))
    add("metrics", "Metrics", plan["evaluation"]["metrics"])
    return groups


def _description(axis: str, name: str) -> dict[str, Any]:
    try:
        declared = component(axis, name)
    except UserError:
        summary = "This component is not installed."
        return {"name": stem(name), "summary": summary, "paper": "", "deviations": [], "works": {}}
    return {
        "name": declared.name,
        "summary": declared.summary,
        "paper": declared.paper,
        "deviations": [str(text) for text in declared.facts.get("deviations", ())],
        "works": works(declared),
    }
