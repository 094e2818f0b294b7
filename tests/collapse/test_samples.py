"""Sample scores as evidence: which scores rule a collapse out, and what counts as poor quality."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits

from gan_bench.collapse import detector_result
from gan_bench.collapse.samples import VETO, sample_check
from gan_bench.collapse.verdict import judge
from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features, identity
from gan_bench.metrics.evaluate import evaluate_sets

FAMILIES = ("class_histogram", "density_coverage", "modes", "mode_balance")


def scored(real: Features, fake: Features, *families: str) -> list[dict]:
    refs = [resolve("metrics", name) for name in families]
    return evaluate_sets(real, fake, refs, seed=0, extractor_label="", split=None)


@pytest.fixture(scope="module")
def digits() -> tuple[Features, Features]:
    """Two disjoint sets of 800 real digits, with a probability of 0.99 for the true class."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))

    def features(rows: np.ndarray) -> Features:
        return of_pixels(data.data[rows] * 255 / 16, data.target[rows])

    return features(order[:800]), features(order[800:1600])


def of_pixels(pixels: np.ndarray, classes: np.ndarray) -> Features:
    return Features(pixels.astype(np.float32), np.log(np.full((len(classes), 10), 1e-3) + 0.99 * np.eye(10)[classes]))


def ten_pictures(real: Features, n: int) -> Features:
    """One picture of each class, repeated with changes of at most 6 grey levels."""
    assert real.log_probs is not None
    classes = np.arange(n) % 10
    first = [int(np.flatnonzero(real.log_probs.argmax(axis=1) == k)[0]) for k in range(10)]
    noise = np.random.default_rng(1).integers(-6, 7, size=(n, real.dim))
    return of_pixels(np.clip(real.features[first][classes] + noise, 0, 255), classes)


def test_ten_pictures_of_all_classes_are_not_acquitted(
    digits: tuple[Features, Features], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, others = digits
    floor, rows = (scored(real, fake, *FAMILIES[:2]) for fake in (others, ten_pictures(others, 800)))
    values, real_values = ({row["name"]: row["value"] for row in part} for part in (rows, floor))
    assert values["kl_classes"] < 0.01 and values["coverage"] < 0.2 * real_values["coverage"]
    samples = sample_check(rows, floor)
    assert samples["says"] == "open"
    votes = {entry["sign"]: entry["vote"] for entry in samples["evidence"]}
    assert votes == {"classes_in_use": "open", "coverage": "veto"}
    result = {
        "p_collapse": 0.924, "interval": [0.8, 1.0], "answer": "collapse", "level": "losses", "reason": None,
        "forecast": None, "operating": {"threshold": 0.57, "all": RATES},
    }  # fmt: skip
    monkeypatch.setattr(detector_result, "predict", lambda *_: result)
    document = judge(history(), None, None, samples)
    assert (document["verdict"], document["p_collapse"]) == ("collapse_suspected", 0.924)


RATES = {
    "n": 10, "positive": 5,
    **{name: {"hits": 1, "of": 5, "share_95": [0.0, 0.6]} for name in ("recall", "precision", "false_alarms")},
}  # fmt: skip


def history() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"step": np.arange(1, 101), "d_loss": 1 + 0.1 * rng.random(100), "g_loss": rng.random(100)})


@pytest.mark.parametrize("n", [50, 100, 200, 400])
def test_real_images_are_never_vetoed_and_few_pictures_are(digits: tuple[Features, Features], n: int) -> None:
    real, others = digits
    rng = np.random.default_rng(n)
    for _ in range(10):
        scored_rows, other_rows, more = real.take(rng.permutation(800)[:n]), *np.split(rng.permutation(800)[: 2 * n], 2)
        floor = scored(scored_rows, others.take(other_rows), "density_coverage")
        assert sample_check(scored(scored_rows, others.take(more), "density_coverage"), floor)["says"] == "no_collapse"
        few = others.take(rng.choice(other_rows[: max(2, n // 25)], n))
        check = sample_check(scored(scored_rows, few, "density_coverage"), floor)
        assert check["says"] == "open" and check["evidence"][0]["value"] <= VETO


def ring(radius: float, n: int, seed: int, modes: int = 8) -> Features:
    """Points near the first `modes` of the eight modes of a ring, equally many at each.

    Their distance from the origin is `radius` times that of the modes.
    """
    angle = 2 * np.pi * np.arange(8) / 8
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1) / 2
    noise = 0.01 * np.random.default_rng(seed).standard_normal((n, 2))
    points = (radius * centres[np.arange(n) % modes] + noise).astype(np.float32).reshape(n, 2, 1, 1)
    weights = {"centres": torch.from_numpy(centres), "sd": torch.tensor(0.01, dtype=torch.float64)}
    return identity.extract(weights, points, {"within": 3.0})


def test_samples_beside_every_mode_are_poor_quality_not_a_collapse() -> None:
    real, floor_fake = ring(1.0, 2500, 0), ring(1.0, 2500, 1)
    floor = scored(real, floor_fake, *FAMILIES[2:])
    rows = scored(real, ring(0.9, 2500, 2), *FAMILIES[2:])
    values = {row["name"]: row["value"] for row in rows}
    assert values["high_quality"] < 0.05 and values["kl_modes"] < 0.01
    assert values["effective_modes"] == pytest.approx(8, abs=0.1) and values["top_share"] < 0.14
    check = sample_check(rows, floor)
    assert (check["says"], check["poor_quality"]) == ("open", True)
    document = judge(history(), None, None, check)
    assert document["verdict"] == "poor_quality" and document["evidence"][0]["sign"] == "quality"
    collapsed = sample_check(scored(real, ring(0.9, 2500, 3, modes=2), *FAMILIES[2:]), floor)
    assert collapsed["says"] == "collapse", "two of eight modes are a collapse whatever their quality"
    assert judge(history(), None, None, collapsed)["verdict"] == "collapse_confirmed"


def test_class_shares_of_given_or_foreign_classes_say_nothing() -> None:
    rows = [{"name": "kl_classes", "value": 2.0}]
    assert sample_check(rows, [])["says"] == "collapse"
    assert sample_check(rows, [], class_shares=False) == {"says": None, "poor_quality": False, "evidence": []}
