"""Rules that turn an operation for one run into an operation for R stacked runs, with the bits of R single calls.

A rule gets a `Call` and returns its form for stacked tensors (R, ...), or None. With None, the operation is called for
each run, which is exact by construction. The other forms are exact for these reasons:

- A view does not change numbers.
- All kernels round IEEE 754 arithmetic correctly.
- Other functions (exp, tanh, ...) may round differently in the vectorised body of a kernel and in its tail (the last
  numbers, which do not fill a vector). They are stacked only if the numbers of a run fill whole vectors.
- In a reduction or a matrix product, the order of additions is not specified. Such a form is tested on random numbers.

In addition, each form must give the right bits for the example. Only the forms of operations in place and of
`as_strided` are not compared.
"""

import operator
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from gan_bench.stacking.call import Call, Form, Operand, Prepared

aten: Any = torch.ops.aten

#: If the number of a run's values is a multiple of this (four of the widest vectors, AVX-512), a kernel has no tail.
WHOLE_VECTORS = 64

_COMPARISONS = [
    getattr(getattr(aten, name), kind) for name in ("gt", "ge", "lt", "le", "eq", "ne") for kind in ("Scalar", "Tensor")
]
#: Correctly rounded arithmetic, and operations that move or compare numbers.
EXACT = frozenset(
    {
        aten.add.Tensor, aten.sub.Tensor, aten.mul.Tensor, aten.div.Tensor, aten.add.Scalar, aten.sub.Scalar,
        aten.mul.Scalar, aten.div.Scalar, aten.rsub.Scalar, aten.neg.default, aten.abs.default, aten.sqrt.default,
        aten.relu.default, aten.leaky_relu.default, aten.leaky_relu_backward.default, aten.threshold_backward.default,
        aten.clamp.default, aten.clamp_min.default, aten.clamp_max.default, aten.minimum.default, aten.maximum.default,
        aten.where.self, aten.masked_fill.Scalar, aten.floor.default, aten.sign.default, aten.sgn.default,
        aten._to_copy.default, aten.logical_and.default, aten.logical_or.default, aten.logical_not.default,
        aten.bitwise_and.Tensor, aten.bitwise_or.Tensor, aten.bitwise_not.default, aten.masked_fill_.Scalar,
        aten.copy_.default, *_COMPARISONS,
    }
)  # fmt: skip
#: Pointwise operations that torch does not tag as pointwise.
UNTAGGED = frozenset({aten.log_sigmoid_forward.default, aten.log_sigmoid_backward.default})


def stacked_form(call: Call) -> Form:
    """The form that the operation's rule gives, if it is exact; else a form with one call for each run."""
    form = RULES.get(call.target, _pointwise)(call)
    if form is not None and call.target is aten.as_strided.default:
        return form  # calls for single runs would use the offset of the first run
    if form is None or (not call.mutable and not call.gives(form)):
        return call.one_by_one()
    return form


def _pointwise(call: Call) -> Form | None:
    """Rule for elementwise operations. A tensor with fewer axes than the others gets axes of length 1."""
    exact = call.target in EXACT and call.kwargs.get("alpha", 1) == 1
    square = call.target is aten.pow.Tensor_Scalar and call.args[1] == 2
    values = [arg for arg in call.args if isinstance(arg, Operand)]
    if not exact and not square:
        tagged = torch.Tag.pointwise in getattr(call.target, "tags", ())
        if call.mutable or not (tagged or call.target in UNTAGGED):
            return None
        first = values[0].data
        alike = all(v.stacked and v.data.shape == first.shape and v.data.is_contiguous() for v in values)
        if not alike or prod(first.shape[1:]) % WHOLE_VECTORS:
            return None
    rank = max(v.data.ndim - v.stacked for v in values)
    if all(v.data.ndim == rank + v.stacked for v in values if v.stacked):
        return call.target, call.args, call.kwargs

    def lifted(*args: Any) -> list[Any]:
        return [_lift(a, rank) if m is True else a for a, m in zip(args, call.masks, strict=True)]

    return Prepared(call.target, lifted), call.args, call.kwargs


def _lift(x: Tensor, rank: int) -> Tensor:
    return x if x.ndim > rank else x.reshape(x.shape[0], *[1] * (rank + 1 - x.ndim), *x.shape[1:])


def _shift(dim: int) -> int:
    return dim if dim < 0 else dim + 1


def _same_call(call: Call) -> Form:
    return call.target, call.args, call.kwargs


def _shifted(at: int, default: int = 0) -> Callable[[Call], Form | None]:
    """A rule for an operation whose argument `at` is an axis."""

    def rule(call: Call) -> Form | None:
        args = list(call.args) + [default] * (at + 1 - len(call.args))
        if isinstance(args[0], list | tuple) and not all(v.stacked for v in args[0]):
            return None
        args[at] = _shift(args[at])
        return call.target, args, call.kwargs

    return rule


def _transposed(call: Call) -> Form:
    x = call.args[0]
    if call.target is aten.t.default:
        return (aten.transpose.int, (x, -2, -1), {}) if x.data.ndim > 2 else ((lambda x: x), (x,), {})
    return aten.transpose.int, (x, _shift(call.args[1]), _shift(call.args[2])), {}


