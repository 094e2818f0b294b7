"""The requested metric families: whether they can be computed, and what they compute without generated rows."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.features import Features
from gan_bench.metrics import NEEDS, MetricUndefined
from gan_bench.metrics._tensors import rows_of
from gan_bench.metrics.pairs import Pairs, Part, Requests, read_pairs, real_state
from gan_bench.metrics.pairs.run import State

Ref = dict[str, Any]
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class RealSide:
    """What metrics compute from real and training rows only.

    sides: results of `real_side`, by the name of the module that defines the function.
    states: results of the parts that read pairs of rows (see gan_bench.metrics.pairs), by the part's key.
    """

    sides: Mapping[str, Arrays] = field(default_factory=dict)
    states: State = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A requested family with its settings."""

    ref: Ref
    module: ModuleType
    facts: Mapping[str, Any]
    parts: Mapping[str, Part]

    @property
    def settings(self) -> dict[str, Any]:
        return settings_of(self.ref)

    @property
    def side_key(self) -> str | None:
        """Name of the module that defines the family's `real_side`, or None. Families can share one function."""
        function = getattr(self.module, "real_side", None)
        return None if function is None else str(function.__module__).rpartition(".")[2]


def settings_of(ref: Ref) -> dict[str, Any]:
    return {key: value for key, value in ref.items() if key not in ("name", "digest")}


def load_family(ref: Ref, requests: Requests) -> Family:
    module, facts = registry.load("metrics", ref["name"]), registry.component("metrics", ref["name"]).facts
    parts = module.parts(requests, settings_of(ref)) if hasattr(module, "parts") else {}
    return Family(ref, module, facts, parts)


def lacking(facts: Mapping[str, Any], real: Features, fake: Features, *, train: bool, run: bool) -> str | None:
    """Why a family cannot be computed from these sets: too few rows, or a missing input. None if nothing is missing."""
    smaller = min(len(real), len(fake))
    if smaller < facts["min_n"]:
        return f"needs {facts['min_n']} rows of each set; the smaller has {smaller}"
    available = {
        "features": True,
        "images": fake.images is not None and real.images is not None,
        "log_probs": fake.log_probs is not None,
        "modes": fake.modes is not None and real.modes is not None,
        "train": train,
        "run": run,
    }
    missing = [NEEDS[need] for need in facts["needs"] if not available[need]]
    return f"needs {' and '.join(missing)}; none given" if missing else None


def prepare_real(
    real: Features, train: Features | None, refs: Sequence[Ref], device: str = "cpu", block: int | None = None
) -> RealSide:
    """Everything that the families of `refs` compute from real and training rows only."""
    requests = Requests()
    families = [load_family(ref, requests) for ref in refs]
    sides = {}
    for family in families:
        if family.side_key is not None and family.side_key not in sides:
            sides[family.side_key] = family.module.real_side(real)
    states: State = {}
    if requests.parts:
        with suppress(MetricUndefined):  # raised again when the rows are scored, and reported there
            states = real_state(_pairs(real, None, train, device, block), requests.parts)
    return RealSide(sides, states)


def read_all(
    requests: Requests,
    real: Features,
    fake: Features,
    train: Features | None,
    known: RealSide,
    device: str,
    block: int | None,
) -> Pairs | MetricUndefined | None:
    """Let all requested parts read the distances of all pairs of rows.

    Returns: the compared sets; or the reason why their rows cannot be compared; or None if no part was requested.
    """
    if not requests.parts:
        return None
    try:
        pairs = _pairs(real, fake, train, device, block)
    except MetricUndefined as reason:
        return reason
    read_pairs(pairs, requests.parts, known.states)
    return pairs


def _pairs(real: Features, fake: Features | None, train: Features | None, device: str, block: int | None) -> Pairs:
    sets = [None if points is None else rows_of(points.features, device) for points in (real, fake, train)]
    assert sets[0] is not None
    return Pairs(sets[0], sets[1], sets[2], **({} if block is None else {"block": block}))
