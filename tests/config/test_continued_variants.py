"""Studies with runs that continue other runs: their plan, refused studies, and the dependencies of jobs."""

from types import SimpleNamespace

import pytest

from gan_bench.config.settings import validate_run_settings
from gan_bench.dag import Lookups
from gan_bench.dry_run.study import sentences_of
from gan_bench.errors import UserError
from gan_bench.files import write_json

REMEDIES = """\
description: remedies
datasets: [digits]
variants:
  - name: parent
    model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: {name: adam, lr: 0.002}
    early_stop: on_collapse
  - {name: unchanged, continue_from: {variant: parent, step: 20}}
  - {name: rates, continue_from: {variant: parent, step: last}, optimizer: [{lr: 0.0002}, {lr: 0.0001}]}
  - {name: R1, continue_from: {variant: parent, step: -10, optimizers: reset}, penalty: r1}
  - {name: again, continue_from: {variant: [parent, R1], step: 30}, tricks: [label_flipping]}
  - {name: rewound, continue_from: {variant: parent, step: 20},
     rewind_on_collapse: {to: -10, then: [{optimizer: {lr: 0.0001}}, {d_steps: 3}]}}
seeds: 3
chunk: 2
budget: {g_steps: 40}
"""
#: (text in the study REMEDIES, its replacement, part of the only message)
REFUSED = [
    ("penalty: r1", "model: {d_widths: [17]}", "model.d_widths is [17]; valid: [16] as in the run to continue"),
    ("penalty: r1", "model: {latent_dim: 9}", "model.latent_dim is 9; valid: "),
    ("penalty: r1", "batch_size: 32", "batch_size is 32; valid: 64 as in the run to continue"),
    ("penalty: r1", "tricks: [packing]", "trick 'packing' is added, which changes the networks or their inputs"),
    ("penalty: r1", "tricks: [spectral_norm]", "trick 'spectral_norm' is added"),
    ("step: -10, opt", "step: 40, opt", "the budget of this run ends at step 40"),
    ("step: -10, opt", "step: best, opt", "step is 'best' and the run to continue has no scores; valid: a run"),
    ("step: -10, opt", "step: 0, opt", "step: 0 is not valid; a number of a step, a negative number"),
    ("step: -10, opt", "step: soon, opt", "'soon' is not valid; a number of a step, a negative number"),
    ("optimizers: reset", "optimizers: none", "'none' is not valid; one of 'keep' or 'reset' is needed"),
    ("[parent, R1]", "[parent, R2]", "unknown variant above this one 'R2'; did you mean 'R1'?"),
    ("variant: [parent, R1], ", "", "has no run to continue; exactly one of variant or run is needed"),
    ("variant: [parent, R1]", "run: nowhere", "continue_from.run: nowhere: no such file"),
    ("to: -10", "to: best", "to is 'best' and the run has no scores; valid: early_stop with a metric"),
    ("to: -10", "to: 40", "to is 40; valid: a step below 40, the end of the budget"),
    ("{d_steps: 3}", "{d_steps: 1}", "an item of `then` changes nothing"),
    ("{d_steps: 3}", "{tricks: [packing]}", "trick 'packing' is added"),
    ("{d_steps: 3}", "{model: mlp}", "unknown key 'model'"),
    ("early_stop: on_collapse", "early_stop: sometimes", "'sometimes' is not valid; on_collapse, or a mapping"),
    ("early_stop: on_collapse", "early_stop: {metric: frechet}", "early_stop.every: is missing"),
    ("early_stop: on_collapse", "early_stop: {metric: frechet, every: 9}", "needs images set aside: set"),
]  # fmt: skip


