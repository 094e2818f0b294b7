"""Runs can continue other runs, return to an earlier step after a collapse, or stop by a score.

If interrupted and resumed, such runs have the same bits. Wrong settings are refused.
"""

from functools import partial

import pandas as pd
import pytest

from gan_bench import paths
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.jobs.parents import stored_parents
from gan_bench.jobs.tools import tools
from gan_bench.provenance import stage_files, train_digest, train_stage
from gan_bench.train.continuation import ParentEnded
from gan_bench.train.loop import Halt
from gan_bench.train.run import train_run
from gan_bench.train.unfinished import Tools
from gan_bench.train.validation_stop import Scorer

#: Files of a run that do not contain its settings.
CONTENT = (paths.HISTORY, paths.SAMPLES, paths.PROGRESS)


def child_of(parent, step, optimizers="keep", **changes):
    settings = {key: value for key, value in parent.items() if key != "seed"}
    return {**parent, **changes, "continue_from": {"settings": settings, "step": step, "optimizers": optimizers}}


def halting(step, rule="collapse"):
    """`Tools` for training: a run with `early_stop: on_collapse` stops at the first log point at or after `step`."""

    def watch(rows, planned):
        return Halt(f"halt at {int(rows[-1]['step'])}", rule) if rows[-1]["step"] >= step else None

    return Tools(lambda settings: watch if settings.get("early_stop") == "on_collapse" else None, lambda _: None)


def weights(folder):
    """Tensors of the generator, without the settings in the header of the file."""
    from safetensors.numpy import load_file

    return {name: values.tobytes() for name, values in load_file(folder / paths.GENERATOR).items()}


EVERYTHING = {"ema": 0.9, "checkpoints": 4, "penalty": "gradient_penalty"}


@pytest.mark.parametrize(("step", "changes"), [(5, {}), (6, EVERYTHING), (12, EVERYTHING)], ids=str)
def test_an_unchanged_child_has_the_bits_of_its_parent(settings, data, tmp_path, step, changes):
    parent = settings(**changes)
    train_run(parent, data, tmp_path / "parent")
    child = child_of(parent, step)
    status = train_run(child, data, tmp_path / "child")
    assert all((tmp_path / "parent" / n).read_bytes() == (tmp_path / "child" / n).read_bytes() for n in CONTENT)
    assert weights(tmp_path / "parent") == weights(tmp_path / "child")
    assert status["continued"]["step"] == step and status["g_steps"] == 12
    assert status["continued"]["optimizers"] == {"generator": "kept", "discriminator": "kept"}
    assert {file.name for file in (tmp_path / "child").iterdir()} == set(paths.TRAIN_FILES)


REMEDIES = {
    "kind": {"d_optimizer": "sgd"},
    "penalty": {"penalty": "r1"},
    "steps": {"d_steps": 3, "d_optimizer": {"name": "adam", "lr": 1e-4}},
    "tricks": {"tricks": ["diff_augment", "label_flipping"]},
    "loss": {"loss": "hinge", "ema": 0.9},
}


@pytest.mark.parametrize("name", REMEDIES)
def test_a_changed_child_joins_the_history_of_its_parent_also_after_kills(settings, data, tmp_path, name):
    changes = settings(**REMEDIES[name])
    parent = settings(log_points=6)
    train_run(parent, data, tmp_path / "parent")
    child = child_of(parent, 5, **{key: changes[key] for key in REMEDIES[name]})
    status = train_run(child, data, tmp_path / "child")
    for stop in (3, 7, 9):  # at step 3, the run still repeats its parent
        assert train_run(child, data, tmp_path / "cut", stop_after=stop)["status"] == "stopped"
    train_run(child, data, tmp_path / "cut")
    for file in paths.REPEATABLE_FILES:
        assert (tmp_path / "child" / file).read_bytes() == (tmp_path / "cut" / file).read_bytes(), file
    before, after = (pd.read_parquet(tmp_path / place / paths.HISTORY) for place in ("parent", "child"))
    assert after["step"].tolist() == [2, 4, 6, 8, 10, 12]
    pd.testing.assert_frame_equal(before[:2], after[:2])
    assert (before[3:]["d_loss"] != after[3:]["d_loss"]).all()
    assert status["continued"]["optimizers"]["discriminator"] == ("reset" if name == "kind" else "kept")
    # Each of the first 5 G steps has two D steps. Each of the other 7 has the child's number of D steps.
    assert status["d_steps"] == 5 * 2 + 7 * child["d_steps"] == after["d_step"].iloc[-1]


def test_optimizers_can_be_reset_and_other_shapes_are_refused_by_name(settings, data, tmp_path):
    parent = settings()
    reset = train_run(child_of(parent, 5, "reset"), data, tmp_path / "reset")
    assert reset["continued"]["optimizers"] == {"generator": "reset", "discriminator": "reset"}
    wider = child_of(parent, 5, model={**parent["model"], "d_widths": [13]})
    with pytest.raises(
        UserError, match=r"the discriminator has other parameters .* valid: networks of the same shapes"
    ):
        train_run(wider, data, tmp_path / "wider")
    short = child_of(parent, 5, budget={"g_steps": 4})
    with pytest.raises(UserError, match="budget ends at step 4; valid: more than step 5"):
        train_run(short, data, tmp_path / "short")


