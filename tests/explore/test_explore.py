"""`gan-bench explore` finds results that are known in closed form for artificial generators, and writes its files."""

import csv
import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from gan_bench.api.runs import train
from gan_bench.cli import main
from gan_bench.data import prepare
from gan_bench.errors import UserError
from gan_bench.explore import hidden, latents
from gan_bench.explore.attribute import classifier_for
from gan_bench.explore.knock_out import knock_out
from gan_bench.explore.subject import Share, Subject
from gan_bench.explore.write import explore, folder_of
from gan_bench.features.reference import prepare_reference
from gan_bench.game.latent import draw_latents
from gan_bench.game.network import Network
from gan_bench.methods import Program, Setup
from gan_bench.registry import component
from gan_bench.train.generate import Generator

DIMENSIONS, UNITS, GUILTY = 5, 6, 4


def subject_of(module, log_probs=None, names=()):
    """A Subject whose images are module(z), with z ~ N(0, I) of DIMENSIONS columns."""
    network = Network(module)
    tensors = dict([*module.named_parameters(), *module.named_buffers()])
    program = Program(
        networks={"generator": network},
        stats={},
        initialise=lambda rng: None,
        draw=lambda rng, n: draw_latents(rng, n, DIMENSIONS),
        images=lambda tensors, z: network(tensors, {}, z, training=False),
    )
    return Subject(Generator(program, tensors, Setup({"threads": 1}, (1, 4, 4)), "uint8"), 0, None, log_probs, names)


def linear(weights):
    """A generator of images (1, 4, 4) whose pixel d is weights[d] * z[d]."""
    layer = nn.Linear(DIMENSIONS, 16, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        for dimension, weight in enumerate(weights):
            layer.weight[dimension, dimension] = weight
    return nn.Sequential(layer, nn.Unflatten(1, (1, 4, 4)))


def bright_corner(images):
    """Log-probabilities of the classes "dark" and "bright". The last pixel determines the class."""
    bright = images[:, 0, 3, 3] > 140
    return np.log(np.where(np.stack([~bright, bright], axis=1), 0.9, 0.1))


def corner_drawn_by(convolutional):
    """A generator in which only the hidden unit GUILTY draws the last pixel. Other units draw other pixels.

    Column k % DIMENSIONS of z drives unit k.
    """
    first, last = nn.Linear(DIMENSIONS, UNITS), nn.Linear(UNITS, 16)
    with torch.no_grad():
        for layer in (first, last):
            layer.weight.zero_(), layer.bias.zero_()
        for unit in range(UNITS):
            first.weight[unit, unit % DIMENSIONS] = 1.0
            last.weight[15 if unit == GUILTY else unit, unit] = 0.4
    if not convolutional:
        return nn.Sequential(first, nn.ReLU(), last, nn.Unflatten(1, (1, 4, 4)))
    # The same units are now maps of 1 x 1. The kernel of each unit has the size of the image.
    up = nn.ConvTranspose2d(UNITS, 1, 4, bias=False)
    up.weight.data = last.weight.data.T.reshape(UNITS, 1, 4, 4).clone()
    return nn.Sequential(first, nn.ReLU(), nn.Unflatten(1, (UNITS, 1, 1)), up)


@pytest.mark.parametrize("convolutional", [False, True])
def test_the_knock_out_finds_the_unit_that_draws_the_attribute(convolutional):
    subject = subject_of(corner_drawn_by(convolutional), bright_corner, ("dark", "bright"))
    result = knock_out(subject, "bright", 300)
    assert result.units[0] == GUILTY and result.accuracy > 0.95
    # The last pixel is bright if 127.5 * 0.4 * z > 12.5, thus if z > 0.245. For z ~ N(0, 1) the probability is 0.403.
    assert abs(result.before.json["share"] - 0.403) < 0.08
    alone = result.curve[0]
    assert (alone.n_units, alone.share.hits) == (1, 0)
    assert [share.hits for share in alone.at_random].count(result.before.hits) >= 3
    trained, without, _ = result.images["attribute"]
    assert (trained[:, 0, 3, 3] > 140).all() and (without[:, 0, 3, 3] == 128).all()


def test_units_are_those_that_the_layers_read_in_the_order_of_the_pass():
    module = nn.Sequential(
        nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3), nn.ReLU(), nn.Linear(3, 16), nn.Unflatten(1, (1, 4, 4))
    )
    subject = subject_of(module)
    assert hidden.hidden_layers(subject) == [module[4], module[2]]
    z = subject.draw(4)
    assert np.allclose(hidden.activations(subject, module[2], z), module[:2](torch.from_numpy(z)).detach())
    with pytest.raises(UserError, match="--layer is 3; valid: 1 to 2"):
        hidden.layer_at(subject, 3)
    with pytest.raises(UserError, match="none, this generator has no hidden layer"):
        hidden.layer_at(subject_of(linear([1.0])), 1)


