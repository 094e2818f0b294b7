"""With artificial scores, the stages of a search prune, propose and choose trials. Repeating gives equal results."""

import json
import math

import numpy as np
import pytest

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.config.plan.trials import stage_file
from gan_bench.errors import UserError
from gan_bench.files import write_json
from gan_bench.search import proposals
from gan_bench.search.stages import next_stage

STUDY = """
datasets: [digits]
variants:
  - {model: mlp, loss: hinge, optimizer: adam}
seeds: 2
budget: {g_steps: 60}
evaluation: {metrics: [frechet], validation: 0.5}
search:
  trials: 6
  SEARCH
  over:
    optimizer.lr: {log_uniform: [1e-5, 1e-2]}
    d_steps: {choice: [1, 2, 5]}
"""


def search_of(search=""):
    return expand(parse_study(STUDY.replace("SEARCH", search), "small"))


def score(trial, seed):
    """A score that is best at lr = 0.001 and 2 critic steps."""
    lr, d_steps = trial.values["optimizer.lr"], trial.values["d_steps"]
    return (math.log10(lr) + 3) ** 2 + abs(d_steps - 2) + 0.01 * (seed % 7)


def write_runs(plan, folder, lost=()):
    """Write the files of the runs of all known trials. `lost` has (trial number, seed) of the runs that diverge."""
    for trial in plan.search.trials():
        for seed in trial.cell.seeds:
            run = folder / "runs" / "digits" / trial.cell.id / f"seed{seed}"
            bad = (trial.number, seed) in lost
            write_json(run / "status.json", {"status": "diverged" if bad else "ok"})
            # The reported score has the opposite sign. A search must not read it.
            rows = [{"name": "frechet", "value": None if bad else score(trial, seed)}]
            write_json(
                run / "metrics.json",
                {"validation": rows, "metrics": [{"name": "frechet", "value": -score(trial, seed)}]},
            )


def finish(plan, folder, lost=()):
    """Compute every stage. Returns the final plan, and the file of each stage as bytes."""
    for k in range(1, len(plan.search.stages()) + 1):
        write_runs(plan, folder, lost)
        write_json(stage_file(folder, k), next_stage(plan.search, folder, lambda *_: None))
        plan = plan.after_search(folder)
    assert plan.search.done
    return plan, [stage_file(folder, k).read_bytes() for k in range(1, len(plan.search.stages()) + 1)]


def test_the_best_validation_score_is_chosen_and_lost_runs_come_last(tmp_path):
    plan = search_of()
    order = sorted(plan.search.trials(), key=lambda trial: score(trial, 1_000_000))
    done, (document,) = finish(plan, tmp_path / "a")
    assert json.loads(document)["chosen"][0]["number"] == order[0].number
    assert [cell.settings["g_optimizer"]["lr"] for cell in done.cells] == [order[0].values["optimizer.lr"]]
    _, (document,) = finish(plan, tmp_path / "b", lost={(order[0].number, 1_000_000)})
    assert json.loads(document)["chosen"][0]["number"] == order[1].number
    lost = {(trial.number, 1_000_000) for trial in order}
    _, (document,) = finish(plan, tmp_path / "c", lost)
    assert json.loads(document)["chosen"] == [
        {
            **{
                "dataset": "digits",
                "variant": "mlp · hinge · adam",
                "number": 0,
                "values": plan.search.trials()[0].values,
            },
            **{"trial_cell": plan.search.trials()[0].cell.id, "mean_badness": None, "lost": 1},
        }
    ]


def test_wilcoxon_drops_what_is_worse_at_every_first_seed_and_counts_it(tmp_path):
    plan = search_of("seeds: 6\n  pruner: wilcoxon")
    best = min(plan.search.trials(), key=lambda trial: score(trial, 1_000_000))
    done, documents = finish(plan, tmp_path)
    pruned = {number for *_, number in json.loads(documents[0])["pruned"]}
    assert pruned == set(range(6)) - {best.number}, "p = 1/16 for four seeds that are all worse"
    assert [len(t["scores"]) for t in json.loads(documents[1])["trials"]] == [
        4 + 2 * (i == best.number) for i in range(6)
    ]
    assert "6 planned, 5 pruned; 2 of 2 stages done" in done.search.sentence()


def test_a_stage_of_another_search_is_not_read(tmp_path):
    plan, _ = finish(search_of(), tmp_path)
    assert not search_of("sampler_seed: 1").after_search(tmp_path).search.documents
    damaged = {**json.loads(stage_file(tmp_path, 1).read_text()), "previous": "other"}
    write_json(stage_file(tmp_path, 1), damaged)
    assert plan.search.documents and not search_of().after_search(tmp_path).search.documents


def test_without_optuna_the_sampler_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(proposals, "find_spec", lambda _name: None)
    proposals.require_sampler("random")
    with pytest.raises(UserError, match=r"search.sampler tpe needs Optuna, which is not installed: pip install"):
        proposals.require_sampler("tpe")


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_proposals_are_a_function_of_the_scores_before_them(sampler, tmp_path):
    pytest.importorskip("optuna")
    plan = search_of(f"sampler: {sampler}\n  rounds: 3")
    done, documents = finish(plan, tmp_path / "a", lost={(1, 1_000_000)})
    np.random.seed(1)  # noqa: NPY002 - the sampler must not read NumPy's global stream
    _, again = finish(plan, tmp_path / "b", lost={(1, 1_000_000)})
    assert documents == again and len(documents) == 3
    trials = done.search.trials()
    assert [trial.round for trial in trials] == [0, 0, 1, 1, 2, 2] and len({t.cell.id for t in trials}) > 4
    for trial in trials:
        assert 1e-5 <= trial.values["optimizer.lr"] <= 1e-2 and trial.values["d_steps"] in (1, 2, 5)
