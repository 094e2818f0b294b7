"""Images of a finished run come from its trained generator, and do not depend on the batch size."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gan_bench import models
from gan_bench.errors import UserError
from gan_bench.game.latent import draw_latents
from gan_bench.paths import GENERATOR, SAMPLES
from gan_bench.provenance import module_file
from gan_bench.seeds import generator
from gan_bench.sources import keep_sources
from gan_bench.train.generate import load_generator, sample
from gan_bench.train.run import train_run
from gan_bench.train.snapshot import N_IMAGES, grid_image

#: Ordinary network classes, in a file that is no component file.
PASTED = Path(__file__).parents[1] / "models" / "pasted" / "keras_port.py"


@pytest.fixture
def run(settings, data, tmp_path):
    train_run(settings(), data, tmp_path / "run")
    return tmp_path / "run"


def test_the_generator_is_the_trained_one_in_eval_mode(run, settings):
    found = load_generator(run)
    assert (found.setup.settings, found.setup.shape, found.dtype) == (settings(), (1, 8, 8), "uint8")
    stored = load_file(run / GENERATOR)
    assert stored.keys() == found.tensors.keys()
    assert all(torch.equal(tensor, stored[name]) for name, tensor in found.tensors.items())


def test_it_draws_the_run_s_own_pictures_again(run, settings):
    images = load_generator(run)(torch.from_numpy(draw_latents(generator(0, "snapshot"), N_IMAGES, 4)))
    pixels = (images * 127.5 + 127.5).round().to(torch.uint8).numpy()
    from PIL import Image

    with Image.open(run / SAMPLES) as stored:
        assert np.array_equal(stored, grid_image(pixels))


def test_samples_depend_on_the_seed_and_not_on_the_batch_size(run):
    images = sample(run, 40, seed=0)
    assert images.shape == (40, 1, 8, 8) and images.dtype == np.uint8
    assert np.array_equal(images, sample(run, 40, seed=0))
    assert not np.array_equal(images, sample(run, 40, seed=1))
    for batch in (1, 7, 40):
        other = sample(run, 40, seed=0, batch=batch).astype(int)
        # With another batch size, sums may differ in the last bit.
        assert np.abs(other - images).max() <= 1 and (other == images).mean() > 0.999
    assert np.abs(sample(run, 10, seed=0).astype(int) - images[:10]).max() <= 1


def test_sampling_uses_running_moments(run, settings):
    """In eval mode, batch norm uses running moments, so an image does not depend on the other images."""
    pair = models.build(settings()["model"], (1, 8, 8))
    pair.generator.load_state_dict(load_file(run / GENERATOR))
    z = torch.from_numpy(draw_latents(generator(0, "evaluation"), 40, 4))
    with torch.no_grad():
        evaluated, training = pair.generator.eval()(z), pair.generator.train()(z)
    drawn = torch.from_numpy(sample(run, 40, seed=0)) / 127.5 - 1
    assert (drawn - evaluated).abs().max() < 0.005 < (drawn - training).abs().max()


def test_a_diverged_run_says_that_nothing_can_be_drawn(settings, data, tmp_path):
    bad = {"name": "sgd", "lr": 1e20}
    assert train_run(settings(g_optimizer=bad, d_optimizer=bad), data, tmp_path)["status"] == "diverged"
    with pytest.raises(UserError, match="not finite"):
        sample(tmp_path, 4, seed=0)


def test_files_that_are_not_a_run_s_generator_are_named(run, tmp_path):
    with pytest.raises(UserError, match=r"generator.safetensors: no such file"):
        load_generator(tmp_path)
    content = (run / GENERATOR).read_bytes()
    (run / GENERATOR).write_bytes(content[:-3])
    with pytest.raises(UserError, match="not the generator file of a run"):
        load_generator(run)
    (run / GENERATOR).write_bytes(content.replace(b'\\"g_widths\\":[12,12]', b'\\"g_widths\\":[12,13]'))
    with pytest.raises(UserError, match="do not fit the model 'mlp'"):
        load_generator(run)


@pytest.mark.parametrize(("n", "batch"), [(0, 256), (4, 0)])
def test_a_count_below_one_is_the_user_s_mistake(run, n, batch):
    with pytest.raises(UserError, match="valid: 1 or more"):
        sample(run, n, 0, batch)


@pytest.mark.parametrize("classes", ["", ":Generator,Discriminator"])
def test_a_users_model_is_sampled_from_its_copy_after_it_was_edited_or_removed(settings, data, tmp_path, classes):
    file, run = tmp_path / "mine.py", tmp_path / "results" / "runs" / "seed0"
    source = (PASTED if classes else module_file("gan_bench.models.mlp")).read_text()
    file.write_text(source)
    sizes = {} if classes else {"latent_dim": 4, "g_widths": [12, 12], "d_widths": [12]}
    made = settings(model={"name": f"{file}{classes}", **sizes})
    train_run(made, data, run)
    keep_sources(made, tmp_path / "results" / "store")
    images = sample(run, 5, seed=0)
    file.write_text(source.replace("def ", "def x_"))
    assert np.array_equal(sample(run, 5, seed=0), images)
    file.rename(tmp_path / "renamed.py")
    assert np.array_equal(sample(run, 5, seed=0), images)
    shutil.rmtree(tmp_path / "results" / "store")
    with pytest.raises(UserError, match=r"mine\.py.* is gone, and no copy of it is kept"):
        sample(run, 5, seed=0)
