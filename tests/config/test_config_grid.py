"""A study becomes a plan: lists are multiplied, seeds are divided into chunks, and plan.json stores the plan."""

import json
from collections.abc import Callable
from itertools import pairwise

import jsonschema
import pytest

from gan_bench.config.document.schema import study_schema
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import Plan, expand
from gan_bench.files import digest_of

MakePlan = Callable[..., Plan]


def test_settings_are_complete_and_nothing_else(small: dict, plan: MakePlan) -> None:
    (cell,) = plan(small).cells
    adam = {"name": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8}
    assert cell.settings == {
        "dataset": {"name": "digits", "size": 8, "test_fraction": 0.3},
        "method": {"name": "adversarial"},
        "model": {"name": "dcgan", "latent_dim": 100, "width": 16, "g_norm": "batch", "d_norm": "batch"},
        "loss": {"name": "non_saturating"},
        "penalty": {"name": "none"},
        "tricks": [],
        "g_optimizer": adam,
        "d_optimizer": adam,
        "d_steps": 1,
        "batch_size": 64,
        "ema": None,
        "budget": {"g_steps": 10},
        "log_points": 200,
        "snapshots": 12,
        "checkpoints": None,
        "early_stop": None,
        "threads": 1,
        "device": "cpu",
    }
    assert cell.seeds == [0, 1]


def test_lists_multiply(small: dict, plan: MakePlan) -> None:
    small["datasets"] = ["digits", "sunflowers"]
    small["variants"] = [
        {"model": ["mlp"], "loss": ["minimax", "least_squares"], "optimizer": ["adam", "sgd"], "d_steps": [1, 2]},
        {
            "model": "mlp",
            "loss": "minimax",
            "g_optimizer": ["adam", "rmsprop"],
            "d_optimizer": "sgd",
            "batch_size": [8, 16],
        },
    ]
    found = plan(small)
    assert len(found.cells) == 2 * (2 * 2 * 2 + 2 * 2)
    assert len({cell.id for cell in found.cells}) == len(found.cells)
    # All cells of the first data set come first. Within a data set, the value of the last list changes fastest.
    assert [cell.dataset for cell in found.cells] == ["digits"] * 12 + ["sunflowers"] * 12
    keys = [(c.settings["loss"]["name"], c.settings["g_optimizer"]["name"], c.settings["d_steps"]) for c in found.cells]
    assert keys[:5] == [
        ("minimax", "adam", 1),
        ("minimax", "adam", 2),
        ("minimax", "sgd", 1),
        ("minimax", "sgd", 2),
        ("least_squares", "adam", 1),
    ]


def test_lists_of_a_component_s_settings_multiply(small: dict, plan: MakePlan, mistakes: Callable) -> None:
    """`width: [16, 32]` gives two models. If a setting is itself a list, a list of lists gives several models."""
    adam = {"name": "adam", "lr": [1e-3, 1e-4], "beta1": 0.0}
    small["variants"] = [
        {"model": {"name": "dcgan", "width": [16, 32]}, "loss": "minimax", "optimizer": adam},
        {"model": ["gan_mlp", {"name": "mlp", "g_widths": [[16], [8, 8]]}], "loss": "minimax", "optimizer": "sgd"},
        {"preset": "lsgan", "model": {"latent_dim": [10, 20]}},
        {"preset": "dcgan", "model": {"width": 16, "latent_dim": [7]}, "name": "one"},
    ]
    jsonschema.validate(small, study_schema())
    cells = plan(small).cells
    models = [(cell.settings["model"].get("width"), cell.settings["g_optimizer"]["lr"]) for cell in cells[:4]]
    assert models == [(16, 1e-3), (16, 1e-4), (32, 1e-3), (32, 1e-4)]
    assert [cell.settings["model"].get("g_widths") for cell in cells[5:7]] == [[16], [8, 8]]
    assert [cell.settings["model"]["latent_dim"] for cell in cells[7:]] == [10, 20, 7]
    assert len({cell.variant for cell in cells}) == len({cell.id for cell in cells}) == len(cells) == 10
    small["variants"] = [
        {"model": ["mlp", {"name": "dcgan", "width": [16, "b"]}], "loss": "minimax", "optimizer": adam}
    ]
    (sentence,) = mistakes(small)
    assert "variants[0].model[1].width" in sentence and "'b'" in sentence
    small["variants"] = [{"model": {"name": "dcgan", "width": []}, "loss": "minimax", "optimizer": "sgd"}]
    (sentence,) = mistakes(small)
    assert "variants[0].model.width" in sentence


def test_a_variant_may_run_on_some_data_sets_only(small: dict, plan: MakePlan) -> None:
    small["datasets"] = ["digits", "sunflowers"]
    small["variants"].append({"model": "mlp", "loss": "minimax", "optimizer": "adam", "datasets": "sunflowers"})
    assert [(cell.dataset, cell.settings["model"]["name"]) for cell in plan(small).cells] == [
        ("digits", "dcgan"),
        ("sunflowers", "dcgan"),
        ("sunflowers", "mlp"),
    ]


