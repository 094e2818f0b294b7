"""A plan lists its runs and metric values in order. Contradictions in a plan are refused."""

from pathlib import Path

import pytest
from fabricate import fabricate_study

from gan_bench.errors import UserError
from gan_bench.stats.collect.plan import _scale, planned_runs, planned_values, read_plan


def test_runs_are_cells_times_seeds_in_the_plans_order(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path, datasets=("digits", "mnist"), variants=("LSGAN", "DCGAN"), seeds=(5, 1))
    runs = list(planned_runs(plan, tmp_path))
    assert [(run.dataset, run.variant, run.seed) for run in runs] == [
        (dataset, variant, seed) for dataset in ("digits", "mnist") for variant in ("LSGAN", "DCGAN") for seed in (5, 1)
    ]
    assert all((run.folder / "settings.json").is_file() for run in runs)


def test_parts_are_short_names(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path, variants=("WGAN-GP",))
    plan["cells"][0]["settings"]["tricks"] = [{"name": "flips"}, {"name": "my/own_trick.py"}]
    plan["cells"][0]["settings"]["loss"] = None
    assert next(planned_runs(plan, tmp_path)).parts == {
        "method": "adversarial",
        "model": "mlp",
        "loss": None,
        "penalty": "gradient_penalty",
        "tricks": "flips+own_trick",
        "g_optimizer": "rmsprop",
        "d_optimizer": "rmsprop",
    }


def test_values_are_what_the_metrics_declare(tmp_path: Path) -> None:
    values = planned_values(fabricate_study(tmp_path))
    assert [row["metric"] for row in values] == ["frechet", "coverage", "nn_accuracy"]
    assert values[0] | {"estimator": ""} == {
        "metric": "frechet",
        "label": "Fréchet distance",
        "direction": "lower",
        "low": 0,
        "high": None,
        "unit": "",
        "estimator": "",
        "scale": "log",
    }


def test_two_metrics_with_one_name_are_refused(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path)
    plan["evaluation"]["metrics"] *= 2
    with pytest.raises(UserError, match="two metrics report a value 'frechet'"):
        planned_values(plan)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"range": [0, 1], "scale": "sqrt"}, "unknown scale 'sqrt'; valid: log, logit, identity"),
        ({"range": [None, 1], "scale": "log"}, "scale 'log' needs a range that starts at 0 or above, and the range is"),
        ({"range": [0, 2], "scale": "logit"}, "scale 'logit' needs the range"),
    ],
)
def test_a_scale_that_does_not_fit_is_refused(value, words: str) -> None:
    with pytest.raises(UserError, match=words):
        _scale("m", value)


def test_a_study_without_a_plan(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"plan\.json: no such file"):
        read_plan(tmp_path)
