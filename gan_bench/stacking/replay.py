"""Repeats operations in the same memory, which is possible because the shapes of a step never change.

Views, and constants that depend only on shapes, are made once. All other operations are calls that write their results
into the same memory in each step. If a result is no longer needed, its memory is used for a later result.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

from gan_bench.stacking.call import Each, Prepared, once, part, repeats, same, span, storage, storages
from gan_bench.stacking.ops import norms

aten: Any = torch.ops.aten
Action = Callable[[], Any]

#: ATen operation that writes into `out` -> its public function, which is faster to call.
QUICK: dict[Any, Callable[..., Any]] = {
    aten.add.out: torch.add, aten.sub.out: torch.sub, aten.mul.out: torch.mul, aten.div.out: torch.div,
    aten.neg.out: torch.neg, aten.tanh.out: torch.tanh, aten.sigmoid.out: torch.sigmoid, aten.exp.out: torch.exp,
    aten.sqrt.out: torch.sqrt, aten.mm.out: torch.mm, aten.addmm.out: torch.addmm, aten.bmm.out: torch.bmm,
    aten.baddbmm.out: torch.baddbmm, aten.cat.out: torch.cat, aten.stack.out: torch.stack, aten.mean.out: torch.mean,
    aten.sum.IntList_out: torch.sum, aten.gt.Scalar_out: torch.gt, aten.le.Scalar_out: torch.le,
    aten.amin.out: torch.amin,
    aten.pow.Tensor_Scalar_out: torch.pow, aten.linalg_vector_norm.out: torch.linalg.vector_norm,
    aten.add.Scalar_out: torch.add, aten.mul.Scalar_out: torch.mul, aten.div.Scalar_out: torch.div,
}  # fmt: skip

#: Operations that copy their first argument, possibly to another type.
COPIES = (aten.clone.default, aten._to_copy.default)


class Memory:
    """Memory for results. The memory that was released last is used first, because it is still in the cache."""

    def __init__(self) -> None:
        self._free: dict[tuple[torch.dtype, int], list[Tensor]] = {}
        self._own: dict[int, Tensor] = {}
        self._users: dict[int, int] = {}

    def take(self, like: Tensor) -> Tensor:
        """Memory for a tensor with the shape, strides and type of `like`."""
        size = span(like)
        free = self._free.get((like.dtype, size))
        flat = free.pop() if free else torch.empty(size, dtype=like.dtype, device=like.device)
        self._own[storage(flat)] = flat
        return flat.as_strided(like.shape, like.stride())

    def hold(self, value: Any) -> None:
        """Mark a value (a tensor or lists of tensors) as needed."""
        for place in storages(value):
            self._users[place] = self._users.get(place, 0) + 1

    def drop(self, value: Any) -> None:
        """Mark a held value as no longer needed."""
        for place in storages(value):
            self._users[place] -= 1
            if not self._users[place] and place in self._own:
                flat = self._own[place]
                self._free.setdefault((flat.dtype, len(flat)), []).append(flat)


def settled(
    memory: Memory, function: Any, args: Sequence[Any], kwargs: dict[str, Any], fresh: Any
) -> tuple[Any, list[Action]]:
    """Fixed memory for the results `fresh` of `function(*args, **kwargs)`, and the calls that compute them again.

    A result that shares memory with an argument is a view of the argument and needs no call.
    """
    leaves, spec = tree_flatten(fresh)
    given = storages((args, kwargs))
    made = [isinstance(leaf, Tensor) and leaf.numel() > 0 and storage(leaf) not in given for leaf in leaves]
    if not any(made):
        return fresh, []
    plain = all(made) and not any(map(repeats, leaves))
    homes = [_home(memory, leaf, plain) if new else leaf for leaf, new in zip(leaves, made, strict=True)]
    home = tree_unflatten(homes, spec)
    actions = _written(function, args, kwargs, home) if plain else None
    if actions is not None and _agrees(actions, homes, leaves):
        return home, actions
    targets = [once(target) if new else None for target, new in zip(homes, made, strict=True)]

    def copied() -> None:
        _copy(targets, tree_leaves(function(*args, **kwargs)))

    _copy(targets, leaves)
    return home, [copied]


def changed(function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Action]:
    """The calls of an operation that works in place."""
    if isinstance(function, Each):
        return [partial(function.target, *row, **kwargs) for row in function.rows(args)]
    return [partial(function, *args, **kwargs)]


def _written(function: Any, args: Sequence[Any], kwargs: dict[str, Any], home: Any) -> list[Action] | None:
    """Calls that write the results into `home`; None if the operation cannot write into given tensors."""
    if isinstance(function, Prepared):
        return _written(function.target, function.prepare(*args), kwargs, home)
    if isinstance(function, Each):
        actions_of_runs = [
            _written(function.target, row, kwargs, part(home, run)) for run, row in enumerate(function.rows(args))
        ]
        return None if None in actions_of_runs else [action for actions in actions_of_runs for action in actions or ()]
    if function is norms:
        every = zip(args[0], home, strict=True)
        return [partial(torch.linalg.vector_norm, x, dim=tuple(range(1, x.ndim)), out=target) for x, target in every]
    if function in COPIES and isinstance(home, Tensor):
        return [partial(home.copy_, args[0])]
    variant = out_variant(function)
    outputs = [home] if isinstance(home, Tensor) else home
    if variant is None or len(outputs) != len(variant[1]):
        return None
    return [partial(variant[0], *args, **kwargs, **dict(zip(variant[1], outputs, strict=True)))]


@cache
def out_variant(operation: Any) -> tuple[Any, list[str]] | None:
    """The overload of an operation that gets its outputs as arguments, and these arguments' names; None without one."""
    if not hasattr(operation, "overloadpacket"):
        return None
    if operation is aten.relu.default:
        return partial(torch.clamp_min, min=0), ["out"]
    wanted = _inputs(operation)
    for name in operation.overloadpacket.overloads():
        other = getattr(operation.overloadpacket, name)
        outs = [argument.name for argument in other._schema.arguments if argument.is_out]
        if outs and _inputs(other) == wanted:
            return QUICK.get(other, other), outs
    return None


def _inputs(operation: Any) -> list[tuple[str, str]]:
    return [(argument.name, str(argument.type)) for argument in operation._schema.arguments if not argument.is_out]


def _agrees(actions: Iterable[Action], homes: Sequence[Tensor], leaves: Sequence[Tensor]) -> bool:
    try:
        for action in actions:
            action()
    except (RuntimeError, TypeError):  # the form does not accept these shapes, types or strides
        return False
    return all(same(home, leaf) for home, leaf in zip(homes, leaves, strict=True))


def _home(memory: Memory, leaf: Tensor, plain: bool) -> Tensor:
    if plain:
        return memory.take(leaf)
    return torch.empty_strided(leaf.shape, leaf.stride(), dtype=leaf.dtype, device=leaf.device)


def _copy(targets: Sequence[Tensor | None], outputs: Sequence[Any]) -> None:
    for target, output in zip(targets, outputs, strict=True):
        if target is not None:
            target.copy_(once(output))
