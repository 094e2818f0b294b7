"""Turns a function of one run's tensors into a function of R runs' stacked tensors, with the bits of R single calls.

The function is traced once, with its gradients, into ATen operations. Each operation is replaced by its stacked form
(gan_bench.stacking.ops), which writes into fixed memory (gan_bench.stacking.replay). No form mixes numbers of different
runs.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, fx
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

from gan_bench.stacking.call import Call, Operand, data_of, same, storage, storages, works_in_place
from gan_bench.stacking.ops import stacked_form
from gan_bench.stacking.replay import Action, Memory, changed, settled

Function = Callable[..., Any]

aten: Any = torch.ops.aten

#: Operations whose results depend only on the shapes of their arguments and on constants.
OF_SHAPES = frozenset(
    {aten.zeros_like.default, aten.ones_like.default, aten.full_like.default, aten.new_zeros.default,
     aten.new_ones.default, aten.new_full.default}
)  # fmt: skip


class Stacked:
    """`Stacked(function, args)(*args)`: arguments and results are trees of stacked tensors (R, ...).

    The example `args` sets the shapes. For the example, the results must have the bits of calls for single runs, or an
    error is raised. The tensors of the example are not changed. Results are in the same memory in each call, so a
    caller that needs them later must copy them. With `stay`, `again()` reads the tensors of `args` themselves, not
    copies. Several `Stacked` may get the same `memory`. Their intermediate results then use the same memory.

    Raises:
        RuntimeError: the function reads values (`.item()`, a branch on a value), which a trace cannot follow; with
            `stay`, the function writes into its arguments; or a bit of the result differs from single calls.
        NotImplementedError: an operation has a stacked tensor as a keyword argument; an operation writes into a copy,
            or into a tensor that all runs share; or an `as_strided` cannot be stacked.
    """

    def __init__(
        self, function: Function, args: Sequence[Any], *, stay: bool = False, memory: Memory | None = None
    ) -> None:
        leaves, spec = tree_flatten(tuple(args))
        self.runs = len(leaves[0])
        out_spec: list[Any] = []

        def flat(*given: Tensor) -> list[Any]:
            outputs, output_spec = tree_flatten(function(*tree_unflatten(list(given), spec)))
            out_spec.append(output_spec)
            return outputs

        traced = make_fx(flat)(*(leaf[0].clone() for leaf in leaves))
        traced.graph.eliminate_dead_code()
        before = [leaf.clone() for leaf in leaves]
        self.given = leaves if stay else [leaf.clone() for leaf in leaves]
        self.names: list[str] = []
        self.actions: list[Action] = []
        with torch.no_grad():
            outputs = self._settle(traced, memory or Memory())
        self.outputs = tree_unflatten(outputs, out_spec[-1])
        for slot, value in zip(self.given, before, strict=True):
            if not same(slot, value):
                slot.copy_(value)
                if stay:
                    raise RuntimeError("a stacked step writes into its arguments")
        stacked_outputs = tree_leaves(self.again())
        for run in range(self.runs):
            single_outputs = flat(*(value[run].clone() for value in before))
            pairs = zip(stacked_outputs, single_outputs, strict=True)
            if not all(same(output[run], one.detach()) for output, one in pairs):
                raise RuntimeError("a stacked step does not give the same bits as single steps on this machine")

    def __call__(self, *args: Any) -> Any:
        with torch.no_grad():
            for slot, given in zip(self.given, tree_leaves(tuple(args)), strict=True):
                if slot is not given:
                    slot.copy_(given)
        return self.again()

    def again(self) -> Any:
        """The results for the current values of the arguments."""
        with torch.no_grad():
            for action in self.actions:
                action()
        return self.outputs

    def _settle(self, traced: fx.GraphModule, memory: Memory) -> list[Any]:
        """Collect in `actions` the calls that `again` makes. Returns the outputs in their fixed memory."""
        env: dict[fx.Node, Operand] = {}
        last, written = _last_uses(traced.graph), _written(traced.graph)
        given = iter(self.given)
        for node in traced.graph.nodes:
            if node.op == "placeholder":
                env[node] = Operand(next(given), stacked=True)
                memory.hold(env[node].data)
            elif node.op == "get_attr":
                env[node] = Operand(getattr(traced, node.target), stacked=False, fixed=node not in written)
                memory.hold(env[node].data)
            elif node.op == "output":
                return [_whole(value, self.runs) for value in _lookup(node.args[0], env)]
            else:
                self._place(node, env, memory, [env[used] for used in last.get(node, ())], node in written)
            for used in last.get(node, ()):
                env.pop(used, None)
        raise AssertionError("a graph ends with its output")

    def _place(
        self, node: fx.Node, env: dict[fx.Node, Operand], memory: Memory, dying: Sequence[Operand], written: bool
    ) -> None:
        target: Any = node.target
        args, kwargs = _lookup(node.args, env), _lookup(dict(node.kwargs), env)
        values = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Operand)]
        together = any(value.stacked for value in values)
        call = Call(self.runs, target, args, kwargs) if together else None
        function, mapped, named = (target, args, kwargs) if call is None else stacked_form(call)
        data, keywords = data_of(list(mapped)), data_of(dict(named))
        fresh = function(*data, **keywords)
        operand = Operand(fresh, together, call is not None and call.copies(fresh))
        operand.fixed = not written and (target in OF_SHAPES or all(value.fixed for value in values))
        early = _same_place(dying, fresh) and torch.Tag.pointwise in getattr(target, "tags", ())
        if early:
            _drop(memory, dying)
        if works_in_place(target):
            self._add(function, changed(function, data, keywords))
        elif not operand.fixed:
            operand.data, actions = settled(memory, function, data, keywords, fresh)
            self._add(function, actions)
        memory.hold(operand.data)
        if not early:
            _drop(memory, dying)
        env[node] = operand

    def _add(self, function: Any, actions: Sequence[Action]) -> None:
        self.actions += actions
        self.names += [getattr(function, "__name__", str(function))] if actions else []


def _drop(memory: Memory, values: Sequence[Operand]) -> None:
    for value in values:
        memory.drop(value.data)


def _same_place(dying: Sequence[Operand], fresh: Any) -> bool:
    """Whether a pointwise result can use the memory of arguments that are not needed afterwards."""
    return isinstance(fresh, Tensor) and all(
        storage(fresh) not in storages(value.data)
        and isinstance(value.data, Tensor)
        and value.data.shape == fresh.shape
        and value.data.stride() == fresh.stride()
        for value in dying
    )


def _whole(value: Operand, runs: int) -> Any:
    """An output as a stacked tensor; a tensor that all runs share is repeated for each run."""
    return value.data if value.stacked else value.data.expand(runs, *value.data.shape)


def _written(graph: fx.Graph) -> set[fx.Node]:
    """Nodes whose memory an operation in place may overwrite, so that they are not constants."""
    nodes: set[fx.Node] = set()
    for node in graph.nodes:
        reached = node if node.op == "call_function" and works_in_place(node.target) else None
        while isinstance(reached, fx.Node) and reached not in nodes:
            nodes.add(reached)
            reached = reached.args[0] if reached.args else None
    return nodes


def _last_uses(graph: fx.Graph) -> dict[fx.Node, list[fx.Node]]:
    """Node -> the nodes whose values are used by this node for the last time."""
    last = {used: node for node in graph.nodes for used in node.all_input_nodes}
    users: dict[fx.Node, list[fx.Node]] = {}
    for used, node in last.items():
        users.setdefault(node, []).append(used)
    return users


def _lookup(tree: Any, env: dict[fx.Node, Operand]) -> Any:
    return fx.node.map_arg(tree, lambda node: cast(Any, env[node]))
