"""A stack has the chunks of seeds whose runs one job trains together. A plan makes stacks only if they save time."""

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.registry import component, names
from gan_bench.stacking.plan import stacks
from gan_bench.stacking.rules import LEAST_STEPS, MOST

STUDY = """
datasets: [{datasets}]
variants:
  - model: {{name: mlp, g_widths: [{width}], d_widths: [8]}}
    loss: {losses}
    optimizer: [{optimizers}]
seeds: {seeds}
chunk: {chunk}
budget: {{g_steps: {steps}}}
"""


def rates(n):
    return ", ".join(f"{{name: adam, lr: {(1 + i) / 1000}}}" for i in range(n))


def made(**changes):
    """The stacks of a study, each as a list of (learning rate, loss, seeds)."""
    asked = {"datasets": "digits", "width": 8, "losses": "hinge", "optimizers": rates(3), "seeds": 4, "chunk": 4}
    text = STUDY.format(**{**asked, "steps": LEAST_STEPS, **changes})
    found = stacks(expand(parse_study(text, "made")))
    return [
        [(one.cell.settings["g_optimizer"]["lr"], one.cell.settings["loss"]["name"], one.seeds) for one in chunks]
        for chunks in found.values()
    ]


def test_learning_rates_share_a_stack_and_losses_do_not():
    assert made(losses="[hinge, non_saturating]", optimizers=rates(2)) == [
        [(0.001, "hinge", [0, 1, 2, 3]), (0.002, "hinge", [0, 1, 2, 3])],
        [(0.001, "non_saturating", [0, 1, 2, 3]), (0.002, "non_saturating", [0, 1, 2, 3])],
    ]


def test_a_stack_holds_no_more_runs_than_pay_and_one_chunk_is_none():
    found = made(optimizers=rates(5), seeds=6, chunk=3)
    assert [sum(len(seeds) for _, _, seeds in chunks) for chunks in found] == [15, 15]
    assert MOST == 16 and all(len(seeds) == 3 for chunks in found for _, _, seeds in chunks)
    assert made(optimizers="adam") == [] and made(seeds=MOST, chunk=MOST) == []


def test_a_cell_at_the_end_leaves_the_stacks_before_it():
    study = STUDY.format(
        datasets="digits", width=8, losses="hinge", optimizers=rates(4), seeds=8, chunk=4, steps=LEAST_STEPS
    )
    more = study.replace(rates(4), rates(5))
    before, after = (stacks(expand(parse_study(text, "made"))) for text in (study, more))
    assert len(before) == 2 and list(before) == list(after)[:2]
    assert [before[name] for name in before] == [after[name] for name in before]


def test_data_sets_of_their_own():
    found = made(datasets="digits, {name: digits, label: again, size: 16}")
    assert [len(chunks) for chunks in found] == [3, 3]


def test_what_cannot_pay_makes_no_job():
    assert made(steps=LEAST_STEPS - 1) == [] and made(width="400, 600") == []
    text = (
        "datasets: [digits]\nvariants: [{model: {name: dcgan, width: 8}, loss: hinge, optimizer: [adam, rmsprop, sgd]}]"
    )
    assert stacks(expand(parse_study(f"{text}\nseeds: 4\nbudget: {{g_steps: 5000}}\n", "made"))) == {}
    assert made(seeds="4\nthreads: 2") == [] and made(losses="hinge\n    precision: bf16") == []


def test_models_of_dense_layers_name_settings_that_hold_widths():
    dense = {name: component("models", name) for name in names("models") if "dense" in component("models", name).facts}
    assert {"mlp", "points_mlp"} <= dense.keys()
    assert all(model.settings[key].type == "ints" for model in dense.values() for key in model.facts["dense"])
