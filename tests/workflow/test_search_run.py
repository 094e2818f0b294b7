"""A search in the real workflow is killed during its trials and resumed. Wilcoxon's test prunes trials."""

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from workflow_tree import copy_project, environment, gan_bench

pytestmark = pytest.mark.workflow

STUDY = """\
datasets: [digits]
variants:
  - {model: {name: mlp, g_widths: [16, 32], d_widths: [16]}, loss: hinge, optimizer: adam}
seeds: 2
budget: {g_steps: 40}
search:
  trials: 2
  seeds: 5
  budget: {g_steps: 20}
  pruner: wilcoxon
  over: {optimizer.lr: {choice: [1e-6, 1e-2]}}
  sampler_seed: 1
evaluation: {metrics: [frechet], validation: 0.5, n_samples: 100, extractor: {name: random_conv, width: 8}}
figures: [search_curves]
"""


def test_a_killed_search_goes_on_and_reports_the_chosen_settings_on_new_seeds(tmp_path):
    tree = copy_project(tmp_path / "checkout")
    tree.study.write_text(STUDY)
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=tree.folder, env=environment(), stdout=log, stderr=log, start_new_session=True
        )
        while not list(tree.results.glob("demo/runs/*/*/chunk10000.train.json")):
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    tree.snakemake("--cores", "2")
    stages = [json.loads(text) for text in tree.texts("demo/search/stage*.json").values()]
    assert [stage["kind"] for stage in stages] == ["extend", "choose"]
    dropped = {tuple(key)[2] for key in stages[0]["pruned"]}
    assert len(dropped) == 1, "the rate of 1e-6 learns nothing"
    trials = pd.read_csv(tree.results / "demo/tables/search_trials.csv")
    assert trials["n_seeds"].tolist() == [4 if number in dropped else 5 for number in (0, 1)]
    assert trials.loc[trials["chosen"], "settings"].tolist() == ["optimizer.lr=0.01"]
    chosen = pd.read_csv(tree.results / "demo/tables/search_chosen.csv").iloc[0]
    assert (chosen["n_trials"], chosen["n_pruned"], chosen["n_seeds"]) == (2, 1, 2)
    assert chosen["optimism_low"] < chosen["optimism"] < chosen["optimism_high"]
    runs = pd.read_csv(tree.results / "demo/tables/runs.csv")
    assert runs["seed"].tolist() == [0, 1] and set(runs["g_steps"]) == {40}, "the tables of scores hold no trial"
    assert "Which settings did the search choose?" in (tree.results / "demo/report.html").read_text()
    manifest = json.loads((tree.results / "demo/manifest.json").read_text())["results"]
    assert len(manifest["runs"]) == 2 + 9 and set(manifest["search"]) == {"stage1.json", "stage2.json"}
    code, text = gan_bench(tree, "plan")
    assert code == 0 and "nothing to do" in text and "2 planned, 1 pruned; 2 of 2 stages done" in text
    code, text = gan_bench(tree, "verify", "--sample", "1")
    assert code == 0 and "1 of 11 runs trained again, 0 differ from the stored runs" in text
    code, text = gan_bench(tree, "export", "demo", "--out", "demo.zip")
    assert code == 0, text
    code, text = gan_bench(tree, "verify", "demo.zip", "--sample", "1")
    assert code == 0 and "1 of 11 runs trained again, 0 differ" in text
