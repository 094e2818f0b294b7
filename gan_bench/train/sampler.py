"""The order in which a run reads its training images: a seeded permutation for each epoch."""

import numpy as np

from gan_bench.errors import UserError


class Sampler:
    """Endless minibatches of indices into n images.

    Permutations of all images are concatenated and cut into batches of equal size. If the last batch of an epoch is
    incomplete, it is filled from the next epoch. So each image is read once in each epoch, and a batch may be larger
    than the data set. A batch that spans two epochs can contain an image twice.
    """

    def __init__(self, n: int, batch_size: int, rng: np.random.Generator) -> None:
        """`rng`: the run's random stream "data". UserError if there is no image or the batch size is below 1."""
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
