"""Names that changed after version 0.1.0. Error messages about a former name give the present name."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

#: The version in which the names below changed.
SINCE = "0.2.0"

#: (axis, former name) -> present name of a component. Former names of metrics, which still work, are in
#: gan_bench.former_names.
COMPONENTS = {("figures", "samples"): "sample_wall"}

#: (axis, component, former setting) -> what to write instead.
SETTINGS = {
    ("figures", "metric_agreement", "unit"): "metrics are now always compared over cells; take it out",
}

#: Former module, name in a module, or member of a class -> what replaces it.
PLACES = {
    "gan_bench.game.front": "gan_bench.game.discriminator_input",
    "gan_bench.game.game.Game.read": "split_output",
    "gan_bench.game.game.Game.front": "d_input",
    "gan_bench.game.game.Game.g_loss": "generator_loss",
    "gan_bench.game.latent.Layout": "LatentLayout",
    "gan_bench.game.loss.told_apart": "correctly_classified",
    "gan_bench.game.loss.towards": "with_soft_targets",
    "gan_bench.game.networks.Built": "BuiltNetworks",
    "gan_bench.game.networks.WithNoise": "RandomLayersFromLatents",
    "gan_bench.game.opinion": "gan_bench.game.discriminator_report",
    "gan_bench.game.rounds.real_side": "real_minibatch",
    "gan_bench.game.step.judged": "discriminate_both",
    "gan_bench.game.step.made": "generated_minibatch",
    "gan_bench.game.tricks.Tricks.flag": "any_declares",
    "gan_bench.game.tricks.Tricks.one": "only_hook",
    "gan_bench.game.tricks.Tricks.with_": "hooks",
    "gan_bench.methods._autoregressive.program_of": "the class AutoregressiveProgram, to subclass",
    "gan_bench.methods._inner": "gan_bench.methods.unrolled",
    "gan_bench.methods._untrained.untrained": "the class Untrained, to subclass",
    "gan_bench.methods._untrained.dealt_in_turn": "draw_in_turn",
    "gan_bench.metrics._task": "gan_bench.metrics._classification_task",
    "gan_bench.metrics.fid_infinity": "gan_bench.metrics.frechet_infinity",
    "gan_bench.metrics.pairs.blocks.Block": "DistanceBlock",
    "gan_bench.metrics.pairs.minima": "gan_bench.metrics.pairs.nearest",
    "gan_bench.metrics.pairs.rows.Rows": "FeatureRows",
    "gan_bench.report.figures._grid.Layout": "GridLayout",
    "gan_bench.report.figures._lines": "gan_bench.report.figures._legend",
    "gan_bench.report.figures._rows.Block": "RowBlock",
    "gan_bench.report.figures._scores.Scores": "ScorePanel",
    "gan_bench.report.figures._values": "gan_bench.report.figures._axes",
    "gan_bench.report.tables_input.Cell": "PlannedCell",
    "gan_bench.report.tables_input.Tables.memory": 'job_records(cell, "max_rss")',
}


def component_hint(axis: str, name: str) -> str:
    """Phrase that gives the present name of a component; "" if `name` is not a former name."""
    present = COMPONENTS.get((axis, name))
    return f"it is called {present!r} since {SINCE}" if present else ""


def setting_hint(axis: str, name: str, setting: str) -> str:
    """Phrase that says what replaces a setting that a component had in 0.1.0; "" for any other setting."""
    instead = SETTINGS.get((axis, name, setting))
    return f"it was a setting before {SINCE}: {instead}" if instead else ""


def present_figures(refs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures of a stored plan, with present names and present settings only. No figure is listed twice."""
    figures: dict[str, dict[str, Any]] = {}
    for ref in refs:
        name = COMPONENTS.get(("figures", ref["name"]), ref["name"])
        settings = {key: value for key, value in ref.items() if ("figures", name, key) not in SETTINGS}
        figures.setdefault(name, {**settings, "name": name})
    return list(figures.values())


def error_hint(error: BaseException) -> str:
    """Text "; X is Y since 0.2.0" if an error comes from a component that uses a former name; "" for other errors."""
    missing = _missing(error)
    present = PLACES.get(missing)
    return f"; {missing} is {present} since {SINCE}" if present else ""


def in_words(error: BaseException) -> str:
    """Type and text of an error of a component. If a former name is the cause, the present name is appended."""
    return f"{type(error).__name__}: {error}{error_hint(error)}"


def _missing(error: BaseException) -> str:
    """Full name of the module, name or member that an error reports as missing; "" for other errors."""
    if isinstance(error, ModuleNotFoundError):
        return error.name or ""
    if isinstance(error, ImportError):
        name = re.match(r"cannot import name '(\w+)'", str(error))
        return f"{error.name}.{name[1]}" if name and error.name else ""
    if isinstance(error, AttributeError):
        owner = error.obj if isinstance(error.obj, type) else type(error.obj)
        module = getattr(error.obj, "__name__", "") if owner.__name__ == "module" else ""
        return f"{module or f'{owner.__module__}.{owner.__qualname__}'}.{error.name}"
    return ""
