"""`gan-bench list` shows each component with its summary, paper, needs and settings."""

from dataclasses import replace
from pathlib import Path

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


def test_needs_are_listed() -> None:
    assert "needs: a penalty that bounds the critic" in listing("losses")
    assert "needs: a critic that looks at each image alone" in listing("penalties")
    assert "needs: square images of 8, 16, 28, 32, 64 px" in listing("models")
    assert "needs: labels" in listing("features")
    assert "needs: an extractor with class probabilities; 20 samples or more" in listing("metrics")
    assert "eps = 1e-08" in listing("optimizers"), "as it could be written in a study"


def test_needs_of_tricks_and_methods_are_listed() -> None:
    tricks, methods = listing("tricks"), listing("methods")
    assert "needs: labels" in tricks
    assert "needs: a batch_size that is a multiple of m; no labels or auxiliary_classifier" in tricks
    assert "needs: a penalty that is not defined for each image alone (d = batch)" in tricks
    assert "needs: a loss that does not compare real with generated images" in tricks
    assert "reads: model, g_optimizer, batch_size" in methods
    assert "the trick labels" in listing("models") and "a loss that is defined on a reconstruction" in listing("models")
    assert "needs: a model whose discriminator returns a reconstruction" in listing("losses")


def test_metrics_tell_their_values() -> None:
    words = " ".join(listing("metrics").split())
    assert "gives: precision (Precision, higher is better, from 0 to 1); recall (Recall, higher is better" in words
    assert "kid (KID, lower is better); kid_subsets" in words and "one_nn (1-NN accuracy, 1/2 is best" in words
    assert "parzen_se (Parzen log-likelihood, standard error, no score, from 0)" in words
    assert "estimator: U-statistic of all rows" in words


def test_presets_are_listed_with_what_they_set(monkeypatch: pytest.MonkeyPatch) -> None:
    preset = Path(__file__).parent / "config/own/preset.py"
    component = registry.component("variants", str(preset))
    last = replace(component, name="row", facts={"group": "calibration", "set": {"method": "noise"}})
    monkeypatch.setattr(registry, "components", lambda _axis: [last, component])
    text = " ".join(listing("variants").split())
    assert text.index("preset A user's preset.") < text.index(" row "), "in the order of the groups"
    assert "group: classic sets: model: {name: mlp, latent_dim: 8}, loss: least_squares, tricks: [{name: inpu" in text
    assert "lr: 0.001}, d_optimizer: sgd, batch_size: 32, ema: 0.9" in text
    assert "group: calibration sets: method: noise" in text


def test_an_axis_that_does_not_exist() -> None:
    with pytest.raises(UserError, match="unknown axis 'loss'; did you mean 'losses'"):
        listing("loss")