def test_sweeps_order_dimensions_by_their_weight_and_truncation_scales_the_spread():
    table, images = latents.sweeps(subject_of(linear([0.05, 0.3, 0.1, 0.0, 0.2])))
    assert [sweep.dimension for sweep in table] == [1, 4, 2, 0, 3] and images.shape == (5, latents.VALUES, 1, 4, 4)
    # One pixel of 16 changes by 127.5 * weight * (high - low) before rounding to whole grey values.
    # The root mean square over the 16 pixels is a quarter of this change.
    expected = 127.5 * 0.3 * (table[0].high - table[0].low) / 4
    assert table[0].change == pytest.approx(expected, rel=0.02) and table[-1].change == 0
    numbers, _ = latents.truncation(subject_of(linear([0.1] * 5)))
    spread = {row["scale"]: row["spread"] for row in numbers}
    assert spread[0.0] == 0 and spread[0.5] == pytest.approx(spread[1.0] / 2, rel=0.03)


def test_a_walk_comes_back_and_keeps_the_length_of_latents_of_one_length():
    subject = subject_of(linear([0.1] * 5))
    frames = latents.walk(subject)
    assert frames.shape == (latents.ENDS * latents.WALK_STEPS, latents.WALKS, 1, 4, 4)
    ends = subject.draw(latents.WALKS * latents.ENDS)
    assert np.array_equal(frames[0], subject.images(ends[: latents.WALKS]))
    third = 2 * latents.WALKS
    assert np.array_equal(frames[2 * latents.WALK_STEPS], subject.images(ends[third : third + latents.WALKS]))


def test_arithmetic_of_mean_latents_leads_to_the_class_that_is_added():
    def by_sign(images):
        """Classes "right", "left" and "none". The pixel that z[0] draws determines the class."""
        pixel = images[:, 0, 0, 0].astype(float) - 127.5
        classes = np.where(pixel > 20, 0, np.where(pixel < -20, 1, 2))
        return np.log(np.where(classes[:, None] == np.arange(3), 0.9, 0.05))

    subject = subject_of(linear([0.4] * 5), by_sign, ("right", "left", "none"))
    z = subject.draw(400)
    shown = subject.classes(subject.images(z))
    numbers, images = latents.arithmetic(subject, latents.Sum("right", "left", "none"), z, shown)
    # The mean of z[0] is about 1 for "right", -1 for "left" and 0 for "none". So z[0] is about 2 in right - left +
    # none.
    assert numbers["shares"]["right"]["around"]["low"] > 0.8 > numbers["shares"]["right"]["usual"]["high"]
    assert images.shape == (4 + latents.NEARBY, 1, 4, 4) and images[3, 0, 0, 0] > images[0, 0, 0, 0]
    assert latents.parse_sum("right - left + none", subject.names) == latents.Sum("right", "left", "none")
    with pytest.raises(UserError, match=r"valid: A-B\+C with classes among right, left, none"):
        latents.parse_sum("right+left", subject.names)
    few = np.where(np.arange(400) < 5, 0, 1)
    with pytest.raises(UserError, match="5 of 400 samples show right; 20 are needed"):
        latents.arithmetic(subject, latents.Sum("right", "left", "none"), z, few)


def test_a_conditional_run_draws_one_class_and_keeps_it_along_a_path():
    subject = subject_of(linear([0.1] * 5))
    generate = dataclasses.replace(subject.generate, setup=Setup({"threads": 1}, (1, 4, 4), classes=2))
    generate.program.class_columns = slice(3, 5)
    generate.program.draw = lambda rng, n: np.c_[draw_latents(rng, n, 3), np.eye(2)[rng.integers(2, size=n)]]
    subject = Subject(generate, label=1)
    assert (subject.draw(8)[:, 3:] == [0, 1]).all() and subject.choices().tolist() == [False] * 3 + [True] * 2
    assert {sweep.dimension for sweep in latents.sweeps(subject)[0]} == {0, 1, 2}
    # Pixels 3 and 4 show the class. Their values are 127.5 and 127.5 * 1.1, rounded.
    assert (latents.walk(subject)[:, :, 0, 0, 3] == 128).all() and (latents.walk(subject)[:, :, 0, 1, 0] == 140).all()


def test_a_share_has_wilson_s_interval():
    assert Share(0, 100).json["low"] == 0 and 0.03 < Share(0, 100).json["high"] < 0.04