def test_a_step_may_be_counted_from_the_end_of_the_parent(settings, data, tmp_path):
    parent = settings(early_stop="on_collapse")
    run = partial(train_run, data=data, tools=halting(9))
    last = run(child_of(parent, "last", early_stop=None), out=tmp_path / "last")
    assert last["continued"]["step"] == 9 and last["g_steps"] == 12
    before = run(child_of(parent, -4, early_stop=None), out=tmp_path / "before")
    assert before["continued"]["step"] == 5
    with pytest.raises(ParentEnded, match="ended at step 9; step -9 before it does not exist"):
        run(child_of(parent, -9, early_stop=None), out=tmp_path / "none")
    with pytest.raises(ParentEnded, match="ended at step 9, before step 10"):
        run(child_of(parent, 10, early_stop=None), out=tmp_path / "late")


def test_a_run_goes_back_once_for_each_change_and_is_the_child_that_it_becomes(settings, data, tmp_path):
    slower = {"d_optimizer": {**settings()["d_optimizer"], "lr": 1e-5}}
    plain = settings(log_points=6)
    run = {**plain, "rewind_on_collapse": {"to": 5, "then": [slower]}}
    status = train_run(run, data, tmp_path / "run", tools=halting(8))
    (rewound,) = status["rewound"]
    assert (rewound["at"], rewound["to"], status["g_steps"], status["stopped_early"]) == (8, 5, 12, None)
    assert rewound["optimizers"] == {"generator": "kept", "discriminator": "kept"}
    train_run(child_of(plain, 5, **slower), data, tmp_path / "child")
    assert all((tmp_path / "run" / n).read_bytes() == (tmp_path / "child" / n).read_bytes() for n in CONTENT)
    for stop in (2, 6, 7):
        assert train_run(run, data, tmp_path / "cut", tools=halting(8), stop_after=stop)["status"] == "stopped"
    lines = []
    train_run(run, data, tmp_path / "cut", tools=halting(8), on_progress=lines.append)
    assert "collapsed at step 8: back to step 5" in lines
    for file in paths.REPEATABLE_FILES:
        assert (tmp_path / "run" / file).read_bytes() == (tmp_path / "cut" / file).read_bytes(), file
    stopped = train_run({**run, "early_stop": "on_collapse"}, data, tmp_path / "twice", tools=halting(8))
    assert len(stopped["rewound"]) == 1 and stopped["stopped_early"]["step"] == 8
    assert train_stage(run) == "watched_train" and train_digest(run) != train_digest(plain)


def test_a_run_without_a_better_score_stops_and_the_best_step_can_be_continued(settings, data, tmp_path):
    values = iter([3.0, 1.0, 2.0, None, 5.0] * 20)

    def scorer(run):
        def score(images):
            assert images(4, 0).shape == (4, 1, 8, 8)
            return next(values)

        return Scorer("frechet", float, score)

    own = Tools(lambda _: None, scorer)
    rule = {"metric": resolve("metrics", "frechet"), "every": 2, "patience": 2}
    rule |= {"extractor": resolve("features", "pixels"), "split": "test", "validation": 0.5}
    run = settings(log_points=12, early_stop=rule)
    status = train_run(run, data, tmp_path / "run", tools=own)
    assert status["stopped_early"]["step"] == 8 and status["status"] == "ok"
    assert "frechet on the images set aside did not improve in 2 scores in a row (best 1 at step 4)" in status["reason"]
    history = pd.read_parquet(tmp_path / "run" / paths.HISTORY)
    scores = history.dropna(subset=["validation_best"])
    assert scores["step"].tolist() == [2, 4, 6, 8] and scores["validation_best"].tolist() == [2, 4, 4, 4]
    values = iter([3.0, 1.0, 2.0, None] * 20)
    child = train_run(child_of(run, "best", early_stop=None), data, tmp_path / "child", tools=own)
    assert child["continued"]["step"] == 4 and child["g_steps"] == 12


def test_scores_in_training_are_those_of_images_set_aside(settings, data, tmp_path):
    """A run that stops by a Fréchet distance has the same bytes if it is interrupted and resumed."""
    rule = {"metric": resolve("metrics", "frechet"), "every": 1, "patience": 1, "split": "test", "validation": 0.5}
    run = settings(log_points=12, early_stop={**rule, "extractor": resolve("features", "pixels")})
    train_run(run, data, tmp_path / "whole", tools=tools(data))
    assert train_run(run, data, tmp_path / "cut", tools=tools(data), stop_after=2)["status"] == "stopped"
    train_run(run, data, tmp_path / "cut", tools=tools(data))
    for file in paths.REPEATABLE_FILES:
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "cut" / file).read_bytes(), file
    assert train_stage(run) == "scored_train" and train_digest(run) != train_digest(settings())
    files = {stage: [name for name, _ in stage_files(stage)] for stage in ("watched_train", "scored_train")}
    scored = {stage: any(".metrics." in name for name in names) for stage, names in files.items()}
    assert scored == {"watched_train": False, "scored_train": True}, "only scored runs depend on the metrics"
    train_run(settings(log_points=12), data, tmp_path / "plain")
    plain, scored = (pd.read_parquet(tmp_path / place / paths.HISTORY) for place in ("plain", "whole"))
    assert scored["validation"][:-1].gt(0).all(), "the last row of a run that reaches its end is not scored"
    pd.testing.assert_frame_equal(plain[: len(scored)], scored[plain.columns])


def test_a_state_is_made_once_for_all_that_continue_from_it(settings, data, tmp_path):
    child, lines = child_of(settings(), 5), []
    folders = [
        stored_parents(tmp_path, data, tools(data), 60.0, lines.append)({**child, "d_steps": steps}) for steps in (2, 3)
    ]
    assert folders[0] == folders[1] and len(lines) == 1
    other = stored_parents(tmp_path, data, tools(data), 60.0, lines.append)(child_of(settings(), 6))
    assert other != folders[0] and len(lines) == 2
