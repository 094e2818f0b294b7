"""Which keys of a run its method reads: the others are null in its settings and have no place in a study."""

from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench.config.grammar.problems import mistake
from gan_bench.config.grammar.reference import Ref
from gan_bench.errors import UserError
from gan_bench.registry import component

#: Keys that a method may leave unused, in the order of a run's settings.
KEYS = (
    "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer", "d_steps", "batch_size", "ema", "budget",
    "log_points", "snapshots", "checkpoints", "early_stop",
)  # fmt: skip

#: What stands in the settings of a run whose method does not read a key; null for the others.
UNUSED: Mapping[str, Any] = {"tricks": []}

#: Keys that stand in a run's settings only where they are something else.
USUAL: Mapping[str, Any] = {"precision": "float32"}

#: Keys that have no default: a run whose method reads one must name it.
NEEDED = ("model", "loss", "penalty", "g_optimizer", "d_optimizer", "budget")

#: Keys that no method declares -> the key that it must read for them: what takes pictures on its way can keep its
#: generator, and what trains a discriminator has a history that a collapse shows in.
DERIVED = {"checkpoints": "snapshots", "early_stop": "d_optimizer"}

#: Axis of each key that holds one component.
COMPONENT_KEYS: Mapping[str, str] = {
    "method": "methods",
    "model": "models",
    "loss": "losses",
    "penalty": "penalties",
    "g_optimizer": "optimizers",
    "d_optimizer": "optimizers",
}

OPTIMIZERS = ("g_optimizer", "d_optimizer")


def telling(ref: Ref) -> Ref:
    """A reference to a method, or settings to merge into one, as it is; refused where the file lacks "uses"."""
    if "name" in ref:
        try:
            uses(ref)
        except UserError as error:
            raise mistake(" ".join(error.sentences)) from None
    return ref


def uses(method: Ref) -> frozenset[str]:
    """Keys of a run that the method of a resolved reference reads. UserError where its file does not tell."""
    found = component("methods", method["name"]).facts.get("uses")
    if not isinstance(found, list | tuple) or not set(found) <= set(KEYS) - {*DERIVED}:
        raise UserError(f"method {method['name']!r}: its FACTS must have 'uses', a list of {', '.join(KEYS)}.")
    return frozenset(found) | {key for key, other in DERIVED.items() if other in found}


def fitted(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a run with what its method does not read taken out: null, or no tricks.

    The usual precision is not written down, so that runs keep the ids that they had before there was another.
    """
    used = uses(settings["method"])
    told = {k: v for k, v in settings.items() if k not in USUAL or v != USUAL[k]}
    return {k: v if k not in KEYS or k in used else UNUSED.get(k) for k, v in told.items()}


def targets(key: str, used: frozenset[str]) -> tuple[str, ...]:
    """Keys of a run's settings that `key` of a study sets, where the method reads `used`."""
    if key == "optimizer":
        return tuple(name for name in OPTIMIZERS if name in used)
    return (key,) if key in used or key not in KEYS else ()


def needless(method: str, key: str) -> str:
    """Sentence on a key that the method does not read."""
    return f"method {method!r} has no use for {key}; take it out."


def lacking(settings: Mapping[str, Any]) -> Iterator[str]:
    """Keys that the run's method reads and that nothing has set."""
    used = uses(settings["method"])
    return (key for key in NEEDED if key in used and settings[key] is None)
