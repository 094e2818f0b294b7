"""Scores of a class-conditional generator are right in cases with known results. A trained run can be scored."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import open_data
from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets, within_class
from gan_bench.metrics.evaluate import evaluate_run
from gan_bench.metrics.frechet import frechet_distance
from gan_bench.train.run import train_run

STUDY = """
datasets: [digits]
variants: [{preset: cgan, model: {width: 8}}]
seeds: 1
budget: {g_steps: 20}
snapshots: 2
"""


@dataclass
class Run:
    """Replaces the object by which a metric reads a run.

    Each generated image holds a number. This number selects the row of `reference.real("train")` that serves as the
    features of the image.
    """

    data: Any
    real: Features
    chosen: Any
    conditional: bool = True
    reference: Any = field(init=False)

    def __post_init__(self) -> None:
        self.reference = self

    def labelled(self, counts: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        labels = np.repeat(np.arange(len(counts)), counts)
        rows = np.concatenate([self.chosen(k, n, rng) for k, n in enumerate(counts)])
        return rows.reshape(-1, 1, 1, 1), labels

    def extract(self, images: np.ndarray) -> Features:
        return self.real.take(images.reshape(-1))


@pytest.fixture(scope="module")
def sides(digits, reference):
    """The data set, the features of both splits, and the classifier's classes of the training images."""
    train, test = reference.real("train"), reference.real("test")
    assert train.log_probs is not None
    return open_data(digits), train, test, train.log_probs.argmax(axis=1)


def score(sides, chosen, **settings):
    data, train, test, _ = sides
    sets = Sets(test, test, run=Run(data, train, chosen))
    return within_class.compute(sets, {"least": 10} | settings, np.random.default_rng(0))


def test_real_images_of_each_class_are_right_and_near(sides) -> None:
    _, train, test, classes = sides
    values = score(sides, lambda k, n, rng: rng.permutation(np.flatnonzero(classes == k))[:n])
    assert values["label_accuracy"] == 1.0
    of_test = test.log_probs.argmax(axis=1)
    rough = np.mean([frechet_distance(test.features[of_test == k], train.features[classes == k]) for k in range(10)])
    assert rough / 2 < values["class_fid"] < 2 * rough


def test_a_generator_that_ignores_the_class_and_one_with_a_picture_of_each_are_told_apart(sides) -> None:
    classes = sides[3]
    good = score(sides, lambda k, n, rng: rng.permutation(np.flatnonzero(classes == k))[:n])
    ignoring = score(sides, lambda k, n, rng: rng.integers(len(classes), size=n))
    assert ignoring["label_accuracy"] == pytest.approx(0.1, abs=0.05)
    ten = score(sides, lambda k, n, rng: np.repeat(np.flatnonzero(classes == k)[:1], n))
    assert ten["label_accuracy"] == 1.0, "ten pictures have their classes"
    assert min(ten["class_fid"], ignoring["class_fid"]) > 2 * good["class_fid"]


def test_without_classes_there_is_no_value(sides) -> None:
    data, train, test, _ = sides
    sets = Sets(test, test, run=Run(data, train, None, conditional=False))
    with pytest.raises(MetricUndefined, match="takes no class"):
        within_class.compute(sets, {"least": 10}, np.random.default_rng(0))
    values = score(sides, lambda k, n, rng: np.zeros(n, np.int64), least=10_000)
    assert "no class has 10000 real images" in str(values["class_fid"])


def test_a_trained_run_is_scored_and_its_values_have_a_protocol(sides, reference, tmp_path) -> None:
    settings = {**expand(parse_study(STUDY, "one")).cells[0].settings, "seed": 0}
    assert train_run(settings, sides[0], tmp_path / "run")["status"] == "ok"
    refs = [resolve("metrics", "within_class")]
    result = evaluate_run(tmp_path / "run", reference, refs, "test", None, 0, data=sides[0])
    rows = {row["name"]: row for row in result["metrics"]}
    assert 0 <= rows["label_accuracy"]["value"] < 0.9 and rows["class_fid"]["value"] > 0
    assert rows["class_fid"]["extractor"] == reference.label and rows["class_fid"]["n_real"] == 539
    assert {row["note"] for row in result["floor"]} == {"the floor is not a run"}
    assert evaluate_run(tmp_path / "run", reference, refs, "test", None, 0, data=sides[0]) == result
