"""The contract of a part: an object that reads blocks of distances and accumulates a statistic."""

from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.sets import Pairs


class Part:
    """A statistic computed from distances. `passes` names the passes whose blocks it reads.

    A pass compares two sets. The passes, in this order, are

        "real"    real rows with each other
        "held"    training rows with real rows
        "fake"    generated rows with each other
        "cross"   real rows with generated rows
        "train"   training rows with generated rows

    In each pass `begin` is called first, then `read` for each block, then `end`. The results of "real" and "held" are
    the same for all generated sets: `real_state` exports them, and `restore` loads them.
    """

    passes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Key of the part among the stored states. Parts whose states cannot replace each other need different keys."""
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
        """Load the result of `real_state`, so that passes without generated rows are skipped.

        Raise LookupError if the state cannot be used. Then the part reads the blocks of these passes.
        """
