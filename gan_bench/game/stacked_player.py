"""One player of R runs: its stacked tensors, and an optimizer for each group of runs with equal settings of it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from gan_bench import registry
from gan_bench.files import canonical_json
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player, step_along

#: A parameter whose numbers, in one run, fill whole vectors is updated for all runs of a group at once; another run by
#: run, so that no number is in a vector for some counts of runs and in a kernel's tail for others.
WHOLE_VECTORS = 64


class StackedPlayer:
    """Parameters and buffers (R, ...) by name. `references` are the runs' settings of the optimizer.

    Neighbours with equal settings share an optimizer: runs that are sorted by them need the fewest.
    """

    def __init__(self, players: Sequence[Player], references: Sequence[Mapping[str, Any]]) -> None:
        self.parameters = _joined([player.parameters for player in players])
        self.buffers = _joined([player.buffers for player in players])
        spans = [list(same) for _, same in groupby(range(len(players)), lambda run: canonical_json(references[run]))]
        self.updates = [Update(self.parameters, players, runs, references[runs[0]]) for runs in spans]

    def descend(self, gradients: Sequence[Tensor], buffers: Tensors) -> None:
        """One step of every run's optimizer along gradients (R, ...), in the order of the parameters."""
        named = dict(zip(self.parameters, gradients, strict=True))
        for update in self.updates:
            update.step(named)
        self.buffers = buffers

    def show(self, run: int, player: Player) -> None:
        """Put a run's parameters and buffers into its own player."""
        with torch.no_grad():
            own = [tensor[run] for tensor in self.parameters.values()]
            torch._foreach_copy_(list(player.parameters.values()), own)
        player.buffers = {name: buffer[run].clone() for name, buffer in self.buffers.items()}

    def give_back(self, run: int, player: Player) -> None:
        """As `show`, with the state of the run's optimizer."""
        self.show(run, player)
        next(update for update in self.updates if run in update.runs).give_back(run, player)


class Update:
    """One optimizer over neighbouring `runs`, as its settings `reference` build it."""

    def __init__(
        self, parameters: Tensors, players: Sequence[Player], runs: Sequence[int], reference: Mapping[str, Any]
    ) -> None:
        self.runs = range(runs[0], runs[-1] + 1)
        self.parts = self._parts(parameters)
        self.optimizer: torch.optim.Optimizer = registry.load("optimizers", reference["name"]).build(
            list(self.parts.values()), reference
        )
        for name in parameters:
            self._load(name, [_kept(players[run], name) for run in self.runs])

    def step(self, gradients: Tensors) -> None:
        """One step along gradients (R, ...) by name, of which the group's are taken."""
        given = self._parts(gradients)
        step_along(self.optimizer, list(self.parts.values()), [given[name] for name in self.parts])

    def give_back(self, run: int, player: Player) -> None:
        """Put what the optimizer knows of a run into the run's own."""
        assert player.optimizer is not None
        for name, parameter in player.parameters.items():
            whole = name in self.parts
            kept = self.optimizer.state.get(self.parts[name if whole else f"{name}/{run - self.runs.start}"], {})
            at = run - self.runs.start
            player.optimizer.state[parameter] = {
                key: _own(value, at if whole and value.ndim > parameter.ndim else None) if _is(value) else value
                for key, value in kept.items()
            }

    def _parts(self, tensors: Tensors) -> Tensors:
        return parts_of({name: tensor[self.runs.start : self.runs.stop] for name, tensor in tensors.items()})

    def _load(self, name: str, kept: Sequence[Mapping[str, Any]]) -> None:
        """Take over what the runs' optimizers know of a parameter; counts of steps must be the same in all."""
        if not kept[0]:
            return
        for run in range(len(kept)) if name not in self.parts else [None]:
            own = kept[run or 0]
            state = {}
            for key, value in own.items():
                if _is(value) and run is None and value.ndim == self.parts[name].ndim - 1 and value.ndim:
                    state[key] = torch.stack([each[key] for each in kept])
                else:
                    state[key] = value.clone() if _is(value) else value
            self.optimizer.state[self.parts[name if run is None else f"{name}/{run}"]] = state


def parts_of(tensors: Tensors) -> Tensors:
    """Stacked tensors as what an update goes over: {name: (R, ...)}, or {name/run: (...)} for a small one."""
    found: Tensors = {}
    for name, tensor in tensors.items():
        if tensor[0].numel() % WHOLE_VECTORS == 0:
            found[name] = tensor
        else:
            found |= {f"{name}/{run}": own for run, own in enumerate(tensor.unbind(0))}
    return found


def _joined(dictionaries: Sequence[Tensors]) -> Tensors:
    return {name: torch.stack([own[name].detach() for own in dictionaries]) for name in dictionaries[0]}


def _kept(player: Player, name: str) -> Mapping[str, Any]:
    assert player.optimizer is not None
    kept: Mapping[str, Any] = player.optimizer.state.get(player.parameters[name], {})
    return kept


def _is(value: Any) -> bool:
    return isinstance(value, Tensor)


def _own(value: Tensor, run: int | None) -> Tensor:
    return value.clone() if run is None else value[run].clone()
