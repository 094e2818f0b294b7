"""`gan-bench new` writes components that run, and `gan-bench test-component` names the error in a broken component."""

from pathlib import Path

import pytest

from gan_bench.cli import main
from gan_bench.dry_run.component import axis_of
from gan_bench.registry import component
from gan_bench.templates import KINDS, render


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_has_its_axis_and_keeps_its_contract(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", kind, "mine"]) == 0
    assert "In a study: " in capsys.readouterr().out and axis_of("mine.py") == KINDS[kind]
    assert "my_component" not in Path("mine.py").read_text() and component(KINDS[kind], "./mine.py").summary
    assert main(["test-component", "mine.py"]) == 0
    assert f"fulfils the contract of {KINDS[kind]}" in capsys.readouterr().out


#: Kind of component -> text of its template, the replacement that breaks this text, and part of the message.
BROKEN = {
    "loss": ("-fake.tanh().mean() / 2\n", "fake.tanh().mean() / 2\n", "generator() has the gradient 0.478"),
    "penalty": (".square().mean()", ".square()", "one training step raises"),
    "method": ("def draw(", "def drawn(", "its Program does not define draw"),
    "model": ('"critic_batch_coupled": {},', "", "expected the key 'critic_batch_coupled' in FACTS, found none"),
    "data": ('"shape": (1, 8, 8)', '"shape": (1, 9, 9)', "mine.py"),
    "extractor": ("axis=1).astype(np.float32)", "axis=1).astype(np.float64)", "float64 of 10 images, expected (10, d)"),
    "metric": ('"mine_share": energy / across', '"share": energy / across', "FACTS declares the values"),
    "figure": ('"needs": ["run_cards"]', '"needs": ["cards"]', "names 'cards', which is not a table; valid"),
    "variant": ('"model": {"name": "dcgan"', '"model": {"name": "dcgam"', "unknown models component 'dcgam'"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_component_is_named(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    old, new, sentence = BROKEN[kind]
    text = render(kind, "mine")
    assert old in text
    Path("mine.py").write_text(text.replace(old, new))
    assert main(["test-component", "mine.py"]) == 2
    assert sentence in capsys.readouterr().err


RETURN = 'return {"mine": energy, "mine_share": energy / across if across else 0.0}'
NEED, IMAGES = '"needs": ["features"]', '"needs": ["images"]'
#: Edits of the metric's template -> part of the message.
WRONG_METRICS = (
    ({NEED: IMAGES, RETURN: 'raise ValueError("boom")'}, "compute() for 64 images of shape (3, 32, 32) raises"),
    ({NEED: IMAGES, RETURN: 'return {"width": 1.0}'}, "compute() returns width; FACTS declares"),
    ({'"direction": "lower"': '"direction": "up"'}, "unknown direction 'up'. Valid: half, higher, lower, none"),
    ({RETURN: 'return {"mine": float("nan"), "mine_share": 0.5}'}, "returns nan for 'mine'"),
    (
        {RETURN: 'return {"mine": 1.0, "mine_share": 1.5}'},
        "returns 1.5 for 'mine_share'; FACTS declares its range from 0",
    ),
    ({NEED: '"needs": []'}, "mine.py: FACTS['needs'] is []; a valid example: [\"features\"]."),
    ({RETURN: 'return {"mine": None, "mine_share": 0.5}'}, "returns a NoneType for 'mine', expected a number"),
    ({'"range": [0.0, 1.0]': '"range": [1.0, 0.0]'}, "'range' is [1.0, 0.0]; valid: [low, high]"),
)


@pytest.mark.parametrize("edits", WRONG_METRICS, ids=[sentence for _, sentence in WRONG_METRICS])
def test_a_metric_is_called_on_images_too_and_its_values_are_checked(edits, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = render("metric", "mine")
    for old, new in edits[0].items():
        assert old in text
        text = text.replace(old, new)
    Path("mine.py").write_text(text)
    assert main(["test-component", "mine.py"]) == 2
    assert edits[1] in capsys.readouterr().err


def test_mistakes_are_sentences(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("x = 1\n")
    for arguments, text in (
        (["new", "loss", "mine"], "mine.py exists"),
        (["new", "loss", "My-Loss"], "a name has only lowercase letters"),
        (["test-component", "mine.py"], "a component must declare FACTS"),
        (["test-component", "none.py"], "none.py: there is no such file."),
        (["new", "metric", "frechet"], "'frechet' is a metric of the package; choose another name."),
    ):
        assert main(arguments) == 2
        assert text in capsys.readouterr().err
