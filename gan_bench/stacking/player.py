"""One player (G or D) of R runs: stacked tensors, and one optimizer for all runs with equal optimizer settings."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from gan_bench import registry
from gan_bench.files import canonical_json
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player, step_along
from gan_bench.stacking.ops import WHOLE_VECTORS

#: Options of torch.optim.Adam that change the algorithm.
ADAM_VARIANTS = ("amsgrad", "maximize", "capturable", "differentiable", "decoupled_weight_decay")


class StackedPlayer:
    """Parameters and buffers (R, ...) by name. `references`: the optimizer settings of each run.

    Consecutive runs with equal settings share an optimizer, so runs should be sorted by these settings.
    """

    def __init__(self, players: Sequence[Player], references: Sequence[Mapping[str, Any]]) -> None:
        self.parameters = _joined([player.parameters for player in players])
        self.buffers = _joined([player.buffers for player in players])
        spans = [list(same) for _, same in groupby(range(len(players)), lambda run: canonical_json(references[run]))]
        self.updates = [Update(self.parameters, players, runs, references[runs[0]]) for runs in spans]
        self._gradients: Sequence[Tensor] | None = None

    def descend(self, gradients: Sequence[Tensor], buffers: Tensors) -> None:
        """One step of all optimizers with gradients (R, ...), which are in the order of the parameters.

        `buffers` are copied into the player's own buffers, which stay in the same memory. `gradients` may be the same
        list in each call, with new numbers in the same tensors.
        """
        if gradients is not self._gradients:
            self._gradients = gradients
            for update in self.updates:
                update.along(dict(zip(self.parameters, gradients, strict=True)))
        for update in self.updates:
            update.step()
        if self.buffers:
            torch._foreach_copy_(list(self.buffers.values()), [buffers[name] for name in self.buffers])

    def show(self, run: int, player: Player) -> None:
        """Copy a run's parameters and buffers into its `Player`."""
        with torch.no_grad():
            slices = [tensor[run] for tensor in self.parameters.values()]
            torch._foreach_copy_(list(player.parameters.values()), slices)
        player.buffers = {name: buffer[run].clone() for name, buffer in self.buffers.items()}

    def give_back(self, run: int, player: Player) -> None:
        """Like `show`, and also copy the run's optimizer state."""
        self.show(run, player)
        next(update for update in self.updates if run in update.runs).give_back(run, player)


class Update:
    """One optimizer for consecutive `runs`, built from the settings `reference`."""

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
        self._along: list[Tensor] = []
        self._direct: Callable[[], None] | None = None

    def along(self, gradients: Tensors) -> None:
        """Use these gradients, {name: (R, ...)}, in the following steps. Only the part for `runs` is used."""
        given = self._parts(gradients)
        self._along, self._direct = [given[name] for name in self.parts], None

    def step(self) -> None:
        """One step of the optimizer."""
        if self._direct is None:
            step_along(self.optimizer, list(self.parts.values()), self._along)
            self._direct = fused_adam(self.optimizer, list(self.parts.values()), self._along)
        else:
            self._direct()

    def give_back(self, run: int, player: Player) -> None:
        """Copy a run's optimizer state into the optimizer of its `Player`."""
        assert player.optimizer is not None
        for name, parameter in player.parameters.items():
            whole = name in self.parts
            kept = self.optimizer.state.get(self.parts[name if whole else f"{name}/{run - self.runs.start}"], {})
            at = run - self.runs.start
            player.optimizer.state[parameter] = {
                key: (value[at] if whole and value.ndim > parameter.ndim else value).clone()
                if isinstance(value, Tensor)
                else value
                for key, value in kept.items()
            }

    def _parts(self, tensors: Tensors) -> Tensors:
        return parts_of({name: tensor[self.runs.start : self.runs.stop] for name, tensor in tensors.items()})

    def _load(self, name: str, kept: Sequence[Mapping[str, Any]]) -> None:
        """Load the state of the single runs' optimizers for a parameter; their step counts must be equal."""
        if not kept[0]:
            return
        for run in range(len(kept)) if name not in self.parts else [None]:
            moments = kept[run or 0]
            state = {}
            for key, value in moments.items():
                if not isinstance(value, Tensor):
                    state[key] = value
                elif run is None and value.ndim == self.parts[name].ndim - 1 and value.ndim:
                    state[key] = torch.stack([each[key] for each in kept])
                else:
                    state[key] = value.clone()
            self.optimizer.state[self.parts[name if run is None else f"{name}/{run}"]] = state


def fused_adam(
    optimizer: torch.optim.Optimizer, parameters: Sequence[Tensor], gradients: Sequence[Tensor]
) -> Callable[[], None] | None:
    """A function that makes a step of fused Adam without reading settings and tensors again.

    PyTorch's step is one kernel call, after several Python operations for each parameter. This function leaves out the
    Python operations. All parameters have the same step count, so it is stored once.

    None for all other optimizers. None also if an option in ADAM_VARIANTS is on, the learning rate is a tensor, there
    are several parameter groups, the step counts of parameters differ, or a parameter has a `.grad`.
    """
    if type(optimizer) is not torch.optim.Adam or len(optimizer.param_groups) != 1:
        return None
    group, states = optimizer.param_groups[0], [optimizer.state[parameter] for parameter in parameters]
    plain = not any(group[key] for key in ADAM_VARIANTS) and not isinstance(group["lr"], Tensor)
    if not (group["fused"] and plain and all(set(state) == {"step", "exp_avg", "exp_avg_sq"} for state in states)):
        return None
    if len({float(state["step"]) for state in states}) != 1 or any(p.grad is not None for p in parameters):
        return None
    count = states[0]["step"]
    for state in states:
        state["step"] = count
    laid = [g if g.stride() == p.stride() else torch.empty_like(p) for p, g in zip(parameters, gradients, strict=True)]
    copies = [(laid_out, given) for laid_out, given in zip(laid, gradients, strict=True) if laid_out is not given]
    means, squares = [state["exp_avg"] for state in states], [state["exp_avg_sq"] for state in states]
    (beta1, beta2), lr, eps, decay = group["betas"], group["lr"], group["eps"], group["weight_decay"]
    given: list[Any] = [list(parameters), laid, means, squares, [], [count] * len(laid)]
    numbers = {"lr": lr, "beta1": beta1, "beta2": beta2, "weight_decay": decay, "eps": eps}
    fused = partial(torch._fused_adam_, *given, **numbers, amsgrad=False, maximize=False)

    def step() -> None:
        with torch.no_grad():
            for laid_out, gradient in copies:
                laid_out.copy_(gradient)
            count.add_(1)
            fused()

    return step


def parts_of(tensors: Tensors) -> Tensors:
    """Stacked tensors for the optimizer: {name: (R, ...)}, or {name/run: (...)} if one run's part has a tail.

    The tail of a tensor is its last numbers, which do not fill a vector. A kernel may round them differently from the
    other numbers. If such tensors were stacked, the number of runs would decide which numbers are in the tail.
    """
    parts: Tensors = {}
    for name, tensor in tensors.items():
        if tensor[0].numel() % WHOLE_VECTORS == 0:
            parts[name] = tensor
        else:
            parts |= {f"{name}/{run}": part for run, part in enumerate(tensor.unbind(0))}
    return parts


def _joined(dictionaries: Sequence[Tensors]) -> Tensors:
    return {name: torch.stack([tensors[name].detach() for tensors in dictionaries]) for name in dictionaries[0]}


def _kept(player: Player, name: str) -> Mapping[str, Any]:
    assert player.optimizer is not None
    return player.optimizer.state.get(player.parameters[name], {})