def _permuted(call: Call) -> Form:
    x, dims = call.args[:2]
    return aten.permute.default, (x, [0, *(d % (x.data.ndim - 1) + 1 for d in dims)]), {}


def _expanded(call: Call) -> Form:
    shape = tuple(call.example.shape)

    def expand(x: Tensor) -> Tensor:
        return _lift(x, len(shape)).expand(x.shape[0], *shape)

    return expand, call.args[:1], {}


def _strided(call: Call) -> Form:
    """Rule for `as_strided`. Its offset counts from the start of the stacked tensor, where the first run is."""
    x, size, stride = call.args[:3]
    if x.data.storage_offset() or not x.data.is_contiguous() or (len(call.args) > 3 and call.args[3] is None):
        raise NotImplementedError("as_strided is called on a tensor that is not contiguous or has an offset")
    return aten.as_strided.default, (x, [call.runs, *size], [x.data.stride(0), *stride], *call.args[3:]), {}


def _made(call: Call) -> Form:
    """Rule for constants of a given shape: one tensor for each run."""
    if call.target in (aten.new_zeros.default, aten.new_ones.default):
        return call.target, (call.args[0], [call.runs, *call.args[1]]), call.kwargs
    return _same_call(call)


def _product(call: Call) -> Form | None:
    if not all(isinstance(arg, Operand) and arg.stacked for arg in call.args) or call.kwargs:
        return None
    if call.target is aten.mm.default:
        product: Form = (aten.bmm.default, call.args, {})
        return product if call.agrees(product) else None

    def lifted(bias: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return _lift(bias, 2), a, b

    biased: Form = (Prepared(aten.baddbmm.default, lifted), call.args, {})
    return biased if call.agrees(biased) else None


def _reduced(at: int | None) -> Callable[[Call], Form | None]:
    """A rule for a reduction over the axes in its argument number `at`.

    All axes are reduced if `at` is None, or if this argument is None, empty or missing.
    """

    def rule(call: Call) -> Form | None:
        x, args = call.args[0], list(call.args)
        if not isinstance(x, Operand) or x.data.ndim < 2:
            return None
        every = list(range(1, x.data.ndim))
        target = WITH_AXES.get(call.target, call.target)
        if at is None:
            args = [x, every]
        else:
            args += [2, None][len(args) - 1 : at] if call.target is aten.linalg_vector_norm.default else []
            args += [None] * (at + 1 - len(args))
            dims = args[at]
            axes = [dims] if isinstance(dims, int) else dims
            args[at] = [_shift(axis) for axis in axes] if axes else every
        form = target, args, call.kwargs
        return form if call.agrees(form) else None

    return rule


def _norms(call: Call) -> Form | None:
    """Rule for 2-norms of several tensors."""
    if len(call.args) > 1 and call.args[1] != 2:
        return None

    form: Form = norms, call.args[:1], {}
    return form if all(v.stacked and v.data.ndim > 1 for v in call.args[0]) and call.agrees(form) else None


def norms(tensors: Sequence[Tensor]) -> list[Tensor]:
    """For each tensor (R, ...), the norms (R,) of its runs."""
    return [torch.linalg.vector_norm(t, dim=tuple(range(1, t.ndim))) for t in tensors]


WITH_AXES = {aten.sum.default: aten.sum.dim_IntList, aten.mean.default: aten.mean.dim}

#: Operation -> rule. An operation without an entry is pointwise or is called for each run.
RULES: dict[Any, Callable[[Call], Form | None]] = {
    operator.getitem: _same_call,
    aten.t.default: _transposed,
    aten.transpose.int: _transposed,
    aten.permute.default: _permuted,
    **dict.fromkeys(
        (aten.view.default, aten._unsafe_view.default, aten.reshape.default),
        lambda call: (call.target, (call.args[0], [call.runs, *call.example.shape]), {}),
    ),
    aten.expand.default: _expanded,
    aten.as_strided.default: _strided,
    **dict.fromkeys((aten.alias.default, aten.detach.default), lambda call: ((lambda x: x), call.args[:1], {})),
    **dict.fromkeys((aten.clone.default, aten.zeros_like.default, aten.ones_like.default), _same_call),
    **dict.fromkeys((aten.new_zeros.default, aten.new_ones.default), _made),
    **dict.fromkeys(
        (aten.unsqueeze.default, aten.squeeze.dim, aten.slice.Tensor, aten.select.int, aten.cat.default,
         aten.stack.default, aten.unbind.int),
        _shifted(1),
    ),
    **dict.fromkeys((aten.split.Tensor, aten.split_with_sizes.default), _shifted(2)),
    **dict.fromkeys((aten.mm.default, aten.addmm.default), _product),
    **dict.fromkeys((aten.sum.default, aten.mean.default), _reduced(None)),
    **dict.fromkeys((aten.sum.dim_IntList, aten.mean.dim, aten.std_mean.correction, aten.var.correction), _reduced(1)),
    aten.amax.default: _reduced(1),
    aten.linalg_vector_norm.default: _reduced(2),
    aten._foreach_norm.Scalar: _norms,
}  # fmt: skip
