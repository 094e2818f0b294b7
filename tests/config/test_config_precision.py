"""The key `precision` is stored if it is not float32, and refused if the method does not support it."""

import pytest

from gan_bench.config.document.check import check_report
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError
from gan_bench.report.asked import budget

RUN = {"dataset": "digits", "model": "mlp", "loss": "hinge", "g_optimizer": "adam", "d_optimizer": "adam"}
RUN |= {"budget": {"g_steps": 5}, "seed": 0}


def test_float32_is_not_written_down_so_that_ids_stay_what_they_were(small, plan):
    before = plan(small).cells[0]
    small["variants"][0]["precision"] = "float32"
    after = plan(small).cells[0]
    assert (after.id, after.settings) == (before.id, before.settings)
    assert "precision" not in after.settings


def test_a_list_of_both_makes_two_cells_that_differ_in_that_alone(small, plan):
    small["variants"][0]["precision"] = ["float32", "bf16"]
    full, low = plan(small).cells
    assert low.settings == {**full.settings, "precision": "bf16"}
    assert full.id != low.id
    assert budget(low.settings) == budget(full.settings) + ", in bf16"
    assert (full.variant, low.variant) == (full.variant, full.variant + " · precision=bf16")


def test_an_override_and_a_preset_s_item_set_it_and_take_it_back(small, plan):
    small["overrides"] = [{"when": {"model": "dcgan"}, "set": {"precision": "bf16"}}]
    assert plan(small).cells[0].settings["precision"] == "bf16"
    small["overrides"].append({"when": {"dataset": "digits"}, "set": {"precision": "float32"}})
    assert "precision" not in plan(small).cells[0].settings
    small["variants"], small["overrides"] = [{"preset": "gan", "precision": "bf16"}], []
    assert plan(small).cells[0].settings["precision"] == "bf16"


def test_settings_of_a_run_are_complete_and_stay_as_they_are():
    low = validate_run_settings({**RUN, "precision": "bf16"})
    assert low == {**validate_run_settings(RUN), "precision": "bf16"} == validate_run_settings(low)
    assert validate_run_settings({**RUN, "precision": "float32"}) == validate_run_settings(RUN)


def test_another_precision_is_refused_with_what_is_valid(small, mistakes):
    small["variants"][0]["precision"] = "fp16"
    (sentence,) = mistakes(small)
    assert all(word in sentence for word in ("precision", "fp16", "float32", "bf16"))


@pytest.mark.parametrize("variant", [{"preset": "vae"}, {"method": "noise"}], ids=["vae", "noise"])
def test_a_method_without_it_is_refused(small, mistakes, variant):
    small["variants"] = [{**variant, "precision": "bf16"}]
    (sentence,) = mistakes(small)
    assert "precision 'bf16' with method" in sentence
    assert "adversarial, unrolled" in sentence


def test_a_run_of_such_a_method_is_refused_too():
    run = {"dataset": "digits", "method": "noise", "seed": 0, "precision": "bf16"}
    with pytest.raises(UserError, match="precision"):
        validate_run_settings(run)


def test_check_says_how_many_cells_are_not_float32(small, read):
    assert "bf16" not in check_report(read(small))
    small["variants"][0]["precision"] = ["float32", "bf16"]
    assert "1 of 2 cells train with passes in bf16" in check_report(read(small))
