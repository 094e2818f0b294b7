"""Methods that train nothing make images from stored tensors. The scores of these images calibrate other scores."""

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data, prepare
from gan_bench.data.scaling import to_uint8
from gan_bench.files import read_json
from gan_bench.train.generate import load_generator, sample
from gan_bench.train.run import train_run

ROWS = ["real_test", "memoriser", "mean_image", "noise", "gaussian_pca"]
NOTHING = dict.fromkeys(
    ["model", "loss", "penalty", "g_optimizer", "d_optimizer", "d_steps", "batch_size", "ema", "budget", "log_points",
     "snapshots"]
)  # fmt: skip


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    prepare(resolve("data", "digits"), folder)
    return open_data(folder)


@pytest.fixture
def made(digits, tmp_path):
    """made(method, seed=0): folder of a finished run."""

    def run(method, seed=0):
        settings = {"dataset": resolve("data", "digits"), "method": resolve("methods", method), **NOTHING, "tricks": []}
        out = tmp_path / f"{resolve('methods', method)['name']}{seed}"
        status = train_run({**settings, "threads": 1, "device": "cpu", "seed": seed}, digits, out)
        assert (status["status"], status["g_steps"], status["images"]) == ("ok", 0, 0)
        return out

    return run


@pytest.mark.parametrize("method", ROWS)
def test_a_row_leaves_the_files_of_a_run_and_samples_repeat(made, method):
    out = made(method)
    first = sample(out, 30, seed=3)
    assert first.shape == (30, 1, 8, 8) and first.dtype == np.uint8
    assert np.array_equal(first, sample(out, 30, seed=3)) and np.array_equal(first[:10], sample(out, 10, seed=3))
    assert {"history.parquet", "samples.png", "progress.gif", "settings.json"} <= {file.name for file in out.iterdir()}
    assert read_json(out / "status.json")["parameters"]["generator"] == 0


def rows_of(images):
    return {image.tobytes() for image in images}


def test_held_out_images_are_dealt_once_each(made, digits):
    drawn = sample(made("real_test"), len(digits.images("test")), seed=0)
    assert rows_of(drawn) == rows_of(digits.images("test")) and len(rows_of(drawn)) >= 0.99 * len(drawn)


def test_a_memoriser_copies_training_images_with_replacement(made, digits):
    drawn = sample(made("memoriser"), 600, seed=0)
    assert rows_of(drawn) <= rows_of(digits.images("train")) and len(rows_of(drawn)) < 600
    few = sample(made({"name": "memoriser", "size": 3}, seed=1), 200, seed=0)
    assert len(rows_of(few)) == 3


def test_the_mean_image_is_the_mean(made, digits):
    drawn = sample(made("mean_image"), 3, seed=0)
    assert np.abs(drawn - digits.images("train").mean(axis=0)).max() <= 0.51 and len(rows_of(drawn)) == 1


def test_noise_is_uniform(made):
    drawn = sample(made("noise"), 2000, seed=0).astype(float)
    assert drawn.mean() == pytest.approx(127.5, rel=0.01) and drawn.std() == pytest.approx(255 / 12**0.5, rel=0.01)


def test_the_normal_law_has_the_mean_and_covariance_of_the_pixels(made, digits):
    found = load_generator(made("gaussian_pca"))
    mean, axes = found.tensors["mean"].double().numpy(), found.tensors["axes"].double().numpy()
    x = digits.images("train").reshape(-1, 64) / 127.5 - 1
    assert np.allclose(mean, x.mean(axis=0), atol=1e-6)
    assert axes.shape == (64, 64) and np.allclose(axes @ axes.T, np.cov(x.T), atol=1e-5)
    few = load_generator(made({"name": "gaussian_pca", "components": 5}, seed=2)).tensors["axes"].double().numpy()
    top = np.linalg.eigvalsh(np.cov(x.T))[::-1][:5]
    assert np.allclose((few**2).sum(axis=0), top, rtol=1e-4)
    z = torch.full((1, 64), 50.0)
    assert load_generator(made("gaussian_pca"))(z).abs().max() == 1


def test_images_need_nothing_but_the_stored_tensors(made):
    found = load_generator(made("gaussian_pca"))
    z = torch.from_numpy(found.program.draw(np.random.default_rng(0), 5))
    doubled = {name: tensor * 2 for name, tensor in found.tensors.items()}
    assert not np.array_equal(to_uint8(found(z)), to_uint8(found.program.images(doubled, z)))


def test_a_dealt_split_is_scored_between_two_halves_without_an_image_in_common(made, digits, tmp_path):
    from gan_bench.features.reference import open_reference, prepare_reference
    from gan_bench.metrics.evaluate import evaluate_run

    prepare_reference(digits.folder, resolve("features", "pixels"), tmp_path / "reference")
    reference, metrics = open_reference(tmp_path / "reference"), [resolve("metrics", "one_nn")]
    n = len(digits.images("test"))
    dealt, copies = (
        evaluate_run(made(name), reference, metrics, "test", None, 0) for name in ("real_test", "memoriser")
    )
    for row in dealt["metrics"]:
        assert row["n_real"] == row["n_fake"] == n // 2 and "other images of this split" in row["note"]
    assert all(row["n_real"] == n and row["note"] is None for row in copies["metrics"])
    assert dealt["floor"] == copies["floor"], "one floor for all runs"
    by_name = {row["name"]: row["value"] for row in dealt["metrics"]}
    assert abs(by_name["one_nn"] - 0.5) < 0.1, "were an image on both sides, its twin would be its neighbour"
    against_train = evaluate_run(made("real_test"), reference, metrics, "train", 200, 0)
    assert all(row["note"] is None and row["n_fake"] == 200 for row in against_train["metrics"])
