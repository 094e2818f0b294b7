"""Relativistic pairing: only differences of paired logits count."""

import torch
from torch.nn.functional import softplus

from gan_bench.losses import relativistic

REAL, FAKE = torch.tensor([0.5, -1.0, 2.0]), torch.tensor([1.5, 0.0, -2.0])


def test_both_players_look_at_paired_differences_with_opposite_sign():
    d = sum(relativistic.discriminator(REAL, FAKE, {}))
    torch.testing.assert_close(d, softplus(-(REAL - FAKE)).mean())
    torch.testing.assert_close(relativistic.generator(REAL, FAKE, {}), softplus(-(FAKE - REAL)).mean())


def test_a_shift_of_all_logits_changes_nothing_and_another_pairing_does():
    def values(real, fake):
        return torch.stack([sum(relativistic.discriminator(real, fake, {})), relativistic.generator(real, fake, {})])

    torch.testing.assert_close(values(REAL + 7, FAKE + 7), values(REAL, FAKE))
    assert not torch.allclose(values(REAL, FAKE.roll(1)), values(REAL, FAKE))
