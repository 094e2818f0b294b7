"""A function of one run's tensors as one of R runs' stacked tensors, with the bits of R single calls.

The function is traced once, gradients and all, into the operations that it comes down to; each of them is then put
into its stacked form (gan_bench.game.stacked_ops). No run's numbers enter another's: every form keeps the runs apart.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, fx
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

from gan_bench.game.stacked_call import Call, Value, same
from gan_bench.game.stacked_ops import stacked_form

Function = Callable[..., Any]


class Stacked:
    """`Stacked(function, args)(*args)`: arguments are trees whose tensors are stacked (R, ...), as are the results.

    The example decides shapes and, with numbers drawn, which forms are exact; it is left as it is. RuntimeError for a
    function that reads numbers on its way (`.item()`, a branch on them), which no trace can hold, and where the example
    does not come out bit for bit; NotImplementedError for one that writes in place where that cannot be followed.
    """

    def __init__(self, function: Function, args: Sequence[Any]) -> None:
        leaves, spec = tree_flatten(tuple(args))
        self.runs = len(leaves[0])
        out_spec: list[Any] = []

        def flat(*given: Tensor) -> list[Any]:
            outputs, found = tree_flatten(function(*tree_unflatten(list(given), spec)))
            out_spec.append(found)
            return outputs

        traced = make_fx(flat)(*(leaf[0].clone() for leaf in leaves))
        self.module = _stacked(traced, [leaf.clone() for leaf in leaves], self.runs)
        self.out_spec = out_spec[-1]
        found = tree_leaves(self(*(leaf.clone() for leaf in leaves)))
        for run in range(self.runs):
            own = flat(*(leaf[run].clone() for leaf in leaves))
            if not all(same(output[run], one.detach()) for output, one in zip(found, own, strict=True)):
                raise RuntimeError("a stacked step does not have the bits of single steps on this machine")

    def __call__(self, *args: Any) -> Any:
        with torch.no_grad():
            return tree_unflatten(list(self.module(*tree_leaves(tuple(args)))), self.out_spec)


def _stacked(traced: fx.GraphModule, example: Sequence[Tensor], runs: int) -> fx.GraphModule:
    graph, env, last = fx.Graph(), {}, _last_uses(traced.graph)
    given = iter(example)
    for node in traced.graph.nodes:
        if node.op == "placeholder":
            env[node] = Value(graph.placeholder(node.target), next(given), stacked=True)
        elif node.op == "get_attr":
            env[node] = Value(graph.get_attr(node.target), getattr(traced, node.target), stacked=False)
        elif node.op == "output":
            graph.output(_nodes([_whole(graph, value, runs) for value in _lookup(node.args[0], env)]))
        else:
            env[node] = _placed(graph, node, env, runs)
        for used in last.get(node, ()):
            env.pop(used, None)
    return fx.GraphModule(traced, graph)


def _placed(graph: fx.Graph, node: fx.Node, env: dict[fx.Node, Value], runs: int) -> Value:
    target: Any = node.target
    args, kwargs = _lookup(node.args, env), _lookup(dict(node.kwargs), env)
    with torch.no_grad():
        together = any(isinstance(leaf, Value) and leaf.stacked for leaf in tree_leaves((args, kwargs)))
        call = Call(runs, target, args, kwargs) if together else None
        function, given, named = (target, args, kwargs) if call is None else stacked_form(call)
        new = graph.create_node("call_function", function, tuple(_nodes(list(given))), _nodes(dict(named)))
        outputs = function(*_data(list(given)), **_data(dict(named)))
        return Value(new, outputs, together, call is not None and call.copies(outputs))


def _whole(graph: fx.Graph, value: Value, runs: int) -> Value:
    """An output that all runs share, once for each of them."""
    if value.stacked:
        return value
    expand = graph.call_function(lambda x: x.expand(runs, *x.shape), (value.node,))
    return Value(expand, None, stacked=True)


def _last_uses(graph: fx.Graph) -> dict[fx.Node, list[fx.Node]]:
    """Node -> nodes whose values nothing after it needs."""
    last = {used: node for node in graph.nodes for used in node.all_input_nodes}
    found: dict[fx.Node, list[fx.Node]] = {}
    for used, node in last.items():
        found.setdefault(node, []).append(used)
    return found


def _lookup(tree: Any, env: dict[fx.Node, Value]) -> Any:
    found: Any = fx.node.map_arg(tree, lambda node: cast(Any, env[node]))
    return found


def _nodes(tree: Any) -> Any:
    return _map(tree, lambda value: value.node)


def _data(tree: Any) -> Any:
    return _map(tree, lambda value: value.data)


def _map(tree: Any, change: Callable[[Value], Any]) -> Any:
    if isinstance(tree, Value):
        return change(tree)
    if isinstance(tree, dict):
        return {key: _map(item, change) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return [_map(item, change) for item in tree]
    return tree
