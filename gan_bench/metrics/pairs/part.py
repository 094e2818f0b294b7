"""What reads the blocks of a pass: the contract of parts."""

from torch import Tensor

from gan_bench.metrics.pairs.blocks import Block
from gan_bench.metrics.pairs.sets import Pairs


class Part:
    """One quantity that is gathered from distances. It names in `passes` which pairs it reads.

    The passes, in this order: "real" (the set with itself, each pair once), "held" (training rows with real ones),
    "fake", "cross" (real with generated), "train" (training with generated). Before each, `begin`; for each block,
    `read`; after it, `end`. What it learns in the first two is given out by `real_state` and taken back by `restore`,
    so that it is learnt once for a data set.
    """

    passes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name among stored states; what changes the state is part of it."""
        return type(self).__name__

    def begin(self, which: str, pairs: Pairs) -> None:
        """Make room for the results of a pass."""

    def read(self, which: str, block: Block) -> None:
        """Take one block of it."""

    def end(self, which: str, pairs: Pairs) -> None:
        """Finish a pass."""

    def real_state(self) -> dict[str, Tensor]:
        """What the passes without generated rows gave."""
        return {}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        """Take a `real_state` in place of these passes; raises LookupError where it lacks something."""
