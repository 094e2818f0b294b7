"""`gan-bench list`: every component with what it is, where it is from and what it takes."""

import pytest

from gan_bench import registry
from gan_bench.errors import UserError
from gan_bench.listing import PLACES, listing


@pytest.mark.parametrize("axis", registry.AXES)
def test_every_component_is_listed_with_its_settings(axis: str) -> None:
    text = listing(axis)
    words = " ".join(text.split())
    for component in registry.components(axis):
        assert f"\n  {component.name}\n" in text
        assert component.summary and component.summary in words
        assert " ".join(component.paper.split()) in words
        assert all(f"{name} = " in words or f"{name} (required)" in words for name in component.settings)


def test_all_axes_are_listed_in_their_order() -> None:
    text = listing()
    assert text == "\n".join(listing(axis) for axis in registry.AXES)
    assert set(PLACES) == set(registry.AXES)
    assert max(map(len, text.splitlines())) <= 120


def test_needs_are_told() -> None:
    assert "needs: a penalty that bounds the critic" in listing("losses")
    assert "needs: a critic that looks at each image alone" in listing("penalties")
    assert "needs: square images of 8, 16, 28, 32, 64 px" in listing("models")
    assert "needs: labels" in listing("features")
    assert "needs: an extractor with class probabilities; 20 samples or more" in listing("metrics")
    assert "eps = 1.0e-08" in listing("optimizers"), "as it could be written in a study"


def test_an_axis_that_does_not_exist() -> None:
    with pytest.raises(UserError, match="unknown axis 'loss'; did you mean 'losses'"):
        listing("loss")
