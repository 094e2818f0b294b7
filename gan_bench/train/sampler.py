"""Order in which a run sees its training images: epochs of seeded permutations."""

import numpy as np

from gan_bench.errors import UserError


class Sampler:
    """Endless minibatches of indices into n images.

    Permutations of all images are strung together and cut into batches of equal size. The last batch of an epoch
    is filled from the next one: no image is dropped, each is seen once in an epoch, and a batch may be larger than
    the data set. (A batch across the seam can hold an image twice.)
    """

    def __init__(self, n: int, batch_size: int, rng: np.random.Generator) -> None:
        """`rng` is the run's generator of purpose "data". UserError when there is no image, or no batch."""
        if n < 1:
            raise UserError("the training split of the data set has no image; a run needs 1 or more.")
        if batch_size < 1:
            raise UserError(f"batch_size is {batch_size}; valid: 1 or more.")
        self.n, self.batch_size, self.rng = n, batch_size, rng
        self.pending = np.empty(0, np.int64)

    def next(self) -> np.ndarray:
        """Indices of the next minibatch, int64 (batch_size,)."""
        while len(self.pending) < self.batch_size:
            self.pending = np.concatenate([self.pending, self.rng.permutation(self.n)])
        batch, self.pending = self.pending[: self.batch_size], self.pending[self.batch_size :]
        return batch