def test_a_child_has_the_settings_of_its_parent_and_its_changes(plan):
    cells = {cell.variant: cell for cell in plan(REMEDIES).cells}
    parent = cells["parent"].settings
    unchanged = cells["unchanged"].settings
    assert unchanged["continue_from"] == {"settings": parent, "step": 20, "optimizers": "keep"}
    rest = {key: value for key, value in unchanged.items() if key != "continue_from"}
    assert rest == {**parent, "early_stop": None}, "how the parent ends is not taken over"
    assert cells["R1"].settings["continue_from"]["optimizers"] == "reset"
    assert cells["R1"].settings["penalty"]["name"] == "r1" and cells["R1"].settings["loss"] == parent["loss"]
    rates = [cell.settings["d_optimizer"]["lr"] for name, cell in cells.items() if name.startswith("rates · lr=")]
    assert rates == [0.0002, 0.0001]
    again = cells["again · R1"].settings["continue_from"]
    assert again["settings"] == cells["R1"].settings and "again · parent" in cells
    then = cells["rewound"].settings["rewind_on_collapse"]["then"]
    assert then[0]["g_optimizer"]["lr"] == then[0]["d_optimizer"]["lr"] == 0.0001 and then[1] == {"d_steps": 3}


def test_the_id_of_a_child_has_its_parent_in_it(plan):
    one, other = (plan(REMEDIES.replace("lr: 0.002}", f"lr: {rate}}}")).cells for rate in ("0.002", "0.003"))
    assert not {cell.id for cell in one} & {cell.id for cell in other}


@pytest.mark.parametrize(("old", "new", "sentence"), REFUSED)
def test_what_cannot_be_continued_is_refused_in_one_sentence(mistakes, old, new, sentence):
    said, *same = mistakes(REMEDIES.replace(old, new))
    assert sentence in said and "variants[" in said
    assert not same or "tricks: [" in new, "only a run that continues the refused one may be refused too"


def test_settings_of_one_run_are_checked_alike(plan, tmp_path):
    cells = {cell.variant: {**cell.settings, "seed": 1} for cell in plan(REMEDIES).cells}
    for settings in cells.values():
        assert validate_run_settings(settings) == settings
    write_json(tmp_path / "settings.json", cells["parent"])
    named = {**cells["unchanged"], "continue_from": {"run": str(tmp_path), "step": 20}}
    assert validate_run_settings(named) == cells["unchanged"]
    wider = {**cells["unchanged"], "model": {**cells["parent"]["model"], "d_widths": [17]}}
    with pytest.raises(UserError, match=r"model.d_widths is \[17\]; valid: \[16\]"):
        validate_run_settings(wider)


def test_a_stored_run_can_be_continued_in_another_study(plan, tmp_path):
    cells = {cell.variant: cell.settings for cell in plan(REMEDIES).cells}
    write_json(tmp_path / "settings.json", {**cells["parent"], "seed": 7})
    text = REMEDIES.replace("variant: parent, step: last", f"run: {tmp_path}, step: last")
    rates = [cell.settings for cell in plan(text).cells if cell.variant.startswith("rates")]
    assert [settings["continue_from"]["settings"] for settings in rates] == [cells["parent"]] * 2


def test_a_job_needs_the_jobs_of_the_runs_that_it_continues_and_the_space_of_its_scores(tmp_path):
    study = tmp_path / "remedies.yaml"
    rule = "early_stop: {metric: frechet, every: 10}"
    study.write_text(REMEDIES.replace("early_stop: on_collapse", rule) + "evaluation: {validation: 0.2}\n")
    config = {"study": str(study), "results": "out", "data_dir": None, "device": "cpu"}
    lookups = Lookups(config)
    ids = {cell["variant"]: cell["id"] for cell in lookups.json["cells"]}

    def before(variant: str, chunk: int) -> list[str]:
        return lookups.before(SimpleNamespace(dataset="digits", cell=ids[variant], chunk=str(chunk)))

    (space,) = before("parent", 0)
    assert "/reference/classifier-" in space
    assert before("R1", 1) == [space, f"out/remedies/runs/digits/{ids['parent']}/chunk1.train.json"]
    assert before("again · R1", 0) == [space, f"out/remedies/runs/digits/{ids['R1']}/chunk0.train.json"]
    assert not lookups.stacks, "runs with a course of their own are not stacked"


def test_the_dry_run_tries_a_step_of_a_run_that_continues_another(plan):
    cells = {cell.variant: cell.settings for cell in plan(REMEDIES).cells}
    for name in ("R1", "rewound"):
        assert sentences_of(cells[name], (1, 8, 8), True) == []
