"""The key `search` gives a plan of trials and stages. Each mistake gives one sentence."""

import re

import pytest

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError

STUDY = """
datasets: [digits]
variants:
  - {model: mlp, loss: hinge, optimizer: adam}
  - {model: mlp, loss: wasserstein, penalty: gradient_penalty, optimizer: adam}
  - {method: noise}
seeds: 2
budget: {g_steps: 60}
evaluation: {metrics: [frechet, one_nn], validation: 0.5}
search:
  trials: TRIALS
  budget: {g_steps: 20}
  over:
    optimizer: {choice: [adam, {name: sgd, lr: 0.1}]}
    optimizer.lr: {log_uniform: [1e-5, 1e-2]}
    optimizer.beta1: {uniform: [0.0, 0.9], when: {optimizer: adam}}
    d_steps: {int: [1, 5]}
    penalty.weight: {log_uniform: [0.1, 100], when: {penalty: gradient_penalty}}
"""


def plan_of(text=STUDY, trials=8, **changes):
    text = text.replace("TRIALS", str(trials))
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return expand(parse_study(text, "small"))


def shown(plan):
    return [(t.space.variant, t.number, t.values, t.cell.id, t.cell.seeds) for t in plan.search.trials()]


def test_trials_are_a_function_of_the_search_and_the_cell_alone():
    plan = plan_of()
    assert shown(plan) == shown(plan_of()) and len(shown(plan)) == 16
    more = plan_of(trials=9)
    assert [row for row in shown(more) if row[1] < 8] == shown(plan), "further trials leave the first ones as they are"
    fewer = plan_of(variant=("  - {model: mlp, loss: hinge, optimizer: adam}\n", ""))
    assert shown(fewer) == shown(plan)[8:], "a variant's trials do not depend on the other variants"
    other = plan_of(seed=("  trials:", "  sampler_seed: 1\n  trials:"))
    assert {row[3] for row in shown(other)}.isdisjoint(row[3] for row in shown(plan))
    seeds = plan_of(seeds=("seeds: 2", "seeds: 4"))
    assert seeds.search.digest == plan.search.digest != more.search.digest


def test_settings_and_conditions_of_trials():
    plan = plan_of(trials=40)
    for trial in plan.search.trials():
        values, settings = trial.values, trial.cell.settings
        assert ("optimizer.beta1" in values) == (settings["g_optimizer"]["name"] == "adam")
        assert ("penalty.weight" in values) == (settings["loss"]["name"] == "wasserstein")
        assert settings["g_optimizer"] == settings["d_optimizer"]
        assert settings["g_optimizer"]["lr"] == values["optimizer.lr"] == float(f"{values['optimizer.lr']:.4g}")
        assert 1e-5 <= values["optimizer.lr"] <= 1e-2 and settings["d_steps"] in range(1, 6)
        assert settings["budget"] == {"g_steps": 20} and trial.cell.seeds == [1_000_000]
    assert {trial.values["d_steps"] for trial in plan.search.trials()} == {1, 2, 3, 4, 5}


def test_a_variant_without_a_searched_setting_is_trained_as_it_stands():
    plan = plan_of()
    assert [cell.variant for cell in plan.cells] == ["noise"] and len(plan.search.spaces) == 2
    assert plan.search.metric == "frechet", "the first value that says which side is better"
    plain = plan_of(text=re.sub(r"search:\n(  .*\n)+", "", STUDY))
    assert plain.search is None and "search" not in plain.to_json() and len(plain.cells) == 3


def test_chosen_settings_train_with_the_seeds_and_the_budget_of_the_study(tmp_path):
    plan = plan_of()
    trials = plan.search.trials()
    best = [next(t for t in trials if t.space.key == space.key and t.number == 3) for space in plan.search.spaces]
    rows = [{"dataset": t.space.dataset, "variant": t.space.variant, "values": t.values} for t in best]
    done = plan._with(plan.search.after([{**plan.search.head(), "chosen": rows}]))
    chosen = {cell.variant: cell for cell in done.cells}
    assert list(chosen) == ["mlp · hinge · adam", "mlp · wasserstein · gradient_penalty · adam", "noise"]
    for trial in best:
        cell = chosen[trial.space.variant]
        assert cell.seeds == [0, 1] and cell.settings == {**trial.cell.settings, "budget": {"g_steps": 60}}
    assert done.search.done and done.written_digest == plan.written_digest
    assert done.to_json()["search"]["cells"] == plan.to_json()["search"]["cells"]


def test_stages_and_seeds_of_pruners_and_adaptive_samplers():
    tpe = plan_of(sampler=("  trials: 8", "  trials: 8\n  sampler: tpe\n  seeds: 6\n  pruner: wilcoxon"))
    kinds = ["extend", "propose", "extend", "propose", "extend", "choose"]
    assert [kind for kind, _ in tpe.search.stages()] == kinds and tpe.search.round_sizes() == [3, 3, 2]
    assert {len(trial.cell.seeds) for trial in tpe.search.trials()} == {4}
    first = tpe.search.trials()[0]
    extended = tpe.search.after([{**tpe.search.head(), "pruned": [list(first.key)]}])
    assert [len(trial.cell.seeds) for trial in extended.trials()] == [4, 6, 6, 6, 6, 6]
    chunks = [(k, len(seeds)) for cell, k, seeds in tpe._with(extended).chunks() if cell.id == first.cell.id]
    assert chunks == [(10_000, 4)]
    collapse = plan_of(pruner=("  trials: 8", "  trials: 8\n  pruner: collapse"))
    assert {cell.settings["early_stop"] for cell in collapse.trial_cells} == {"on_collapse"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("validation: 0.5", "n_samples: 100", "has no validation (a share of images); a search needs it"),
        ("trials: 8", "trials: 8\n  select_by: kid", "unknown value of the study's metrics 'kid'"),
        ("trials: 8", "trials: 8\n  rounds: 3", "random draws all trials at once"),
        ("trials: 8", "trials: 2\n  sampler: tpe", "2 trials are fewer than the rounds"),
        ("trials: 8", "trials: 8\n  pruner: wilcoxon", "wilcoxon compares 4 seeds of a trial"),
        ("trials: 8", "trials: 8\n  tries: 8", "unknown key 'tries'; did you mean 'trials'"),
        ("optimizer.lr: {log", "optimizer.rate: {log", "unknown setting of adam: 'rate'"),
        ("[1e-5, 1e-2]", "[1e-2, 1e-5]", "the first number must be below the second"),
        ("d_steps: {int: [1, 5]}", "d_steps: {int: [0, 5]}", "0 is not valid; a value of at least 1 is needed"),
        ("d_steps: {int", "dsteps: {int", "unknown setting to search 'dsteps'; did you mean 'd_steps'?"),
        ("d_steps: {int: [1, 5]}", "d_steps: {int: [1, 5], choice: [1]}", "has int and choice; exactly one of"),
        (", when: {penalty: gradient_penalty}", "", "If not all variants have the setting, add a `when`"),
        (", when: {penalty: gradient_penalty}", ", when: {penalty: r1}", "is not read by any run of the study"),
        ("seeds: 2", "seeds: [0, 1000000]", "in a study with a search, seeds must be below 1000000"),
        ("budget: {g_steps: 20}", "budget: {minutes: 1}", "give steps, not minutes"),
    ],
)
def test_mistakes_in_a_search(old, new, words):
    text = STUDY.replace("TRIALS", "8")
    assert old in text
    with pytest.raises(UserError) as error:
        parse_study(text.replace(old, new, 1), "small")
    assert any(words in sentence for sentence in error.value.sentences), error.value.sentences
