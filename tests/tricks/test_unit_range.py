"""D gets images in [0, 1]. A scaled sigmoid replaces only the tanh at the end of G."""

import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.tricks import Scene, unit_range

SCENE = Scene((1, 8, 8), 1, 4, 0)
MODELS = [
    ({"name": "mlp", "latent_dim": 4, "g_widths": [6]}, 8),
    *(({"name": "dcgan", "latent_dim": 4, "width": 2}, n) for n in (8, 28, 64)),
]


def names(row):
    return [type(layer).__name__ for layer in row]


@pytest.mark.parametrize(("model", "size"), MODELS)
def test_nothing_but_the_end_changes(model, size):
    old = build(resolve("models", model), (1, size, size)).generator
    new = rebuilt(old, lambda row: unit_range.generator(row, SCENE, {}))
    assert names(new) == ["ScaledSigmoid" if name == "Tanh" else name for name in names(old)]
    assert names(new).count("ScaledSigmoid") == 1
    assert new(torch.zeros(2, 4)).shape == (2, 1, size, size)


def test_a_hidden_tanh_stays_and_is_not_taken_for_the_end():
    row = [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2))]
    assert names(unit_range.generator(row, SCENE, {}))[1::2] == ["Tanh", "ScaledSigmoid"]
    with pytest.raises(UserError, match="no tanh at its end"):
        unit_range.generator(row[:3], SCENE, {})


def test_d_sees_zero_to_one_and_what_g_gives_is_seen_as_its_sigmoid():
    x = torch.tensor([-1.0, 0.0, 1.0])
    assert torch.equal(unit_range.view(x, {}, torch.tensor(0.0), {}), torch.tensor([0.0, 0.5, 1.0]))
    a = torch.linspace(-6, 6, 13)
    seen = unit_range.view(unit_range.ScaledSigmoid()(a), {}, torch.tensor(0.0), {})
    torch.testing.assert_close(seen, torch.sigmoid(a))
