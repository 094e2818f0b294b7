"""`gan-bench check` finds broken components before data are prepared.

The message names the file, the function, the expected result and the actual result.
"""

from pathlib import Path
from typing import Any

import pytest

from gan_bench.cli import main
from gan_bench.dry_run.study import cache_folder

FACTS = 'FACTS = {"paper": "", "settings": {}, "deviations": [], '
LOSS = f'''
"""L."""
from torch.nn.functional import softplus
{FACTS}"family": "x", "output": "sigmoid", "equilibrium": None}}

def discriminator(real, fake, settings):
    return softplus(-real).mean(), softplus(fake).mean()
'''
GOOD_G = "\ndef generator(real, fake, settings):\n    return softplus(-fake).mean()\n"
MODEL = f'''
"""M."""
from math import prod
from torch import nn
from gan_bench.models import Pair
{FACTS}"sizes": None, "channels": None, "critic_batch_coupled": {{}}}}
'''
BUILD = """
def build(shape, settings):
    generator = nn.Sequential(nn.Linear(4, prod(shape)), nn.Tanh(), nn.Unflatten(1, shape))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), 1), nn.Flatten(0))
    return Pair(generator, discriminator, 4)
"""
METRIC = f'''
"""S."""
{FACTS}"needs": ["NEED"], "min_n": 2, "estimator": "exact",
  "values": {{"spread": {{"label": "Spread", "direction": "none", "range": [0, None]}}}}}}

def compute(sets, settings, rng):
    return {{"NAME": float(sets.fake.features.std())}}
'''

MISTAKES = {
    "no generator()": ("losses", LOSS, "mine.py: expected a function generator(), found none; see gan_bench/losses/"),
    "no build()": ("models", MODEL, "mine.py: expected a function build(), found none; see gan_bench/models/"),
    "build() returns a tuple": (
        "models",
        MODEL + BUILD.replace("Pair(generator, discriminator, 4)", "generator, discriminator, 4"),
        "mine.py: build() returns a tuple, expected a gan_bench.models.Pair(generator, discriminator, latent_dim).",
    ),
    "G of the wrong size": (
        "models",
        MODEL + BUILD.replace("nn.Unflatten(1, shape)", "nn.Unflatten(1, (shape[0], -1, 4))"),
        "mine.py: the generator of build() returns images of shape (8, 1, 16, 4), expected (8, 1, 8, 8).",
    ),
    "D with a sigmoid": (
        "models",
        MODEL + BUILD.replace("1), nn.Flatten(0)", "1), nn.Sigmoid(), nn.Flatten(0)"),
        "mine.py: the discriminator of build() ends in a sigmoid (its outputs stay in [0, 1]); loss 'non_saturating' "
        "expects raw logits: remove the sigmoid.",
    ),
    "a per-sample loss": (
        "losses",
        LOSS + GOOD_G.replace(".mean()", ""),
        "mine.py: generator() returns a tensor of shape (8,), expected a scalar, the mean over the minibatch.",
    ),
    "a loss without gradient": (
        "losses",
        LOSS + GOOD_G.replace(".mean()", ".mean() * 0"),
        "mine.py: no gradient reaches the generator in one training step of method 'adversarial'.",
    ),
    "a metric with undeclared names": (
        "metrics",
        METRIC.replace("NEED", "features").replace("NAME", "width"),
        "mine.py: compute() returns width; FACTS declares the values spread.",
    ),
    "a metric of images with undeclared names": (
        "metrics",
        METRIC.replace("NEED", "images").replace("NAME", "width"),
        "mine.py: compute() returns width; FACTS declares the values spread.",
    ),
    "needs that nothing provides": (
        "metrics",
        METRIC.replace("NEED", "depth").replace("NAME", "spread"),
        "mine.py: FACTS['needs']: unknown need 'depth'. Valid: features, images, log_probs, modes, run, train.",
    ),
    "a missing folder": ("data", "nowhere", "image_folder: path 'nowhere' is no folder"),
}


def study(folder: Path, axis: str, source: str) -> str:
    """Path of a study with a component mine.py made of `source`; for "data", `source` is a folder of pictures."""
    (folder / "mine.py").write_text(source)
    model = "./mine.py" if axis == "models" else "{name: mlp, g_widths: [8], d_widths: [8]}"
    dataset = f"{{name: image_folder, path: {source}}}" if axis == "data" else "digits"
    metrics = "evaluation: {metrics: [./mine.py]}\n" if axis == "metrics" else ""
    loss = "./mine.py" if axis == "losses" else "non_saturating"
    (folder / "mine.yaml").write_text(
        f"datasets: [{dataset}]\nvariants: [{{model: {model}, loss: {loss}, optimizer: adam}}]\nseeds: 2\n"
        f"budget: {{g_steps: 100}}\n{metrics}"
    )
    return str(folder / "mine.yaml")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_broken_contract_is_named(mistake: str, tmp_path: Path, capsys: Any) -> None:
    axis, source, sentence = MISTAKES[mistake]
    assert main(["check", study(tmp_path, axis, source)]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1, said
    static = main(["check", study(tmp_path, axis, source), "--static"])
    assert static == (2 if mistake == "needs that nothing provides" else 0)


@pytest.mark.parametrize(
    ("axis", "source"),
    [
        ("losses", LOSS + GOOD_G),
        ("models", MODEL + BUILD),
        ("metrics", METRIC.replace("NEED", "features").replace("NAME", "spread")),
    ],
)
def test_a_kept_contract_passes_and_is_remembered(axis: str, source: str, tmp_path: Path, capsys: Any) -> None:
    name = study(tmp_path, axis, source)
    assert main(["check", name, "--cores", "2"]) == 0
    assert "on 2 cores (" in capsys.readouterr().out
    files = {file: file.stat().st_mtime_ns for file in cache_folder().glob("*.json")}
    assert len(files) == 1 + (axis == "metrics")
    assert main(["check", name]) == 0
    assert {file: file.stat().st_mtime_ns for file in cache_folder().glob("*.json")} == files
    (tmp_path / "mine.py").write_text(source.replace("return", "x = 1\n    return"))
    assert main(["check", name]) == 0
    assert len(list(cache_folder().glob("*.json"))) == len(files) + 1, "changed code is tried anew"


def test_batch_sizes_that_surprise_are_said(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "mine.yaml").write_text(
        "datasets: [digits]\nvariants: [gan, {preset: gan, batch_size: 2000, name: big}]\n"
        "seeds: 2\nbudget: {g_steps: 100}\nbatch_size: 32\n"
    )
    assert main(["check", str(tmp_path / "mine.yaml"), "--static"]) == 0
    said = capsys.readouterr().out
    assert "variant 'gan' trains with its own batch_size 100, not with the study's 32" in said
    assert "variant 'big' has batch_size 2000 and data set 'digits' only 1258 training images" in said
