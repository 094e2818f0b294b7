"""A module that is called with its parameters and buffers as arguments, so that a step is a function of tensors."""

from typing import Any

from torch import Tensor, nn

from gan_bench.models._precision import passes

Tensors = dict[str, Tensor]


class Network:
    """`network(parameters, buffers, x)` calls the module like `torch.func.functional_call`.

    It also works under torch.func.grad and vmap. `__init__` finds the place of each tensor in the module once, because
    a search in every call would take longer than the layers of a small network. If the module updates buffers in place
    (running statistics), it updates the tensors that the caller passes.
    """

    def __init__(self, module: nn.Module, extra: Tensors | None = None, precision: str = "float32") -> None:
        """Wrap a module.

        Args:
            extra: further buffers of the player that are not in the module.
            precision: precision of forward passes in training mode, "float32" or "bf16".
        """
        self.module, self.extra, self.precision = module.train(), extra or {}, precision
        names = {id(t): name for name, t in [*module.named_parameters(), *module.named_buffers()]}
        holders: list[dict[str, Any]] = [h for m in module.modules() for h in (m._parameters, m._buffers)]
        # A tensor that is in several places of the module (tied weights) has a single name.
        self._places = [
            (holder, key, names[id(tensor)], tensor)
            for holder in holders
            for key, tensor in holder.items()
            if tensor is not None and id(tensor) in names
        ]

    def __call__(self, parameters: Tensors, buffers: Tensors, x: Tensor, *, training: bool = True) -> Tensor:
        """Output float32 for input `x`.

        Args:
            training: True for training mode, in which batch norm uses the minibatch's moments. False for eval mode, in
                which batch norm uses running statistics, and the pass is always in float32.
        """
        if self.module.training is not training:
            self.module.train(training)
        try:
            for holder, key, name, _ in self._places:
                holder[key] = parameters[name] if name in parameters else buffers[name]
            with passes(self.precision if training else "float32", x.device):
                output: Tensor = self.module(x)
        finally:
            # Under vmap the caller's tensors are invalid after the call, so the module must not keep them.
            for holder, key, _, original in self._places:
                holder[key] = original
        return output.float() if self.precision == "bf16" else output


def copy_of(buffers: Tensors) -> Tensors:
    """New tensors with the values of `buffers`."""
    return {name: buffer.clone() for name, buffer in buffers.items()}
