"""Runs with several learning rates train in one job of the workflow. Their files equal those of single runs."""

import shutil

import pytest
from workflow_tree import STUDY

from gan_bench.files import digest_file
from gan_bench.paths import REPEATABLE_FILES

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

DCGAN = "  - {model: {name: dcgan, width: 4}, loss: hinge, optimizer: adam, datasets: large}\n"


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


@pytest.mark.slow
def test_without_the_folder_the_workflow_leaves_the_same_files(fresh, monkeypatch):
    fresh.study.write_text(SWEEP.replace("g_steps: 1000", "g_steps: 20"))
    monkeypatch.setenv("GAN_BENCH_STACKING", "always")
    said = fresh.snakemake("--cores", "2", "all", "--until", "train")
    assert "2 runs together" in said.stdout + said.stderr
    stacked = repeatable(fresh)
    fresh.results.rename(fresh.folder / "together")
    shutil.rmtree(fresh.folder / "gan_bench" / "stacking")
    said = fresh.snakemake("--cores", "2", "all", "--until", "train")
    assert "runs together" not in said.stdout + said.stderr
    assert repeatable(fresh) == stacked and len(stacked) == 4 * len(REPEATABLE_FILES)


def repeatable(tree):
    """SHA-256 of every reproducible file of the runs: settings, history, weights, samples."""
    files = [file for name in REPEATABLE_FILES for file in tree.results.glob(f"demo/runs/*/*/seed*/{name}")]
    return {str(file.relative_to(tree.results)): digest_file(file) for file in files}


def test_an_edit_of_stacking_trains_the_stacked_runs_again_and_no_others(fresh):
    study = SWEEP.replace("g_steps: 1000", "g_steps: 20").replace("seeds: 2", f"{DCGAN}seeds: 1")
    study = study.replace("datasets: [digits]", "datasets: [digits, {name: digits, label: large, size: 32}]")
    fresh.study.write_text(study.replace("    loss: non_saturating", "    datasets: digits\n    loss: non_saturating"))
    rules = fresh.folder / "gan_bench" / "stacking" / "rules.py"
    rules.write_text(rules.read_text().replace("LEAST_STEPS = 1000", "LEAST_STEPS = 10"))
    fresh.snakemake("--cores", "2", "all", "--until", "train")
    assert fresh.planned("all", "--until", "train") == []
    with fresh.edited("gan_bench/stacking/ops.py", "WHOLE_VECTORS = 64", "WHOLE_VECTORS = 128"):
        planned = [job.split()[0] for job in fresh.planned("all", "--until", "train")]
        assert (planned.count("train_stack"), planned.count("train")) == (1, 2), "a dcgan of 32 x 32 pixels never stacks"
        said = fresh.snakemake("--cores", "2", "all", "--until", "train")
        assert "2 of 2 runs trained together" in said.stdout + said.stderr
