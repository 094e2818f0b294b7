"""Models made from ordinary PyTorch classes: seven files in common styles, and the notes that each file gives."""

from pathlib import Path

import pytest
import torch

from gan_bench import registry
from gan_bench.class_pairs import split
from gan_bench.cli import main
from gan_bench.config.one_run import run_settings
from gan_bench.dry_run.networks import broken_networks
from gan_bench.dry_run.step import try_step
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._arguments import CHANNELS, CLASSES, NUMBERS, SHAPE, SIDE, Z
from gan_bench.models._classes import notes_of

PASTED = Path(__file__).parent / "pasted"
ENDS = ("rows", "cols", "height", "width")
SIGMOID = "Discriminator: the sigmoid at its end is taken off."
#: Model -> (shape of the images, beginnings of the notes about D).
MODELS = {
    "dcgan_tutorial.py:Generator,Discriminator": ((1, 32, 32), ["Discriminator: its output (B, 1, 1, 1)", SIGMOID]),
    "keras_port.py:Generator,Discriminator": ((1, 8, 8), ["Discriminator: its output (B, 1)", SIGMOID]),
    "wgan_script.py:Net,Net": ((1, 8, 8), ["Net: its output (B, 1)"]),
    "keras_class.py:GAN": ((1, 8, 8), ["GAN: its output (B, 1)", "GAN: the sigmoid at its end is taken off."]),
    "wgan_script.py:WGAN": ((1, 8, 8), ["WGAN: its output (B, 1)"]),
    "conditional.py:Generator,Discriminator": ((1, 8, 8), ["Discriminator: its output (B, 1)"]),
    "resnet_sn.py:Generator,Discriminator": ((1, 8, 8), ["Discriminator: its output (B, 1)"]),
    "aliases.py:Generator,Discriminator": ((1, 8, 8), ["Discriminator: its output (B, 1)"]),
}


@pytest.mark.parametrize("model", MODELS)
def test_a_pasted_pair_trains_one_step_and_its_changes_are_said(model):
    shape, said = MODELS[model]
    conditional = "conditional" in model
    settings = run_settings(
        {
            "preset": "gan",
            "dataset": {"name": "digits", "size": shape[1]},
            "model": {"name": str(PASTED / model)},
            "budget": {"g_steps": 3},
            "batch_size": 8,
            **({"tricks": ["labels"]} if conditional else {}),
        }
    )
    ref = settings["model"]
    assert (conditional or list(broken_networks(ref, shape, settings["loss"])) == []) and ref["name"].endswith(model)
    wrong, seconds = try_step(settings, shape, 10)
    assert wrong == [] and seconds
    notes = notes_of(build({**ref, "classes": 10} if conditional else ref, shape))
    assert any("found by a trial" in note for note in notes)
    assert [note for note in notes if any(note.startswith(start) for start in said)] == notes[-len(said) :]


def test_batch_norm_in_d_is_seen_without_torch_and_pairs_of_a_file_differ():
    coupled = {name: registry.component("models", str(PASTED / name)).settings["critic"].default for name in MODELS}
    assert [name for name, kind in coupled.items() if kind == "batch_coupled"] == [
        "dcgan_tutorial.py:Generator,Discriminator",
        "keras_class.py:GAN",
    ]
    net, gan = (registry.component("models", str(PASTED / f"wgan_script.py:{name}")) for name in ("Net,Net", "WGAN"))
    assert net.digest != gan.digest and split("a.py:B, C") == ("a.py", "B,C")
    for name, text in (("wgan_script.py:Gen,Net", "no class 'Gen'; it has Net, WGAN"), ("wgan_script.py:a,b,c", "two")):
        with pytest.raises(UserError, match=text):
            registry.component("models", str(PASTED / name))


def test_a_layer_with_two_names_stays_one_layer():
    pair = build(
        {"name": f"{PASTED}/aliases.py:Generator,Discriminator", "z_dim": None, "critic": "per_sample"}, (1, 8, 8)
    )
    g, d = pair.generator.body, pair.discriminator.body
    assert g.bn is g.main[1] and d.conv is d.model[0] and d.fc is d.model[3]
    assert len(list(d.parameters())) == 4


G = "\n\nclass G(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
G += "        self.l = nn.Linear(5, 64)\n\n    def forward(self, z):\n        return self.l(z).sigmoid()\n"
D = "\n\nclass D(nn.Module):\n    def __init__(self, pixels):\n        super().__init__()\n"
D += "        self.l = nn.Linear(pixels, 1)\n\n    def forward(self, x):\n        return LAST\n"


