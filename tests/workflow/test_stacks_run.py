"""Learning rates of a perceptron train in one job of the workflow, with the files of single runs."""

import pytest
from workflow_tree import STUDY

pytestmark = pytest.mark.workflow

SWEEP = STUDY[: STUDY.index("variants:")] + """\
variants:
  - model: {name: mlp, g_widths: [16], d_widths: [8]}
    loss: non_saturating
    optimizer: [{name: adam, lr: 0.0002}, {name: adam, lr: 0.001}]
seeds: 2
budget: {g_steps: 1000}
log_points: 20
snapshots: 2
evaluation: {n_samples: 100, extractor: pixels}
figures: [status_matrix]
"""


def test_one_job_trains_what_four_runs_would(fresh, monkeypatch):
    fresh.study.write_text(SWEEP)
    rules = [job.split()[0] for job in fresh.planned("all", "--until", "train")]
    assert (rules.count("train_stack"), rules.count("train")) == (1, 2)
    said = fresh.snakemake("--cores", "2", "all", "--until", "train")
    text = said.stdout + said.stderr
    assert text.count("4 of 4 runs trained together") == 1 and text.count(": ok, from the store") == 4
    together = fresh.texts("demo/runs/*/*/chunk0.train.json")
    fresh.results.rename(fresh.folder / "together")
    monkeypatch.setenv("GAN_BENCH_STACKING", "never")
    fresh.snakemake("--cores", "2", "all", "--until", "train")
    assert fresh.texts("demo/runs/*/*/chunk0.train.json") == together and len(together) == 2
