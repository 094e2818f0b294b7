"""One operation of a traced step for R runs, and the check that its stacked form gives the same bits as single runs.

A stacked form is a function that computes the operation for all runs at once. In the check of a form, 0 and -0 count as
the same, and so do all NaNs (`same`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

Form = tuple[Callable[..., Any], Sequence[Any], Mapping[str, Any]]
"""(function, arguments, keywords); tensors are `Operand`s, some of them in lists."""

#: `Call.agrees` makes COMPARED / N random trials, but at least 2 and at most MOST_TRIALS. N counts the numbers of the
#: smallest output, in all runs. A form that adds in another order sometimes gives the same bits by chance, but not in
#: thousands of numbers.
COMPARED, MOST_TRIALS = 2048, 64


@dataclass(eq=False)
class Operand:
    """The value of a node of the traced step, computed from the example arguments of the trace.

    data: a tensor (R, ...) if `stacked`, else a tensor that all runs share.
    copied: whether the value is a copy, although in a single run it is a view of another tensor. A write into the copy
        would not change this tensor.
    fixed: whether the value does not depend on the arguments of the step.
    """

    data: Any
    stacked: bool
    copied: bool = False
    fixed: bool = False


@dataclass
class Call:
    """The operation `target(*args, **kwargs)`, where tensors are `Operand`s and at least one of them is stacked."""

    runs: int
    target: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.masks = [_mask(arg) for arg in self.args]
        if any(isinstance(leaf, Operand) and leaf.stacked for leaf in tree_leaves(dict(self.kwargs))):
            raise NotImplementedError(f"{self.target} has a stacked tensor as a keyword argument")
        self.mutable, first = works_in_place(self.target), self.args[0]
        if self.mutable and not (isinstance(first, Operand) and first.stacked and not first.copied):
            raise NotImplementedError(f"{self.target} writes into a tensor that the runs share, or into a copy")
        self.example = self.solo(0)

    def copies(self, outputs: Any) -> bool:
        """Whether the outputs of a single run are views of an argument, but the stacked `outputs` are not.

        Stacked outputs that are views of a copied argument count as copies.
        """
        if self.mutable:
            return False
        given = [value for value in values_in(self.args) if value.stacked and isinstance(value.data, Tensor)]
        views = storages(self.example) & {storage(value.data) for value in given}
        if not views:
            return False
        kept = views & storages(outputs)
        return not kept or any(value.copied for value in given if storage(value.data) in kept)

    def rows(self, args: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The arguments of each single run, from the stacked arguments."""
        columns = [_column(arg, mask, self.runs) for arg, mask in zip(args, self.masks, strict=True)]
        return list(zip(*columns, strict=True))

    def solo(self, run: int) -> Any:
        """The result for one run, with the example arguments. An operation in place changes only a copy of them."""
        row = self.rows([data_of(arg) for arg in self.args])[run]
        if self.mutable:
            row = tree_map(lambda leaf: leaf.clone() if isinstance(leaf, Tensor) else leaf, row)
        return self.target(*row, **data_of(dict(self.kwargs)))

    def one_by_one(self) -> Form:
        """The form that calls the operation for each run separately."""
        return Each(self), self.args, self.kwargs

    def gives(self, form: Form, args: Sequence[Any] | None = None) -> bool:
        """Whether a form gives the bits and strides of calls for single runs, for the example arguments or `args`."""
        function, mapped, kwargs = form
        given_data = {id(v): d for v, d in zip(values_in(self.args), values_in(args), strict=True)} if args else {}

        def data(leaf: Any) -> Any:
            return given_data.get(id(leaf), leaf.data) if isinstance(leaf, Operand) else leaf

        given = [tree_map(data, arg) for arg in self.args]
        try:
            stacked = function(*[tree_map(data, arg) for arg in mapped], **tree_map(data, dict(kwargs)))
        except RuntimeError:  # the form does not accept these shapes or strides
            return False
        keywords = data_of(dict(self.kwargs))
        return all(same(part(stacked, run), self.target(*row, **keywords)) for run, row in enumerate(self.rows(given)))

    def agrees(self, form: Form) -> bool:
        """Like `gives`, but in several trials, with random values in place of floating-point and boolean arguments."""
        numbers = self.runs * min(leaf.numel() for leaf in tree_leaves(self.example))
        generator = torch.Generator().manual_seed(0)
        for _ in range(min(MOST_TRIALS, max(2, COMPARED // max(1, numbers)))):
            drawn = [_drawn(value, generator) for value in values_in(self.args)]
            if not self.gives(form, drawn):
                return False
        return True


class Each:
    """Call an operation for each run and stack the results. For an operation in place, return its first argument."""

    __name__ = "each"

    def __init__(self, call: Call) -> None:
        self.target, self.rows, self.mutable = call.target, call.rows, call.mutable

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        outputs = [self.target(*row, **kwargs) for row in self.rows(args)]
        return args[0] if self.mutable else stacked(outputs)


class Prepared:
    """`target(*prepare(*args), **kwargs)`, where `prepare` computes nothing: it returns views of tensors in `args`."""

    __name__ = "prepared"

    def __init__(self, target: Any, prepare: Callable[..., Sequence[Any]]) -> None:
        self.target, self.prepare = target, prepare

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.target(*self.prepare(*args), **kwargs)


def stacked(outputs: Sequence[Any]) -> Any:
    """Join the outputs of single runs along a new leading axis. Strides within a run do not change."""
    first = outputs[0]
    if isinstance(first, list | tuple):
        return tuple(stacked(parts) for parts in zip(*outputs, strict=True))
    if not isinstance(first, Tensor):
        return first
    if first.is_contiguous():
        return torch.stack(list(outputs))
    if repeats(first):
        return stacked([once(output) for output in outputs]).expand(len(outputs), *first.shape)
    shape, strides = (len(outputs), *first.shape), (span(first), *first.stride())
    whole = torch.empty_strided(shape, strides, dtype=first.dtype, device=first.device)
    for slot, output in zip(whole.unbind(0), outputs, strict=True):
        slot.copy_(output)
    return whole


def part(whole: Any, run: int) -> Any:
    """The outputs of one run, from stacked outputs."""
    if whole is None:
        return None
    return [part(each, run) for each in whole] if isinstance(whole, list | tuple) else whole[run]


def same(a: Any, b: Any) -> bool:
    """Whether tensors, or lists of tensors, have equal values (0 equals -0, NaN equals NaN), types and strides."""
    if b is None:
        return a is None
    if isinstance(b, list | tuple):
        return all(same(x, y) for x, y in zip(a, b, strict=True))
    # The stride of an axis of length 1 has no meaning.
    strides = [[t.stride(axis) for axis, size in enumerate(b.shape) if size > 1] for t in (a, b) if a.shape == b.shape]
    alike = a.dtype == b.dtype and a.shape == b.shape and strides[0] == strides[1]
    return bool(alike and torch.allclose(a, b, rtol=0, atol=0, equal_nan=True))


def values_in(tree: Any) -> list[Any]:
    """The `Operand`s in the arguments, or the tensors that replace them, in order."""
    return [leaf for leaf in tree_leaves(list(tree)) if isinstance(leaf, Operand | Tensor)]


def data_of(tree: Any) -> Any:
    """The arguments with each `Operand` replaced by its example tensor."""
    return tree_map(lambda leaf: leaf.data if isinstance(leaf, Operand) else leaf, tree)


def works_in_place(operation: Any) -> bool:
    """Whether an operation writes into an argument."""
    schema = getattr(operation, "_schema", None)
    return schema is not None and bool(schema.is_mutable)


def storage(tensor: Tensor) -> int:
    """Address of the memory of a tensor or view."""
    return tensor.untyped_storage().data_ptr()


def storages(tree: Any) -> set[int]:
    """`storage` of all non-empty tensors in a tree."""
    return {storage(leaf) for leaf in tree_leaves(tree) if isinstance(leaf, Tensor) and leaf.numel()}


def span(tensor: Tensor) -> int:
    """Length of the memory range from the first to the last number of a tensor, in numbers."""
    return 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))


def repeats(tensor: Tensor) -> bool:
    """Whether numbers are repeated along an axis (stride 0)."""
    return any(stride == 0 and size > 1 for size, stride in zip(tensor.shape, tensor.stride(), strict=True))


def once(tensor: Tensor) -> Tensor:
    """The tensor without its repetitions along axes of stride 0."""
    return tensor[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in tensor.stride())]


def _mask(arg: Any) -> Any:
    if isinstance(arg, list | tuple) and any(isinstance(item, Operand) for item in arg):
        return [_mask(item) for item in arg]
    return isinstance(arg, Operand) and arg.stacked


def _column(arg: Any, mask: Any, runs: int) -> Sequence[Any]:
    """The value of one argument for each run."""
    if mask is False:
        return [arg] * runs
    if mask is True:
        return arg.unbind(0) if isinstance(arg, Tensor) else [part(arg, run) for run in range(runs)]
    return [list(items) for items in zip(*(_column(a, m, runs) for a, m in zip(arg, mask, strict=True)), strict=True)]


def _drawn(value: Operand, generator: torch.Generator) -> Any:
    data = value.data
    if not isinstance(data, Tensor) or not (data.is_floating_point() or data.dtype is torch.bool):
        return data
    # Along an axis of stride 0, a single number is repeated.
    shape = [1 if stride == 0 else size for size, stride in zip(data.shape, data.stride(), strict=True)]
    drawn = torch.empty_strided(shape, data.stride(), dtype=data.dtype, device=data.device)
    numbers = torch.randn(shape, generator=generator)
    return drawn.copy_(numbers > 0 if data.dtype is torch.bool else numbers).expand(data.shape)