def test_budget_and_batch_size_of_a_variant_go_before_the_study_s(small: dict, plan: MakePlan) -> None:
    small |= {"batch_size": 32, "log_points": 7, "snapshots": 3, "threads": 2}
    small["variants"].append({**small["variants"][0], "batch_size": 16, "budget": {"epochs": 2}})
    first, second = (cell.settings for cell in plan(small).cells)
    assert (first["batch_size"], first["budget"]) == (32, {"g_steps": 10})
    assert (second["batch_size"], second["budget"]) == (16, {"epochs": 2.0})
    assert (first["log_points"], first["snapshots"], first["threads"]) == (7, 3, 2)


@pytest.mark.parametrize(("seeds", "chunk"), [(1, 4), (4, 4), (5, 4), (10, 3), ([5, 3, 9, 0, 7], 2)])
def test_chunks_cut_the_seeds_in_their_order(seeds, chunk: int, small: dict, plan: MakePlan) -> None:
    small |= {"seeds": seeds, "chunk": chunk}
    found = plan(small)
    (cell,) = found.cells
    chunks = list(found.chunks())
    assert cell.seeds == (list(range(seeds)) if isinstance(seeds, int) else seeds)
    assert [k for _, k, _ in chunks] == list(range(len(chunks)))
    assert [seed for _, _, part in chunks for seed in part] == cell.seeds
    assert all(len(part) == chunk for _, _, part in chunks[:-1]) and 1 <= len(chunks[-1][2]) <= chunk


@pytest.mark.parametrize(("g_steps", "chunk"), [(10, 15), (3_000, 6), (100_000, 4)])
def test_short_runs_share_a_job_of_half_a_minute(g_steps: int, chunk: int, small: dict, plan: MakePlan) -> None:
    """Each job spends seconds on the import of torch, so a job gets more runs if they are short."""
    small |= {"seeds": 40, "budget": {"g_steps": g_steps}}
    small.pop("chunk", None)
    assert len(next(plan(small).chunks())[2]) == chunk


def test_a_seed_added_at_the_end_touches_the_last_chunk_only(small: dict, plan: MakePlan) -> None:
    def chunks(n: int) -> dict[int, list[int]]:
        small.update(seeds=n, chunk=3)
        return {k: seeds for _, k, seeds in plan(small).chunks()}

    for fewer, more in pairwise(chunks(n) for n in range(1, 12)):
        changed = [k for k in more if more[k] != fewer.get(k)]
        assert changed == [max(more)]
        assert len(more) - len(fewer) in (0, 1)


def test_plan_json_has_the_agreed_keys_and_its_own_digest() -> None:
    plan = expand(load_study("demo")).to_json()
    assert set(plan) == {
        "study",
        "description",
        "config_digest",
        "datasets",
        "evaluation",
        "cells",
        "figures",
    }
    assert plan["config_digest"] == digest_of({key: value for key, value in plan.items() if key != "config_digest"})
    assert set(plan["evaluation"]) == {"metrics", "split", "n_samples", "extractor"}
    assert plan["evaluation"]["extractor"]["digits"]["name"] == "classifier"
    assert plan["evaluation"]["extractor"]["sunflowers"]["name"] == "random_conv"
    assert plan["datasets"]["sunflowers"]["shape"] == [1, 32, 32] and not plan["datasets"]["sunflowers"]["labelled"]
    assert plan["figures"] and all(set(figure) == {"name"} for figure in plan["figures"])
    assert all(set(d) == {"ref", "id", "shape", "labelled"} for d in plan["datasets"].values())
    assert all(set(c) == {"dataset", "id", "variant", "settings", "seeds"} for c in plan["cells"])
    assert json.loads(json.dumps(plan, allow_nan=False)) == plan


def test_chunk_is_not_part_of_the_plan(small: dict, plan: MakePlan) -> None:
    first = plan({**small, "chunk": 1}).to_json()
    assert first == plan({**small, "chunk": 2}).to_json()


def test_an_extractor_for_all(small: dict, plan: MakePlan) -> None:
    small["datasets"] = ["digits", "sunflowers"]
    small["evaluation"] = {"extractor": {"name": "random_conv", "width": 8}, "n_samples": 100, "split": "train"}
    evaluation = plan(small).evaluation
    assert evaluation["extractor"] == {
        label: {"name": "random_conv", "width": 8, "seed": 0} for label in small["datasets"]
    }
    assert (evaluation["n_samples"], evaluation["split"]) == (100, "train")


def test_the_demo_shows_what_the_suite_has() -> None:
    plan = expand(load_study("demo"))
    settings = [cell.settings for cell in plan.cells]
    assert {s["dataset"]["name"] for s in settings} == {"digits", "sunflowers"}
    assert {s["model"]["name"] for s in settings} == {"mlp", "dcgan"}
    assert {s["loss"]["name"] for s in settings} >= {"minimax", "non_saturating", "least_squares", "wasserstein"}
    assert {s["penalty"]["name"] for s in settings} == {"none", "weight_clipping", "gradient_penalty"}
    assert {s["g_optimizer"]["name"] for s in settings} == {"adam", "sgd", "rmsprop"}
    assert sum(len(cell.seeds) for cell in plan.cells) >= 24
