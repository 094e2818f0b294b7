"""The tricks of a variant are a list, or alternative lists. Combinations that cannot work are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_bench.config.checks.trick_combinations import value_in
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError

BASE = {"model": "mlp", "loss": "minimax", "optimizer": "sgd"}


@pytest.fixture
def cells(small: dict, plan: Callable) -> Callable[..., list[Any]]:
    return lambda *variants, **changes: plan({**small, **changes, "variants": [{**BASE, **v} for v in variants]}).cells


@pytest.fixture
def refused(small: dict, mistakes: Callable) -> Callable[..., tuple[str, ...]]:
    def found(variant: dict, datasets: list[Any] | None = None, **kwargs: Any) -> tuple[str, ...]:
        return mistakes({**small, "datasets": datasets or ["digits"], "variants": [{**BASE, **variant}]}, **kwargs)

    return found


def test_tricks_are_one_list_in_the_order_of_their_names(cells: Callable) -> None:
    first, second = (
        cells({"tricks": ["flips", {"name": "input_noise", "sd": 0.5}]}),
        cells({"tricks": [{"sd": 0.5, "name": "input_noise"}, "flips"]}),
    )
    assert [ref["name"] for ref in first[0].settings["tricks"]] == ["flips", "input_noise"]
    assert first[0].settings["tricks"][1] == {"name": "input_noise", "sd": 0.5, "decay": "linear", "until": 1.0}
    assert first[0].id == second[0].id and first[0].variant == "mlp · minimax · +flips+input_noise · sgd"
    assert (
        cells({"tricks": "flips"})[0].id == cells({"tricks": ["flips"]})[0].id == cells({"tricks": [["flips"]]})[0].id
    )
    assert cells({"tricks": []})[0].id == cells({})[0].id


def test_a_list_of_lists_multiplies(cells: Callable) -> None:
    found = cells({"tricks": [[], ["label_smoothing"], ["flips", "input_noise"]], "d_steps": [1, 2]})
    assert [cell.variant for cell in found] == [
        "mlp · minimax · sgd · d_steps=1",
        "mlp · minimax · sgd · d_steps=2",
        "mlp · minimax · +label_smoothing · sgd · d_steps=1",
        "mlp · minimax · +label_smoothing · sgd · d_steps=2",
        "mlp · minimax · +flips+input_noise · sgd · d_steps=1",
        "mlp · minimax · +flips+input_noise · sgd · d_steps=2",
    ]


def test_settings_of_tricks_tell_equals_apart(cells: Callable) -> None:
    noise = [[{"name": "input_noise", "sd": sd}] for sd in (0.1, 0.2)]
    assert [cell.variant for cell in cells({"tricks": noise})] == [
        "mlp · minimax · +input_noise · sgd · sd=0.1",
        "mlp · minimax · +input_noise · sgd · sd=0.2",
    ]
    assert [cell.variant for cell in cells({"name": "mine", "tricks": [[], ["flips", "input_noise"]]})] == [
        "mine · no tricks",
        "mine · +flips+input_noise",
    ]


@pytest.mark.parametrize(
    ("tricks", "part"),
    [
        (["flip"], "variants[0].tricks[0]: unknown tricks component 'flip'; did you mean 'flips'"),
        ("flip", "variants[0].tricks: unknown tricks component 'flip'"),
        ([["flips"], ["flip"]], "variants[0].tricks[1][0]: unknown tricks component 'flip'"),
        ([[], "flips"], "variants[0].tricks[1]: 'flips' is not valid; a list is needed"),
        (["flips", "flips"], "variants[0].tricks: flips is listed twice"),
        ([["flips"], ["norm", "norm"]], "variants[0].tricks[1]: norm is listed twice"),
        ([{"name": "flips", "p": 2.0}], "variants[0].tricks[0].p: 2.0"),
        (None, "variants[0].tricks: is empty"),
        ([None], "variants[0].tricks[0]: is empty"),
        ({"p": 0.5}, 'variants[0].tricks: {"p": 0.5} is not valid'),
    ],
)
def test_mistakes(tricks: Any, part: str, refused: Callable) -> None:
    (sentence,) = refused({"tricks": tricks})
    assert part in sentence


WGAN_GP = {"loss": "wasserstein", "penalty": "gradient_penalty"}


@pytest.mark.parametrize(
    ("variant", "parts"),
    [
        (
            {"tricks": [{"name": "packing", "m": 3}]},
            ["batch_size: batch_size 64 with trick 'packing' and packing.m 3", "a multiple of 3"],
        ),
        ({"tricks": ["packing", "labels"]}, ["tricks 'labels' and 'packing' exclude each other"]),
        ({"tricks": ["labels", "auxiliary_classifier"]}, ["both give G the class"]),
        ({"tricks": ["label_smoothing"], "loss": "relativistic"}, ["trick 'label_smoothing' with loss 'relativistic'"]),
        (
            {"tricks": ["minibatch_stddev"], **WGAN_GP},
            ["penalty 'gradient_penalty' with trick 'minibatch_stddev': the penalty is defined for each sample alone"],
        ),
        (
            {"tricks": [{"name": "norm", "d": "batch"}], **WGAN_GP},
            ["penalty 'gradient_penalty' with trick 'norm' and norm.d 'batch'"],
        ),
        ({"model": "cgan_mlp"}, ["variants[0].model: model 'cgan_mlp' needs class labels", "add the trick labels"]),
        (
            {"model": "cgan_mlp", "tricks": ["auxiliary_classifier"]},
            ["model 'cgan_mlp' needs class labels, and no trick of the run gives them to both networks"],
        ),
        (
            {"model": "began_net"},
            ["loss 'minimax' with model 'began_net': the loss is defined on a logit", "returns a reconstruction"],
        ),
        (
            {"loss": "began"},
            ["loss 'began' with model 'mlp': the loss is defined on a reconstruction", "returns a logit"],
        ),
        (
            {"loss": "wasserstein"},
            ["loss 'wasserstein' with penalty 'none' has no bound", "add the trick spectral_norm"],
        ),
        (
            {"loss": "wasserstein", "penalty": {"name": "r1", "gamma": 0.0}},
            ["loss 'wasserstein' with penalty 'r1' of weight 0 has no bound"],
        ),
    ],
)
def test_combinations_that_cannot_work(variant: dict, parts: list[str], refused: Callable) -> None:
    (sentence,) = refused(variant)
    assert all(part in sentence for part in parts), sentence


@pytest.mark.parametrize(
    "variant",
    [
        {"tricks": [{"name": "packing", "m": 3}], "batch_size": 66},
        {"tricks": ["labels"]},
        {"tricks": ["auxiliary_classifier"]},
        {"tricks": ["label_smoothing"]},
        {"tricks": [{"name": "norm", "d": "layer"}], **WGAN_GP},
        {"tricks": [{"name": "norm", "d": "layer"}], **WGAN_GP, "model": "dcgan"},
        {"tricks": ["minibatch_stddev"]},
        {"tricks": ["labels"], "model": "cgan_mlp"},
        {"model": "began_net", "loss": "began"},
        {"tricks": ["spectral_norm"], "loss": "wasserstein"},
    ],
)
def test_combinations_that_work(variant: dict, cells: Callable) -> None:
    (cell,) = cells(variant)
    assert validate_run_settings({**cell.settings, "seed": 0})


def test_tricks_that_need_labels(refused: Callable, cells: Callable) -> None:
    for trick in ("labels", "auxiliary_classifier"):
        (sentence,) = refused({"tricks": [trick]}, ["sunflowers"])
        assert f"variants[0].tricks: trick {trick!r} with dataset 'sunflowers': the trick needs labels" in sentence
        assert cells({"tricks": [trick]}, datasets=[{"name": "sunflowers", "labels": True}])


OWN = '''"""Own."""
FACTS = {"paper": "", "settings": {}, "deviations": []%s}

def %s(*args, settings):
    return args[0]
'''


@pytest.mark.parametrize(
    ("facts", "function", "part"),
    [
        ("", "judge", "tricks 'a' and 'b' both decide how D is called"),
        ("", "latent", "both decide the distribution of the noise"),
        ("", "generator_loss", "both decide G's objective"),
        (', "d_steps": True', "d_steps", "both decide the number of D steps"),
        ("", "view", None),
    ],
)
def test_what_only_one_trick_can_decide(
    facts: str, function: str, part: str | None, refused: Callable, small: dict, plan: Callable, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.py").write_text(OWN % (facts, function))
    if part:
        (sentence,) = refused({"tricks": ["a.py", "b.py"]}, folder=tmp_path)
        assert part in sentence
    else:
        assert plan({**small, "variants": [{**BASE, "tricks": ["a.py", "b.py"]}]}, folder=tmp_path).cells


def test_a_fact_may_depend_on_a_setting() -> None:
    assert value_in(True, {"name": "x"}) == ""
    assert value_in(None, {"name": "x"}) is None and value_in(False, {"name": "x"}) is None
    assert value_in({"d": ["batch"]}, {"name": "x", "d": "batch"}) == "d"
    assert value_in({"d": ["batch"]}, {"name": "x", "d": "layer"}) is None


def test_a_users_own_trick_is_known_by_its_content(cells: Callable, tmp_path: Path) -> None:
    ids = set()
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own.py").write_text(OWN % ("", "view"))
        (cell,) = cells({"tricks": [str(tmp_path / folder / "own.py")]})
        ids.add(cell.id)
        assert cell.variant == "mlp · minimax · +own · sgd"
    assert len(ids) == 1
    settings = {**cell.settings, "seed": 0}
    assert validate_run_settings(settings) == settings
    (tmp_path / "there/own.py").write_text(OWN % ("", "real"))
    assert cells({"tricks": [str(tmp_path / "there/own.py")]})[0].id not in ids
    with pytest.raises(UserError, match=r"tricks\[0\]: .* has changed: its digest is"):
        validate_run_settings(settings)


def test_overrides_meet_and_replace_tricks(small: dict, plan: Callable, mistakes: Callable) -> None:
    small["variants"] = [{**BASE, "tricks": [[], ["flips"], ["flips", "input_noise"]]}]
    small["overrides"] = [{"when": {"trick": "flips"}, "set": {"batch_size": 6}}]
    assert [cell.settings["batch_size"] for cell in plan(small).cells] == [64, 6, 6]
    small["overrides"] = [{"when": {"trick": "input_noise"}, "set": {"tricks": ["norm", "flips"], "ema": 0.9}}]
    cells = plan(small).cells
    assert [ref["name"] for ref in cells[2].settings["tricks"]] == ["flips", "norm"] and cells[2].settings["ema"] == 0.9
    small["overrides"] = [{"when": {"trick": "norm"}, "set": {"batch_size": 6}}]
    assert "overrides[0].when.trick: unknown trick of this study 'norm'" in mistakes(small)[0]
    small["overrides"] = [{"when": {"loss": "minimax"}, "set": {"tricks": ["flips", "flips"]}}]
    assert "overrides[0].set.tricks: flips is listed twice" in mistakes(small)[0]


def test_an_average_can_be_taken_away_by_an_override(small: dict, plan: Callable) -> None:
    small["variants"] = [{**BASE, "ema": [None, 0.999]}]
    assert [cell.settings["ema"] for cell in plan(small).cells] == [None, 0.999]
    assert [cell.variant for cell in plan(small).cells] == [
        "mlp · minimax · sgd · ema=null",
        "mlp · minimax · sgd · ema=0.999",
    ]
    small["variants"] = [{**BASE, "ema": 0.999}]
    small["overrides"] = [{"when": {"dataset": "digits"}, "set": {"ema": None}}]
    assert plan(small).cells[0].settings["ema"] is None