def test_what_does_not_fit_is_refused_by_name_and_images_of_a_sigmoid_are_scaled(tmp_path):
    def pair(last: str, shape=(1, 8, 8)):
        (tmp_path / "own.py").write_text(
            f"import torch\nfrom torch import nn{G}{D.replace('LAST', last)}\n\nclass Gan:\n    pass\n"
        )
        return build({"name": f"{tmp_path}/own.py:G,D", "z_dim": None, "critic": "per_sample"}, shape)

    made = pair("self.l(x.flatten(1))")
    assert made.latent_dim == 5 and any("scaled to [-1, 1]" in note for note in notes_of(made))
    assert made.generator(torch.zeros(2, 5)).abs().max() < 1e-6
    with pytest.raises(UserError, match=r"own.py: class D ends in a sigmoid .* without the sigmoid"):
        pair("torch.sigmoid(self.l(x.flatten(1)))")
    with pytest.raises(UserError, match=r"class D: expected one logit for each image .* it returns \(B, 2\)"):
        pair("torch.cat([self.l(x.flatten(1))] * 2, 1)")
    with pytest.raises(UserError, match=r"class G: expected images of shape \(1, 16, 16\); it returns \(B, 64\)"):
        pair("self.l(x.flatten(1))", (1, 16, 16))
    for model, z_dim, text in (
        ("G,D", 64, "z_dim is 64, but this class takes z of length 5; write z_dim: 5"),
        ("D,G", None, "class D makes no images, but G does; name the generator first: own.py:G,D"),
        ("G", None, "class G: it has no generator; name two classes"),
        ("Gan,D", None, "class Gan is not a torch.nn.Module"),
    ):
        with pytest.raises(UserError, match=text):
            build({"name": f"{tmp_path}/own.py:{model}", "z_dim": z_dim, "critic": "per_sample"}, (1, 8, 8))
    # the images have 1 channel
    with pytest.raises(UserError, match=r"returns \(B, 1, 32, 32\) \(32 px instead of 8 px\)"):
        name = f"{PASTED}/dcgan_tutorial.py:Generator,Discriminator"
        build({"name": name, "z_dim": None, "critic": "batch_coupled"}, (1, 8, 8))


def test_check_says_what_it_found(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (PASTED / "keras_port.py").read_text() + "\n\ndef weights(layer):\n    nn.init.zeros_(layer.weight)\n"
    (tmp_path / "keras_port.py").write_text(text)
    model = "keras_port.py:Generator,Discriminator"
    study = f"datasets: [digits]\nvariants: [{{preset: gan, model: '{model}', name: mine}}, lsgan]\nseeds: 1\n"
    (tmp_path / "mine.yaml").write_text(study + "budget: {g_steps: 5}\nbatch_size: 8\n")
    assert main(["check", "mine.yaml"]) == 0
    said = capsys.readouterr().out
    assert "keras_port.py: Discriminator: the sigmoid at its end is taken off." in said
    assert "keras_port.py: initial weights that the file sets are replaced by PyTorch's defaults" in said


def test_check_names_the_variant_whose_trick_does_not_fit_its_networks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = f"model: '{PASTED}/keras_class.py:GAN'"
    variants = f"[{{preset: sngan, {model}, name: sn}}, {{preset: gan, {model}, tricks: [labels], name: labelled}}]"
    (tmp_path / "mine.yaml").write_text(
        f"datasets: [digits]\nvariants: {variants}\nseeds: 1\nbudget: {{g_steps: 5}}\nbatch_size: 8\n"
    )
    assert main(["check", "mine.yaml"]) == 2
    answer = capsys.readouterr()
    assert "variant 'sn': trick 'spectral_norm' changes layers" in answer.err and "`tricks: []`" in answer.err
    assert "variant 'labelled': model" in answer.err and "a second argument, the class" in answer.err
    assert answer.out == "" and ".py, " not in answer.err


def test_test_component_tries_other_sizes_of_images(capsys):
    assert main(["test-component", f"{PASTED}/dcgan_tutorial.py:Generator,Discriminator"]) == 0
    assert "fulfils the contract of models" in capsys.readouterr().out


def test_the_docs_list_the_names_of_sizes():
    text = (Path(__file__).parents[2] / "docs" / "own_gan.md").read_text()
    names = {*Z, *CHANNELS, *SIDE, *SHAPE, *NUMBERS, *CLASSES}
    pieces = {name.removeprefix("img_").removeprefix("image_") if name.endswith(ENDS) else name for name in names}
    assert [name for name in sorted(pieces) if f"`{name}`" not in text] == []
