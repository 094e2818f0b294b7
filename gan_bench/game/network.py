"""A module called with its parameters and buffers as arguments, so that a step is a function of tensors alone."""

from typing import Any

from torch import Tensor, nn

from gan_bench.models._precision import passes

Tensors = dict[str, Tensor]


class Network:
    """`network(parameters, buffers, x)` is `torch.func.functional_call(module, (parameters, buffers), x)`.

    It composes with torch.func.grad and vmap in the same way. The places of all tensors are looked up once here
    instead of in every call, where they cost more than the layers of a small network. Buffers that the module
    updates in place (running means) are updated in the tensors given.
    """

    def __init__(self, module: nn.Module, extra: Tensors | None = None, precision: str = "float32") -> None:
        """`extra` are tensors that live beside the module's buffers without being the module's; `precision` is that
        of its passes in training form ("float32" or "bf16")."""
        self.module, self.extra, self.precision = module.train(), extra or {}, precision
        names = {id(t): name for name, t in [*module.named_parameters(), *module.named_buffers()]}
        holders: list[dict[str, Any]] = [h for m in module.modules() for h in (m._parameters, m._buffers)]
        # One tensor may have several places (tied weights); all of them go by its one name.
        self._places = [
            (holder, key, names[id(own)], own)
            for holder in holders
            for key, own in holder.items()
            if own is not None and id(own) in names
        ]

    def __call__(self, parameters: Tensors, buffers: Tensors, x: Tensor, *, training: bool = True) -> Tensor:
        """Output float32 for input `x`; batch norm uses the batch's moments when `training`, else the running ones.

        What is shown or scored is made with `training` False: in float32, whatever the precision.
        """
        if self.module.training is not training:
            self.module.train(training)
        try:
            for holder, key, name, _ in self._places:
                holder[key] = parameters[name] if name in parameters else buffers[name]
            with passes(self.precision if training else "float32", x.device):
                output: Tensor = self.module(x)
        finally:
            # Nothing of a call stays: under vmap the tensors given are dead when it ends.
            for holder, key, _, own in self._places:
                holder[key] = own
        return output.float() if self.precision == "bf16" else output


def copy_of(buffers: Tensors) -> Tensors:
    """New tensors with the values of `buffers`."""
    return {name: buffer.clone() for name, buffer in buffers.items()}
