"""A conditional GAN generates the requested class."""

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import open_data, prepare
from gan_bench.features.reference import open_reference, prepare_reference
from gan_bench.train.generate import sample
from gan_bench.train.run import train_run

STUDY = """
datasets: [digits]
variants: [{preset: cgan, model: {width: 32}}]
seeds: 1
budget: {g_steps: 2000}
snapshots: 2
"""


@pytest.mark.slow
def test_a_classifier_recognises_the_class_asked_for(tmp_path):
    prepare(resolve("data", "digits"), tmp_path / "data")
    data = open_data(tmp_path / "data")
    prepare_reference(data.folder, resolve("features", "classifier"), tmp_path / "classifier")
    classifier = open_reference(tmp_path / "classifier")
    settings = {**expand(parse_study(STUDY, "one")).cells[0].settings, "seed": 0}
    assert train_run(settings, data, tmp_path / "run")["status"] == "ok"
    right = []
    for label in range(10):
        found = classifier.extract(sample(tmp_path / "run", 100, seed=0, label=label))
        right.append((found.log_probs.argmax(axis=1) == label).mean())
    assert np.mean(right) >= 0.9, right
    assert len(np.unique(sample(tmp_path / "run", 100, seed=0, label=3).reshape(100, -1), axis=0)) > 90
