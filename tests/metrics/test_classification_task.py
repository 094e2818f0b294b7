"""Metrics that train a classifier on labelled images of a run, or test a classifier on these images."""

import dataclasses

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import open_data
from gan_bench.errors import UserError
from gan_bench.metrics import MetricUndefined, Sets, _classification_task, augmentation, gan_train_test, values_of
from gan_bench.metrics.evaluate import evaluate_run
from gan_bench.seeds import generator
from gan_bench.train._torch import deterministic
from gan_bench.train.run import train_run

FAMILIES = (gan_train_test, augmentation)

STUDY = """
datasets: [digits]
variants: [{preset: cgan, model: {width: 8}}]
seeds: 1
budget: {g_steps: 20}
snapshots: 2
"""


@dataclasses.dataclass(frozen=True)
class Dealer:
    """Replaces the object by which a metric reads a run. `labelled` calls make_images(class, n, rng) per class."""

    data: object
    make_images: object
    shuffled: bool = False

    def labelled(self, counts, seed):
        rng = generator(seed, "noise")
        images = np.concatenate([self.make_images(k, n, rng) for k, n in enumerate(counts) if n])
        labels = np.repeat(np.arange(len(counts)), counts)
        return images, rng.permutation(labels) if self.shuffled else labels


@pytest.fixture(scope="module")
def data(digits):
    return open_data(digits)


def copies(data, most=None):
    """A function make_images(class, n, rng) that copies training images, chosen from the first `most` of the class."""
    images, labels = data.images("train"), data.labels("train")

    def make_images(k, n, rng):
        return images[rng.choice(np.flatnonzero(labels == k)[:most], n)]

    return make_images


def noise(k, n, rng):
    return rng.integers(0, 256, (n, 1, 8, 8)).astype(np.uint8)


def computed(family, run, seed=0, **changed):
    settings = {key: entry["default"] for key, entry in family.FACTS["settings"].items()} | changed
    with deterministic(1, torch.device("cpu")):
        values = family.compute(Sets(None, None, run=run), settings, generator(seed, "evaluation"))
    assert list(values) == list(family.FACTS["values"])
    for declared in values_of(family.FACTS):
        assert declared.low <= values[declared.name] <= declared.high
    return values


def test_training_images_with_their_labels_train_as_well_as_real_ones(data):
    values = computed(gan_train_test, Dealer(data, copies(data)))
    assert values["gan_base"] > 0.97
    assert values["gan_train"] > values["gan_base"] - 0.03
    assert values["gan_test"] > 0.99


def test_labels_that_mean_nothing_train_and_test_at_chance(data):
    values = computed(gan_train_test, Dealer(data, copies(data), shuffled=True))
    assert values["gan_train"] < 0.3
    assert values["gan_test"] < 0.2


def test_one_image_of_each_class_tests_well_and_trains_badly(data):
    values = computed(gan_train_test, Dealer(data, copies(data, most=1)))
    assert values["gan_test"] == 1
    assert values["gan_train"] < values["gan_base"] - 0.2


def test_all_classifiers_meet_the_same_number_of_images_of_each_class(data, monkeypatch):
    met = []
    honest = _classification_task.trained
    monkeypatch.setattr(gan_train_test, "_REAL", _classification_task.Cache(1))
    monkeypatch.setattr(gan_train_test, "trained", lambda x, *more: met.append(x.labels) or honest(x, *more))
    computed(gan_train_test, Dealer(data, copies(data)), n=300, steps=10, seeds=2)
    assert len(met) == 4
    assert {tuple(np.bincount(labels)) for labels in met} == {tuple(np.bincount(met[0]))}
    assert {len(labels) for labels in met} == {300}


@pytest.mark.parametrize("family", FAMILIES)
def test_identical_calls_give_identical_values_and_real_images_are_met_once(data, family, monkeypatch):
    met = []
    honest = _classification_task.trained
    monkeypatch.setattr(family, "trained", lambda *all_of: met.append(1) or honest(*all_of))
    run, short = Dealer(data, copies(data)), {"n": 200, "steps": 10, "seeds": 2}
    first = computed(family, run, **short)
    before = len(met)
    assert computed(family, run, **short) == first
    assert len(met) - before == before / 2
    # With an empty cache, the results have the same bits. With another seed, the generated images and their results
    # differ, but the results on real images are equal.
    for name in ("_REAL", "_BASE"):
        if hasattr(family, name):
            monkeypatch.setattr(family, name, _classification_task.Cache(1))
    assert computed(family, run, **short) == first
    other = computed(family, run, seed=1, **short)
    assert other != first
    assert {k: v for k, v in other.items() if "base" in k} == {k: v for k, v in first.items() if "base" in k}


