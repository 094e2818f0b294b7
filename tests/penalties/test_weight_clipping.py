"""Weight clipping changes every parameter in place after D's step."""

import pytest
import torch

from gan_bench import seeds
from gan_bench.config.grammar.reference import resolve
from gan_bench.losses import wasserstein
from gan_bench.models import build, initialise_pair
from gan_bench.optimizers import rmsprop
from gan_bench.penalties.weight_clipping import after_step


@pytest.mark.parametrize("clip", [0.01, 0.5])
def test_the_bound_holds_after_a_step_of_the_critic(clip):
    pair = build(resolve("models", {"name": "dcgan", "width": 3}), (1, 16, 16))
    initialise_pair(pair, seeds.generator(0, "init"))
    parameters = list(pair.discriminator.parameters())
    optimizer = rmsprop.build(parameters, resolve("optimizers", {"name": "rmsprop", "lr": 0.5}))
    real, fake = torch.ones(4, 1, 16, 16), torch.linspace(-1, 1, 4 * 256).reshape(4, 1, 16, 16)
    sum(wasserstein.discriminator(pair.discriminator(real), pair.discriminator(fake), {})).backward()
    optimizer.step()
    assert max(p.abs().max() for p in parameters) > clip
    after_step(parameters, {"clip": clip})
    assert all(p.abs().max() <= clip for p in parameters)
    assert all(p is q for p, q in zip(parameters, pair.discriminator.parameters(), strict=True))


def test_values_inside_stay_and_nan_is_not_hidden():
    parameter = torch.tensor([-0.3, -0.01, 0.0, 0.004, 2.0, float("nan")], requires_grad=True)
    after_step([parameter], {"clip": 0.01})
    torch.testing.assert_close(
        parameter.detach(), torch.tensor([-0.01, -0.01, 0.0, 0.004, 0.01, float("nan")]), equal_nan=True, rtol=0, atol=0
    )
    assert parameter.requires_grad and parameter.is_leaf
