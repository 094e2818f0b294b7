"""The contract of a part: an object that reads the blocks of passes."""

from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.sets import Pairs


class Part:
    """A quantity computed from distances. `passes` names the passes whose blocks it reads.

    The passes, in this order: "real" (the set with itself, each pair once), "held" (training rows with real ones),
    "fake", "cross" (real with generated), "train" (training with generated). For each pass `begin` is called, then
    `read` for each block, then `end`. Results of the first two passes are exported by `real_state` and restored by
    `restore`, so that they are computed once for a data set.
    """

    passes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its key among stored states; includes every setting that changes the state."""
        return type(self).__name__

    def begin(self, which: str, pairs: Pairs) -> None:
        """Allocate the results of a pass."""

    def read(self, which: str, block: DistanceBlock) -> None:
        """Process one block of the pass."""

    def end(self, which: str, pairs: Pairs) -> None:
        """Finish a pass."""

    def real_state(self) -> dict[str, Tensor]:
        """Results of the passes without generated rows."""
        return {}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        """Use a `real_state` in place of these passes. Raises LookupError if it lacks something."""
