"""Looks up a loss by its name, an alias or the path of a file, and returns its FACTS for the detector."""

from typing import Any

from gan_bench import registry
from gan_bench.collapse.loss_facts import loss_facts
from gan_bench.errors import UserError, unknown_name
from gan_bench.registry import component


def named_loss(name: str) -> tuple[dict[str, Any], str]:
    """FACTS and name of a loss, given its name, an alias or a path. UserError if it is unknown."""
    if name.endswith(".py"):
        return loss_facts({"name": name}), name
    names_by_alias = {loss_name: loss_name for loss_name in registry.names("losses")}
    for loss_name in list(names_by_alias):
        names_by_alias |= dict.fromkeys(component("losses", loss_name).facts.get("aliases", ()), loss_name)
    if name.lower() not in names_by_alias:
        raise UserError(unknown_name("loss", name, sorted(names_by_alias)))
    return loss_facts({"name": names_by_alias[name.lower()]}), names_by_alias[name.lower()]