OWN_DATA = '''
"""Two classes: bright left or bright right."""
import numpy as np
from gan_bench.data import Raw
FACTS = {"paper": "", "deviations": [], "licence": "", "source": "",
         "settings": {"labels": {"type": "bool", "default": False}}}

def describe(settings):
    return {"shape": (1, 8, 8), "labelled": settings["labels"]}

def build(settings, folder, data_dir):
    labels = np.arange(60) % 2
    images = np.zeros((60, 1, 8, 8), np.uint8)
    images[labels == 0, :, :, :4] = images[labels == 1, :, :, 4:] = 220
    split = np.r_[np.zeros(40), np.ones(20)].astype(np.uint8)
    return Raw(images, labels if settings["labels"] else None, split, ["left", "right"] if settings["labels"] else None)
'''


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run without labels. Its data set has a setting that adds labels."""
    folder = tmp_path_factory.mktemp("results")
    (folder / "sides.py").write_text(OWN_DATA)
    place = folder / "study" / "runs" / "sides" / "mlp" / "seed0"
    model = {"name": "mlp", "g_widths": [16, 12], "d_widths": [16], "latent_dim": 6}
    settings = {"preset": "gan_minimax", "dataset": str(folder / "sides.py"), "budget": {"g_steps": 60}, "seed": 0}
    train({**settings, "model": model, "batch_size": 16}, place)
    return place


def test_a_run_leaves_pictures_tables_and_numbers_in_its_study(run, capsys):
    assert main(["explore", str(run), "--n", "200"]) == 0
    folder = folder_of(run)
    assert folder == run.parents[3] / "explore" / "sides" / "mlp" / "seed0"
    document = json.loads((folder / "explore.json").read_text())
    parts = {part["name"]: part for part in document["parts"]}
    assert list(parts) == ["paths", "sweeps", "truncation", "arithmetic", "knock_out"]
    assert parts["arithmetic"]["text"] == "Left out: fewer than three classes have 20 samples among 200."
    assert "100.0 % test accuracy" in document["classifier"]
    for part in document["parts"]:
        assert all((folder / name).is_file() for name in part["files"])
    assert parts["knock_out"]["text"].startswith("Left out: ") or parts["knock_out"]["numbers"]["units"] == 12
    with Image.open(folder / "walk.gif") as walk:
        assert walk.n_frames > 20
    table = list(csv.DictReader((folder / "sweeps.csv").read_text().splitlines()))
    assert len(table) == 6 and float(table[0]["change"]) >= float(table[-1]["change"])
    assert "Single dimensions: " in capsys.readouterr().out


def test_the_classifier_of_the_study_is_taken(run, tmp_path):
    dataset = {"name": str(run.parents[4] / "sides.py"), "labels": True}
    data = tmp_path / "data" / "sides-1"
    prepare(dataset, data)
    settings = {name: setting.default for name, setting in component("features", "classifier").settings.items()}
    prepare_reference(data, {"name": "classifier", **settings, "epochs": 1}, data / "reference" / "classifier-1")
    reference, names = classifier_for(dataset, tmp_path, run, tmp_path / "fitted")
    assert (reference.folder, names) == (data / "reference" / "classifier-1", ["left", "right"])
    assert not (tmp_path / "fitted").exists()


def test_a_generator_with_other_bytes_than_recorded_is_refused(run, tmp_path, capsys):
    copy = shutil.copytree(run, tmp_path / "run")
    content = bytearray((copy / "generator.safetensors").read_bytes())
    content[-1] ^= 1  # changes one weight; the file can still be read
    (copy / "generator.safetensors").write_bytes(content)
    for command in (["explore", str(copy), "--n", "60"], ["sample", str(copy), "--out", str(tmp_path / "grid.png")]):
        assert main(command) == 2
        message = capsys.readouterr().err
        assert "generator.safetensors: damaged: its SHA-256 is not that in status.json" in message


def test_what_was_asked_for_and_is_not_valid_is_named(run, tmp_path):
    for options, sentence in (
        ({"label": 1}, "--label is 1; valid: none, the run is not conditional"),
        ({"n": 10}, "--n is 10; valid: 40 or more"),
        ({"attribute": "top"}, "attribute 'top'"),
        ({"sums": ["left-top+right"]}, "valid: A-B"),
        ({"attribute": "left", "layer": 3}, "--layer is 3; valid: 1 to 2"),
    ):
        with pytest.raises(UserError) as mistake:
            explore(run, folder_of(run), **{"n": 60, **options})
        assert sentence in str(mistake.value)
