"""A linear classifier scores the features that the discriminator of a run has learnt."""

import dataclasses

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gan_bench import paths
from gan_bench.config.grammar.reference import resolve
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import open_data
from gan_bench.errors import UserError
from gan_bench.game.tricks import Tricks
from gan_bench.metrics import MetricUndefined, Sets, _classification_task, augmentation, values_of
from gan_bench.metrics import discriminator_features as family
from gan_bench.metrics.evaluate import evaluate_run
from gan_bench.metrics.evaluate.access import RunAccess
from gan_bench.seeds import generator
from gan_bench.train._torch import deterministic
from gan_bench.train.run import train_run
from gan_bench.train.schedule import schedule
from gan_bench.train.state import setup_of, start

SHARES = (1, 5, 10)


@pytest.fixture(scope="module")
def data(digits):
    return open_data(digits)


def settings_of(variant, steps=2, checkpoints=1):
    study = f"datasets: [digits]\nvariants: [{variant}]\nseeds: 1\nsnapshots: 2\ncheckpoints: {checkpoints}\n"
    study += f"budget: {{g_steps: {steps}}}\n"
    return {**expand(parse_study(study, "one")).cells[0].settings, "seed": 0}


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """A convolutional pair after some hundred steps; the input of D's head is 8 maps of 4 x 4."""
    folder = tmp_path_factory.mktemp("trained")
    assert train_run(settings_of("{preset: dcgan, model: {width: 8}}", 300), data, folder)["status"] == "ok"
    return folder


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(family, "_PIXELS", _classification_task.Cache(4))


def computed(folder, data, seed=0, **changed):
    settings = {key: entry["default"] for key, entry in family.FACTS["settings"].items()} | changed
    with deterministic(1, torch.device("cpu")):
        sets = Sets(None, None, run=RunAccess(folder, data, None, 0))
        values = family.compute(sets, settings, generator(seed, "evaluation"))
    assert list(values) == list(family.FACTS["values"])
    for declared in values_of(family.FACTS):
        assert declared.low <= values[declared.name] <= declared.high
    return values


def test_a_trained_discriminator_knows_digits_from_few_labels(data, trained):
    values = computed(trained, data)
    accuracies = [values[f"d_features_accuracy_{share}"] for share in SHARES]
    assert 0.4 < accuracies[0] < accuracies[1] < accuracies[2]
    assert accuracies[2] > 0.8
    assert all(abs(values[f"d_features_gain_{share}"]) < 0.2 for share in SHARES)
    # Training changed the features.
    assert any(values[f"d_features_learnt_{share}"] != 0 for share in SHARES)


def test_the_same_call_gives_the_same_bits_and_pixels_are_met_once(data, trained, monkeypatch):
    met = []
    honest = family._accuracies
    monkeypatch.setattr(family, "_accuracies", lambda *all_of: met.append(1) or honest(*all_of))
    first = computed(trained, data)
    assert computed(trained, data, seed=1) == first
    assert len(met) == 3 + 2
    monkeypatch.setattr(family, "_PIXELS", _classification_task.Cache(1))
    assert computed(trained, data) == first
    fewer = computed(trained, data, n=300, seeds=1)
    assert fewer["d_features_accuracy_10"] < first["d_features_accuracy_10"]


def test_labels_that_mean_nothing_give_chance(data, trained):
    shuffled = dataclasses.replace(data, all_labels=np.random.default_rng(0).permutation(data.all_labels))
    model = computed(trained, shuffled)
    assert all(model[f"d_features_accuracy_{share}"] < 0.16 for share in SHARES)


def test_features_are_what_enters_the_last_layer_in_eval_mode(data, trained):
    model = family.discriminator_of(RunAccess(trained, data, None, 0))
    x = torch.from_numpy(np.array(data.images("test")[:20])).float() / 127.5 - 1
    features = family.features_of(model.network, model.trained, model.seen(x))
    assert features.shape == (20, 128)
    # The head computes the logit from the features. The features of an image do not depend on other images.
    logits = model.network(model.trained, {}, x, training=False)
    name = next(name for name in reversed(model.trained) if model.trained[name].shape == (1, 128))
    torch.testing.assert_close(features @ model.trained[name][0], logits)
    torch.testing.assert_close(family.features_of(model.network, model.trained, x[:1]), features[:1])
    assert not any(layer._forward_pre_hooks for layer in model.network.module.modules())


def test_the_baseline_is_the_network_that_the_run_began_with(data, trained):
    settings = settings_of("{preset: dcgan, model: {width: 8}}", 300)
    n = data.counts["train"]
    _, state = start(setup_of(settings, data), n, schedule(settings, n), torch.device("cpu"))
    model = family.discriminator_of(RunAccess(trained, data, None, 0))
    for name, tensor in state.players["discriminator"].tensors.items():
        assert torch.equal(model.initial[name], tensor)
    kept = load_file(trained / paths.CHECKPOINTS)
    assert all(torch.equal(model.trained[name], kept[f"discriminator/{name}"]) for name in model.initial)
    assert any(not torch.equal(model.trained[name], tensor) for name, tensor in model.initial.items())


def test_a_run_is_scored_in_an_evaluation(data, trained, reference, make_run):
    refs = [resolve("metrics", {"name": "discriminator_features", "seeds": 1})]
    result = evaluate_run(trained, reference, refs, "test", None, 0, data=data)
    assert {row["name"]: row["value"] for row in result["metrics"]} == computed(trained, data, seeds=1)
    assert {row["note"] for row in result["floor"]} == {"the floor is not a run"}
    rows = evaluate_run(make_run(), reference, refs, "test", None, 0, data=data)["metrics"]
    assert {(row["value"], row["note"]) for row in rows} == {
        (None, "the run kept no discriminator: set checkpoints in the study")
    }