def test_the_cache_is_bounded_and_keeps_the_last_used():
    computed_keys, kept = [], _classification_task.Cache(2)
    for key in (1, 2, 1, 3, 1, 2):
        assert kept.get(key, lambda key=key: computed_keys.append(key) or 10 * key) == 10 * key
    assert computed_keys == [1, 2, 3, 2]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_without_classes_and_data_without_labels_have_no_value(data, make_run, reference, family):
    name = family.__name__.rpartition(".")[2]
    rows = evaluate_run(make_run(), reference, [resolve("metrics", name)], "test", None, 0, data=data)["metrics"]
    assert {(row["value"], row["note"]) for row in rows} == {
        (None, "the generator takes no class: it makes no labelled images")
    }
    bare = dataclasses.replace(data, all_labels=None)
    with pytest.raises(MetricUndefined, match="data set 'digits' has no labels: no classifier can be trained on it"):
        computed(family, Dealer(bare, noise))


def test_a_conditional_run_is_scored(data, reference, tmp_path):
    settings = {**expand(parse_study(STUDY, "one")).cells[0].settings, "seed": 0}
    assert train_run(settings, data, tmp_path / "run")["status"] == "ok"
    short = [
        resolve("metrics", {"name": "gan_train_test", "n": 300, "steps": 100}),
        resolve("metrics", {"name": "augmentation", "n": 300, "steps": 20, "seeds": 1}),
    ]
    result = evaluate_run(tmp_path / "run", reference, short, "test", None, 0, data=data)
    values = {row["name"]: row["value"] for row in result["metrics"]}
    assert list(values) == [name for family in FAMILIES for name in family.FACTS["values"]]
    assert {row["extractor"] for row in result["metrics"]} == {None}, "of the run, in no feature space"
    assert values["gan_train"] < 0.7 < values["gan_base"]
    assert {row["note"] for row in result["floor"]} == {"the floor is not a run"}
    assert evaluate_run(tmp_path / "run", reference, short, "test", None, 0, data=data) == result


def test_labelled_images_that_are_not_finite_have_no_value(data):
    def broken(k, n, rng):
        raise UserError("the generator gives numbers that are not finite, nothing to draw.")

    with pytest.raises(MetricUndefined, match="given a class, the generator makes images that are not finite"):
        computed(gan_train_test, Dealer(data, broken))


def test_real_images_added_to_few_help_and_most_where_fewest_are_kept(data):
    values = computed(augmentation, Dealer(data, copies(data)))
    assert values["augmentation_gain_1"] > 0.15
    assert values["augmentation_gain_1"] > values["augmentation_gain_10"] > 0
    assert values["augmentation_base_1"] < values["augmentation_base_5"] < values["augmentation_base_10"]


def test_noise_added_to_few_does_not_help(data):
    values = computed(augmentation, Dealer(data, noise))
    assert max(values[f"augmentation_gain_{share}"] for share in (1, 5, 10)) < 0.02


def test_kept_images_have_every_class_and_a_fixed_number_is_added_to_each(data):
    task = _classification_task.task_of(Dealer(data, noise))
    kept = augmentation._kept_counts(task, 1258)
    assert kept.min() >= 1
    np.testing.assert_allclose(kept[2].sum(), 126, atol=5)
    added = augmentation._added_counts(kept, 1258, None)
    assert (added.sum(axis=1) + kept.sum(axis=1)).tolist() == [1258] * 3
    np.testing.assert_array_equal(augmentation._added_counts(kept, 1258, 4), 4 * kept)
    with pytest.raises(MetricUndefined, match="10 of 10 training images are kept: no generated images would be added"):
        augmentation._added_counts(np.ones((3, 10), int), 10, None)


def test_images_kept_at_one_percent_are_kept_at_ten():
    labels, order = np.array([0, 1, 0, 1, 0, 1]), np.array([5, 4, 3, 2, 1, 0])
    assert augmentation._first_of_each(order, labels, np.array([1, 1])).tolist() == [4, 5]
    assert augmentation._first_of_each(order, labels, np.array([2, 3])).tolist() == [4, 2, 5, 3, 1]


def test_whole_numbers_in_proportion():
    assert augmentation._apportioned(7, np.array([1, 1, 1])).tolist() == [3, 2, 2]
    assert augmentation._apportioned(10, np.array([0, 3, 1])).tolist() == [0, 8, 2]


def test_minibatches_cover_all_rows_before_any_is_repeated():
    rows = list(_classification_task._minibatches(300, 5, np.random.default_rng(0)))
    assert [len(part) for part in rows] == [128] * 5
    assert len(np.unique(np.concatenate(rows[:2]))) == 256
    few = list(_classification_task._minibatches(10, 3, np.random.default_rng(0)))
    assert all(sorted(part) == list(range(10)) for part in few)
