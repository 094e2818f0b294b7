"""A method determines the keys of its runs: unused keys are null, and are not allowed in a study."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_bench import registry
from gan_bench.config.document.check import check_report
from gan_bench.config.grammar.method_keys import keys_read_by
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError
from gan_bench.run_keys import BY_NAME, RUN_KEYS

OWN = Path(__file__).parent / "own"
STILL, CODER = str(OWN / "still.py"), str(OWN / "coder.py")


#: Keys of a run that at least one method does not read.
OPTIONAL = [key.name for key in RUN_KEYS if key.read_by != "all" and key.stored]


@pytest.mark.parametrize("name", registry.names("methods"))
def test_every_method_tells_what_it_reads(name: str) -> None:
    read = keys_read_by({"name": name})
    assert read <= set(BY_NAME)
    # A method that reads one of these two keys reads both: the budget counts steps, and each step has a minibatch.
    assert ("budget" in read) == ("batch_size" in read)


def test_a_method_without_training_has_no_other_setting(small: dict, plan: Callable, read: Callable) -> None:
    small["variants"] = [{"method": [STILL, {"name": STILL, "k": 2}]}]
    first, second = plan(small).cells
    assert (first.variant, second.variant) == ("still · k=1", "still · k=2")
    assert first.id.startswith("still-") and first.id.count("-") == 1
    unused = {"tricks": [], **{key: None for key in OPTIONAL if key != "tricks"}}
    assert {key: first.settings[key] for key in OPTIONAL} == unused
    report = check_report(read(small))
    assert "0 generator steps, 0 discriminator steps, 0 real images shown" in report
    assert "estimate: " in report and "cannot be estimated" not in report


def test_a_method_without_a_discriminator_takes_one_optimizer(small: dict, plan: Callable) -> None:
    parts = {"method": {"name": CODER, "depth": 1}, "model": "mlp"}
    small["variants"] = [{**parts, "optimizer": "adam"}, {**parts, "g_optimizer": "sgd", "name": "other"}]
    first, second = plan(small).cells
    assert (first.variant, second.variant) == ("coder · mlp · adam", "other")
    assert (first.settings["g_optimizer"]["name"], second.settings["g_optimizer"]["name"]) == ("adam", "sgd")
    for cell in (first, second):
        found = {key for key in OPTIONAL if cell.settings[key] not in (None, [])}
        assert found == {"model", "g_optimizer", "batch_size", "budget", "log_points", "snapshots"}
    assert first.id.startswith("coder-mlp-adam-")


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"method": STILL, "model": "mlp"}, ["variants[0].model: method 'still' has no use for model; take it out."]),
        ({"method": STILL, "batch_size": 8}, ["variants[0].batch_size: method 'still' has no use for batch_size"]),
        ({"method": STILL, "budget": {"epochs": 1}}, ["variants[0].budget: method 'still' has no use for budget"]),
        ({"method": STILL, "optimizer": "adam"}, ["variants[0].optimizer: method 'still' has no use for optimizer"]),
        (
            {"method": CODER, "model": "mlp", "optimizer": "adam", "loss": "minimax", "tricks": ["flips"]},
            ["variants[0].loss: method 'coder'", "variants[0].tricks: method 'coder'"],
        ),
        ({"method": CODER, "model": "mlp"}, ["variants[0]: has no optimizer; either optimizer or g_optimizer"]),
        (
            {"method": CODER, "model": "mlp", "g_optimizer": "adam", "d_optimizer": "adam"},
            ["variants[0].d_optimizer: method 'coder' has no use for d_optimizer"],
        ),
        (
            {"method": CODER, "model": "mlp", "g_optimizer": "adam", "optimizer": "adam"},
            ["variants[0]: has optimizer and g_optimizer"],
        ),
        ({"method": CODER, "optimizer": "adam"}, ["variants[0].model: is missing"]),
        ({"method": ["adversarial", CODER], "model": "mlp", "optimizer": "adam"}, ["variants[0].loss: is missing"]),
        ({"method": "advers", "model": "mlp"}, ["variants[0].method: unknown methods component 'advers'"]),
        ({"method": {"name": CODER, "depth": 0}, "model": "mlp", "optimizer": "adam"}, ["method.depth: 0"]),
    ],
)
def test_keys_that_do_not_go_with_the_method(item: dict, found: list[str], small: dict, mistakes: Callable) -> None:
    sentences = mistakes({**small, "variants": [item]})
    assert len(sentences) == len(found), sentences
    assert all(any(part in sentence for sentence in sentences) for part in found), sentences


@pytest.mark.parametrize("value", ["", '"uses": ["modell"],', '"uses": "model",', '"uses": None,'])
def test_a_method_must_tell_what_it_reads(value: str, small: dict, mistakes: Callable, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f'"""Mine."""\nFACTS = {{"paper": "", "settings": {{}}, {value}}}\n')
    (sentence,) = mistakes({**small, "variants": [{"method": "mine.py"}]}, folder=tmp_path)
    assert (
        "variants[0].method: method" in sentence
        and "its FACTS must have 'uses', a list whose entries are among: model, loss" in sentence
    )


@pytest.fixture
def run() -> dict[str, Any]:
    return {
        "dataset": "digits",
        "method": CODER,
        "model": "mlp",
        "g_optimizer": "adam",
        "budget": {"g_steps": 3},
        "seed": 0,
    }


def test_settings_of_a_run_hold_every_key(run: dict) -> None:
    found = validate_run_settings(run)
    assert set(found) == {"dataset", "method", *OPTIONAL, "threads", "device", "seed"}
    assert (found["batch_size"], found["log_points"], found["snapshots"]) == (64, 200, 12)
    assert (found["loss"], found["penalty"], found["d_steps"], found["tricks"]) == (None, None, None, [])
    assert found["method"]["depth"] == 2 and len(found["method"]["digest"]) == 64
    assert validate_run_settings(found) == found
    alone = validate_run_settings({"dataset": "digits", "method": STILL, "seed": 0})
    assert alone["budget"] is None and alone["log_points"] is None and validate_run_settings(alone) == alone


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"loss": "minimax"}, "loss: method 'coder' has no use for loss; take it out."),
        ({"tricks": ["flips"]}, "tricks: method 'coder' has no use for tricks"),
        ({"ema": 0.9}, "ema: method 'coder' has no use for ema"),
        ({"model": None}, "model: is empty; method 'coder' needs it."),
        ({"budget": None}, "budget: is empty; method 'coder' needs it."),
        ({"log_points": None}, "log_points: is empty"),
        ({"method": None}, "method: is empty"),
    ],
)
def test_mistakes_of_a_run(change: dict, found: str, run: dict) -> None:
    with pytest.raises(UserError) as caught:
        validate_run_settings({**run, **change})
    (sentence,) = caught.value.sentences
    assert found in sentence


def test_a_run_that_lacks_what_its_method_reads(run: dict) -> None:
    with pytest.raises(UserError) as caught:
        validate_run_settings({"dataset": "digits", "seed": 0})
    assert [text.split(": ", 1)[1] for text in caught.value.sentences] == [
        f"{key}: is missing." for key in ("model", "loss", "g_optimizer", "d_optimizer", "budget")
    ]


def test_a_method_excludes_components(small: dict, mistakes: Callable, tmp_path: Path) -> None:
    text = Path(CODER).read_text().replace('"uses"', '"excludes": {"model": ["mlp"], "loss": ["minimax"]}, "uses"')
    (tmp_path / "mine.py").write_text(text)
    small["variants"] = [{"method": "mine.py", "model": ["mlp", "dcgan"], "optimizer": "adam"}]
    (sentence,) = mistakes(small, folder=tmp_path)
    assert "variants[0].model: method 'mine' cannot be combined with model 'mlp'; choose another model." in sentence


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            {"method": "vae_gan", "model": "mlp", "loss": "wasserstein"},
            "variants[0].loss: loss 'wasserstein' with method 'vae_gan' has no bound",
        ),
        (
            {"method": "vae", "model": "began_net"},
            "variants[0].model: model 'began_net' with method 'vae': the model's discriminator returns a",
        ),
        (
            {"method": "vae", "model": "cgan_mlp"},
            "no trick of the run gives them to both networks; choose another model.",
        ),
    ],
)
def test_what_a_method_without_penalty_loss_or_tricks_cannot_do(
    parts: dict, sentence: str, small: dict, mistakes: Callable
) -> None:
    (found,) = mistakes({**small, "variants": [{**parts, "optimizer": "adam"}]})
    assert sentence in found


def test_an_override_sets_what_a_run_has_a_use_for(small: dict, plan: Callable, mistakes: Callable) -> None:
    coder = {"method": CODER, "model": "mlp", "optimizer": "adam"}
    small["variants"] += [coder, {"method": STILL}]
    small["overrides"] = [{"when": {"dataset": "digits"}, "set": {"batch_size": 5, "d_steps": 2, "ema": 0.5}}]
    first, second, third = (cell.settings for cell in plan(small).cells)
    assert (first["batch_size"], first["d_steps"], first["ema"]) == (5, 2, 0.5)
    assert (second["batch_size"], second["d_steps"], second["ema"]) == (5, None, None)
    assert (third["batch_size"], third["d_steps"], third["ema"]) == (None, None, None)
    small["overrides"] = [{"when": {"method": ["coder", STILL]}, "set": {"batch_size": 5, "d_steps": 2}}]
    (sentence,) = mistakes(small)
    assert "overrides[0].set.d_steps: is not read by any run that matches; take it out." in sentence
    small["overrides"] = [{"when": {"loss": "non_saturating"}, "set": {"method": CODER}}]
    first = plan(small).cells[0].settings
    assert first["method"]["name"].endswith("coder.py") and first["loss"] is None and first["model"]["name"] == "dcgan"
    small["overrides"] = [{"when": {"method": "coder"}, "set": {"method": "adversarial"}}]
    (sentence,) = mistakes(small)
    assert "overrides[0].set.method: method 'adversarial' needs loss, which 'coder · mlp · adam' lacks" in sentence
    small["overrides"][0]["set"] |= {"loss": "minimax"}
    assert plan(small).cells[1].settings["loss"] == {"name": "minimax"}