@pytest.mark.parametrize(
    ("variant", "checkpoints", "steps", "reason"),
    [
        ("{preset: gan}", "null", 2, "the run kept no discriminator: set checkpoints in the study"),
        ("{preset: vae}", 1, 2, "method 'vae' has no discriminator"),
        ("{preset: cgan}", 1, 2, "the discriminator is given the class of an image: its features hold the label"),
    ],
)
def test_where_there_is_no_discriminator_to_ask_there_is_no_value(data, tmp_path, variant, checkpoints, steps, reason):
    train_run(settings_of(variant, steps, checkpoints), data, tmp_path)
    with pytest.raises(MetricUndefined) as caught:
        computed(tmp_path, data)
    assert str(caught.value) == reason


def test_data_without_labels_or_with_one_class_have_no_value(data, trained):
    with pytest.raises(MetricUndefined, match="data set 'digits' has no labels: no classifier can be trained on it"):
        computed(trained, dataclasses.replace(data, all_labels=None))
    with pytest.raises(MetricUndefined, match="all training images are of one class"):
        computed(trained, dataclasses.replace(data, all_labels=np.zeros_like(data.all_labels)))


def test_files_that_are_damaged_or_of_another_network_are_named(data, trained, tmp_path):
    for file in trained.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    other = tmp_path / "other"
    train_run(settings_of("{preset: dcgan, model: {width: 4}}"), data, other)
    (tmp_path / paths.CHECKPOINTS).write_bytes((other / paths.CHECKPOINTS).read_bytes())
    with pytest.raises(UserError, match="the discriminator does not fit the run's settings"):
        computed(tmp_path, data)
    (tmp_path / paths.CHECKPOINTS).write_bytes(b"short")
    with pytest.raises(UserError, match=r"checkpoints\.safetensors: damaged"):
        computed(tmp_path, data)


@pytest.mark.parametrize(
    ("variant", "width", "batch"),
    [
        ("{preset: dcgan, model: {width: 4}, tricks: [packing]}", 64, 256),
        ("{preset: dcgan, model: {width: 4}, tricks: [minibatch_stddev]}", 65, 1),
        ("{preset: dcgan, model: {width: 4}, tricks: [unit_range, input_noise, spectral_norm]}", 64, 256),
        ("{preset: dcgan, model: {width: 4}, tricks: [auxiliary_classifier]}", 64, 256),
        ("{preset: began, model: {width: 4}}", 64, 256),
        ("{preset: vae_gan, model: {name: dcgan, width: 4}}", 64, 256),
    ],
)
def test_every_kind_of_discriminator_has_features(data, tmp_path, variant, width, batch):
    train_run(settings_of(variant), data, tmp_path)
    model = family.discriminator_of(RunAccess(tmp_path, data, None, 0))
    features = family.features_of(model.network, model.trained, model.seen(torch.zeros(2, 1, 8, 8)))
    assert (features.shape, model.batch) == ((2, width), batch)
    assert computed(tmp_path, data, seeds=1)["d_features_accuracy_10"] > 0.4


def test_the_view_is_that_of_training_without_what_is_drawn():
    x = torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8)
    refs = [resolve("tricks", name) for name in ("unit_range", "input_noise", "flips", {"name": "packing", "m": 3})]
    torch.testing.assert_close(family._final_view(Tricks(refs))(x), ((x + 1) / 2).expand(1, 3, 8, 8))
    assert torch.equal(family._final_view(Tricks([]))(x), x)


def test_kept_images_are_those_of_augmentation(data):
    task = _classification_task.task_of(RunAccess(None, data, None, 0))
    kept = family._kept_images(task, 400, 2)
    assert 400 <= len(kept.pool) <= 480
    labels = task.train.labels
    for seed, of_seed in enumerate(kept.rows):
        order = generator(seed, "data").spawn(1)[0].permutation(len(labels))
        for rows, counts in zip(of_seed, augmentation._kept_counts(task, 400), strict=True):
            np.testing.assert_array_equal(kept.pool[rows], augmentation._first_of_each(order, labels, counts))
            np.testing.assert_array_equal(np.bincount(labels[kept.pool[rows]]), counts)


def test_fewer_rows_than_features_are_fitted_in_the_space_of_the_rows():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    for classes in (2, 4):
        rows, test = rng.standard_normal((2, 40, 60)).astype(np.float32) / 60**0.5
        labels = rng.integers(classes, size=40)
        expected = LogisticRegression(C=5.0, tol=1e-6, max_iter=10_000).fit(rows.astype(np.float64), labels)
        np.testing.assert_array_equal(family._predicted(rows, labels, test, 5.0), expected.predict(test))
        few = rows[:, :10]
        expected.fit(few.astype(np.float64), labels)
        np.testing.assert_array_equal(family._predicted(few, labels, test[:, :10], 5.0), expected.predict(test[:, :10]))


def test_columns_are_standardised_on_training_rows_and_constant_ones_are_left_out():
    train = torch.tensor([[0.0, 3.0, 7.1], [2.0, 5.0, 7.1], [4.0, 7.0, 7.1]])
    rows, other = family._standardised(train, train + 1)
    assert rows.shape == other.shape == (3, 2)
    np.testing.assert_allclose((rows**2).sum(axis=1).mean(), 1, rtol=1e-6)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-6)
    dead, _ = family._standardised(torch.zeros(3, 2), torch.ones(3, 2))
    assert dead.shape == (3, 0)
    with pytest.raises(MetricUndefined, match="features are not finite"):
        family._standardised(train, train / 0)
