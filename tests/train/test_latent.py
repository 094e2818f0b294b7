"""The columns of z have the stated distributions. A draw of few latents is the beginning of a draw of many."""

import numpy as np
import pytest
import torch

from gan_bench.game.latent import LatentLayout, draw_latents, one_hot


def codes(rng, n):
    return rng.uniform(-1, 1, (n, 2)).astype(np.float32)


FULL = LatentLayout(noise=4, classes=3, codes=[(2, codes)], random=5)


@pytest.mark.parametrize("layout", [LatentLayout(4), FULL], ids=["noise", "everything"])
def test_fewer_latents_are_a_beginning_of_more(layout):
    few, many = (layout.draw(np.random.default_rng(3), n) for n in (10, 300))
    assert many.shape == (300, layout.width) and many.dtype == np.float32
    assert np.array_equal(few, many[:10])


def test_noise_alone_is_the_plain_normal_stream():
    one, other = np.random.default_rng(0), np.random.default_rng(0)
    assert np.array_equal(LatentLayout(7).draw(one, 9), draw_latents(other, 9, 7))
    assert one.bit_generator.state == other.bit_generator.state


def test_every_part_has_its_law_and_its_columns():
    z = FULL.draw(np.random.default_rng(0), 20_000)
    classes, code, random = z[:, FULL.class_columns], z[:, FULL.code_columns], z[:, 9:]
    assert (classes.sum(axis=1) == 1).all() and set(np.unique(classes)) == {0, 1}
    assert np.abs(classes.mean(axis=0) - 1 / 3).max() < 0.02
    assert np.abs(code).max() <= 1 and code.std() == pytest.approx(3**-0.5, rel=0.02)
    assert random.shape[1] == 5 and random.std() == pytest.approx(1, rel=0.02)
    assert abs(np.corrcoef(z[:, 0], z[:, 9])[0, 1]) < 0.03, "parts do not share numbers"


def test_labels_take_the_place_of_drawn_classes_and_leave_the_rest():
    labels = np.array([2, 0, 1])
    asked, drawn = (FULL.draw(np.random.default_rng(1), 3, given) for given in (labels, None))
    assert np.array_equal(asked[:, FULL.class_columns], one_hot(labels, 3))
    rest = np.r_[0:4, 7:14]
    assert np.array_equal(asked[:, rest], drawn[:, rest])


def test_the_state_of_the_generator_is_all_that_the_next_draw_needs():
    """Of a random generator, a checkpoint stores only the state of NumPy's bit generator."""
    rng = np.random.default_rng(5)
    FULL.draw(rng, 8)
    copy = np.random.Generator(np.random.PCG64())
    copy.bit_generator.state = rng.bit_generator.state
    assert np.array_equal(FULL.draw(rng, 8), FULL.draw(copy, 8))


def test_what_a_head_is_asked_is_cut_from_z():
    z = torch.from_numpy(FULL.draw(np.random.default_rng(0), 6))
    assert {name: part.shape[1] for name, part in FULL.classes_and_codes(z).items()} == {"classes": 3, "codes": 2}
    assert LatentLayout(4).classes_and_codes(z[:, :4]) == {}
