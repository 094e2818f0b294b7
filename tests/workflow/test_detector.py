"""benchmarks/detector/Snakefile collects the histories of a study's runs, and computes scores of the runs' samples."""

import shutil

import numpy as np
import pandas as pd
import pytest
from workflow_tree import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SNAKEFILE = ("--snakefile", "benchmarks/detector/Snakefile")
OUT = ("results/demo/detector/trajectories.npz", "results/demo/detector/runs.csv")


@pytest.fixture
def tree(fresh):
    shutil.copytree(ROOT / "benchmarks", fresh.folder / "benchmarks", dirs_exist_ok=True)
    text = fresh.study.read_text()
    text = text.replace("seeds: 2", "seeds: 1").replace("log_points: 20", "log_points: 20\ncheckpoints: 20")
    fresh.study.write_text(text.replace("least_squares\n    optimizer", "minimax\n    optimizer"))
    return fresh


def test_trajectories_and_truth_of_a_study(tree):
    tree.snakemake(*SNAKEFILE, "--cores", "1", OUT[0])
    stored, runs = np.load(tree.folder / OUT[0]), pd.read_csv(tree.folder / OUT[1])
    names = list(stored["truth_names"])
    assert runs["loss"].tolist() == ["ns", "minimax"] and not runs["diverged"].any()
    assert stored["traj"].shape == (2, 200, 6) and np.isfinite(stored["traj"][:, :20]).all()
    truth, again = stored["truth"].astype(float), stored["again"].astype(float)
    assert truth.shape == (2, 20, len(names)) and again.shape == (2, 6, len(names))
    assert np.isfinite(truth).all()
    modes, pairs = truth[:, :, names.index("eff_modes")], truth[:, :, names.index("pair_ratio")]
    assert (modes >= 1).all() and (modes <= 10.01).all() and (runs["ref_eff_modes"] > 9).all()
    assert (pairs[:, 0] < 0.5).all(), "a generator that has hardly begun gives one grey picture"
    # Other samples of the same generators give slightly different numbers.
    assert (again != truth[:, -6:]).any() and np.abs(again - truth[:, -6:])[:, :, names.index("pair_ratio")].max() < 0.1
    before = [(tree.folder / name).read_bytes() for name in OUT]
    tree.snakemake(*SNAKEFILE, "--cores", "1", "--forcerun", "detector_trajectories", "--", OUT[0])
    assert [(tree.folder / name).read_bytes() for name in OUT] == before


def test_the_default_target_is_the_detector_with_both_of_its_steps(tree):
    jobs = tree.planned(*SNAKEFILE, "--config", f"data_dir={tree.folder}")
    assert [job.split()[0] for job in jobs if "detector" in job.split()[0]] == [
        "detector", "detector_trajectories", "train_detector",
    ]  # fmt: skip
