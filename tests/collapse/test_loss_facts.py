"""With tricks, the losses at the equilibrium that `loss_facts` gives equal numerical minima. Verdicts use them."""

import numpy as np
import pandas as pd
import pytest
import torch
from trajectories import d_won, steady

from gan_bench import registry
from gan_bench.collapse.loss_facts import loss_facts, run_loss_facts
from gan_bench.collapse.normalisation import make_series
from gan_bench.collapse.verdict import judge
from gan_bench.config.grammar.reference import resolve
from gan_bench.game.loss import BoundLoss, with_soft_targets
from gan_bench.jobs import watch

LOSSES = ("minimax", "non_saturating", "least_squares", "hinge")
TRICKS = {
    "smoothing": [{"name": "label_smoothing"}],
    "two_sided": [{"name": "label_smoothing", "fake_high": 0.3}],
    "flipping": [{"name": "label_flipping"}],
    "both": [{"name": "label_smoothing", "fake_high": 0.3}, {"name": "label_flipping", "p": 0.1}],
    "g_labels": [{"name": "non_saturating_g"}],
    "g_labels_smoothing": [{"name": "label_smoothing"}, {"name": "non_saturating_g"}],
}


def resolved(name: str) -> list[dict]:
    return [resolve("tricks", trick) for trick in TRICKS[name]]


def mean_targets(tricks: list[dict], n: int = 20_000) -> tuple[float, float]:
    """(mean target of real images, mean target of generated images). Evenly spaced numbers replace random draws."""
    u, other = (torch.linspace(0, 1, n), torch.linspace(0, 1, n)[torch.randperm(n)])
    real, fake = torch.ones(n), torch.zeros(n)
    for trick, draws in zip(sorted(tricks, key=lambda trick: trick["name"]), (u, other), strict=False):
        module = registry.load("tricks", trick["name"])
        if hasattr(module, "targets"):
            real, fake = (module.targets(t, {"u": draws}, t is real, trick) for t in (real, fake))
    return float(real.mean()), float(fake.mean())


def g_loss_of(loss: BoundLoss, tricks: list[dict], logit: torch.Tensor) -> float:
    for trick in tricks:
        module = registry.load("tricks", trick["name"])
        if hasattr(module, "generator_loss"):
            return float(module.generator_loss(loss, None, logit, trick))
    return float(loss.generator(None, logit))


@pytest.mark.parametrize("name", TRICKS)
@pytest.mark.parametrize("loss_name", LOSSES)
def test_declared_levels_are_the_minimum_over_d_outputs(loss_name: str, name: str) -> None:
    tricks, ref = resolved(name), resolve("losses", loss_name)
    loss = BoundLoss(registry.load("losses", loss_name), {"settings": ref})
    real, fake = mean_targets(tricks)
    x = torch.linspace(-12, 12, 6_001, dtype=torch.float64)
    halves = torch.stack([torch.stack(loss.discriminator(logit[None], logit[None])) for logit in x])
    on_real, on_fake = (t * halves[:, 0] + (1 - t) * halves[:, 1] for t in (real, fake))
    facts = loss_facts(ref, tricks)
    assert facts["floor"] == pytest.approx(float(on_real.min() + on_fake.min()), abs=3e-3)
    both = on_real + on_fake
    assert facts["equilibrium"]["d_loss"] == pytest.approx(float(both.min()), abs=3e-3)
    best = x[both.argmin()][None]
    if not (loss_name == "hinge" and abs(real + fake - 1) < 1e-3):  # here all outputs from -1 to 1 are equally good
        assert facts["equilibrium"]["g_loss"] == pytest.approx(g_loss_of(loss, tricks, best), abs=5e-3)
    trained = with_soft_targets(loss, best, best, real * torch.ones_like(best), fake * torch.ones_like(best))
    assert float(sum(trained)) == pytest.approx(float(both.min()), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "floor"), [("smoothing", 0.199), ("flipping", 0.397), ("two_sided", 0.621), ("g_labels", 0.0)]
)
def test_attainable_minimum_of_cross_entropy(name: str, floor: float) -> None:
    assert loss_facts(resolve("losses", "non_saturating"), resolved(name))["floor"] == pytest.approx(floor, abs=5e-4)


def test_without_tricks_the_facts_are_the_declared_ones() -> None:
    for name in registry.names("losses"):
        facts = loss_facts(resolve("losses", name))
        assert {**facts, "floor": None} == {**registry.component("losses", name).facts, "floor": None}


def test_a_target_beyond_one_has_no_attainable_minimum() -> None:
    high = resolve("tricks", {"name": "label_smoothing", "real_low": 1.1, "real_high": 1.3})
    assert loss_facts(resolve("losses", "minimax"), [high])["equilibrium"] is None


def test_every_trick_that_moves_the_levels_declares_it() -> None:
    for name in registry.names("tricks"):
        module, facts = registry.load("tricks", name), registry.component("tricks", name).facts
        assert hasattr(module, "targets") == ("mean_targets" in facts), name
        assert hasattr(module, "generator_loss") == ("generator_minimises" in facts), name


@pytest.mark.parametrize("name", ["smoothing", "flipping", "two_sided"])
def test_d_loss_at_zero_fires_at_the_attainable_minimum(name: str) -> None:
    facts = loss_facts(resolve("losses", "non_saturating"), resolved(name))
    frame = d_won(facts["equilibrium"]["d_loss"])
    shifted = frame.assign(d_loss=np.maximum(frame["d_loss"], 0) + facts["floor"])
    document = judge(shifted, facts)
    assert document["verdict"] == "d_overpowering" and document["evidence"][0]["sign"] == "d_loss_at_zero"
    assert "above its attainable minimum" in document["evidence"][0]["says"]


def test_belief_of_a_minimax_generator_with_flipped_labels_is_not_clipped() -> None:
    facts = loss_facts(resolve("losses", "minimax"), resolved("g_labels"))
    frame = pd.DataFrame({"step": range(1, 101), "d_loss": 2 * np.log(2), "g_loss": np.log(2)})
    assert make_series(frame, facts).belief == pytest.approx(0.5)
    # Without the declared trick, the belief is clipped to 0, which is wrong.
    assert make_series(frame, loss_facts(resolve("losses", "minimax"))).belief.max() == 0


def test_early_stopping_and_the_verdict_use_the_tricks(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "method": {"name": "adversarial"}, "early_stop": "on_collapse", "loss": resolve("losses", "non_saturating"),
        "tricks": resolved("two_sided"),
    }  # fmt: skip
    seen = []
    monkeypatch.setattr(watch, "look", lambda rows, planned, loss: seen.append(loss))
    stop = watch.watcher(settings)
    assert stop is not None
    stop(steady().to_dict("records"), 4000)
    assert seen == [run_loss_facts(settings)] and seen[0]["floor"] == pytest.approx(0.621, abs=5e-4)
