"""The order of images consists of complete epochs, one after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.errors import UserError
from gan_bench.train.sampler import Sampler


@given(n=st.integers(1, 30), batch=st.integers(1, 40), epochs=st.integers(1, 4))
def test_every_epoch_holds_each_image_once(n, batch, epochs):
    sampler = Sampler(n, batch, np.random.default_rng(0))
    batches = [sampler.next() for _ in range(-(-n * epochs // batch))]
    assert all(b.shape == (batch,) and b.dtype == np.int64 for b in batches)
    stream = np.concatenate(batches)[: n * epochs].reshape(epochs, n)
    assert (np.sort(stream, axis=1) == np.arange(n)).all()


def test_epochs_are_shuffled_anew_and_follow_from_the_generator():
    first, again, other = (Sampler(50, 50, np.random.default_rng(seed)) for seed in (0, 0, 1))
    epochs = [first.next() for _ in range(2)]
    assert not np.array_equal(*epochs)
    assert all(np.array_equal(epoch, again.next()) for epoch in epochs)
    assert not np.array_equal(epochs[0], other.next())


def test_nothing_to_draw_from_is_the_user_s_mistake():
    with pytest.raises(UserError, match="no image"):
        Sampler(0, 8, np.random.default_rng(0))
    with pytest.raises(UserError, match="batch_size is 0"):
        Sampler(8, 0, np.random.default_rng(0))
