"""Training code does not import the code of stacking. So an edit of stacking affects only runs trained in a stack."""

import re
import shutil
import subprocess
import sys

import pytest

from gan_bench.jobs import together
from gan_bench.jobs import train as job
from gan_bench.provenance import ENTRIES, closure
from gan_bench.registry import AXES, PACKAGE
from gan_bench.stacking import job as stacking_job
from gan_bench.stacking import rules
from gan_bench.stacking import training as stacking_training
from gan_bench.train import run as single

STUDY = """
datasets: [digits, {name: sunflowers, size: 32}]
variants:
  - {name: small, model: {name: mlp, g_widths: [16], d_widths: [8]}, loss: hinge, optimizer: adam, datasets: digits}
  - {name: large, model: {name: mlp, g_widths: [512, 512]}, loss: hinge, optimizer: adam, datasets: digits}
  - {name: dcgan, model: {name: dcgan, width: 8}, loss: hinge, optimizer: adam}
seeds: 2
budget: {g_steps: 1000}
"""

#: Script that prints, for each cell, the digest of its training and the parameter `code` of its training job.
PROBE = """
import sys
from types import SimpleNamespace
from gan_bench.dag import Lookups
from gan_bench.provenance import train_digest
lookups = Lookups({"study": sys.argv[1], "results": "results", "data_dir": None, "device": "cpu"})
for cell in lookups.plan.cells:
    wildcards = SimpleNamespace(dataset=cell.dataset, cell=cell.id)
    print(cell.dataset, cell.variant, train_digest(cell.settings), lookups.train_code(wildcards))
"""


def test_only_one_module_outside_imports_it():
    imports = re.compile(r"^\s*(from|import) gan_bench(\.stacking| import .*\bstacking\b)", re.MULTILINE)
    files = {file.relative_to(PACKAGE) for file in PACKAGE.rglob("*.py") if imports.search(file.read_text())}
    assert {str(file) for file in files if file.parts[0] != "stacking"} == {"jobs/together.py"}


@pytest.mark.parametrize("stage", ["train", "watched_train"])
def test_no_training_code_reaches_it(stage):
    starts = [f"gan_bench.{folder.replace('/', '.')}" for folder in AXES.values()]
    components = [
        f"{axis}.{file.stem}" for axis in starts for file in PACKAGE.joinpath(*axis.split(".")[1:]).glob("[a-z]*.py")
    ]
    assert not [module for module in closure([*ENTRIES[stage], *components]) if module.startswith("gan_bench.stacking")]


@pytest.fixture
def tree(tmp_path):
    """The folder of a copy of the package, and a function that returns the digests of a study's cells.

    The function returns {(data set, variant): [digest of the training, digest of the job's code]}.
    """
    shutil.copytree(PACKAGE, tmp_path / "gan_bench", ignore=shutil.ignore_patterns("__pycache__"))
    study = tmp_path / "study.yaml"
    study.write_text(STUDY)

    def codes():
        command = [sys.executable, "-c", PROBE, str(study)]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        lines = [line.split() for line in run.stdout.splitlines()]
        return {(dataset, variant): rest for dataset, variant, *rest in lines}

    return tmp_path / "gan_bench", codes


def test_an_edit_changes_no_training_digest_and_the_code_of_those_jobs_alone_that_may_stack(tree):
    package, codes = tree
    before = codes()
    file = package / "stacking" / "replay.py"
    file.write_text(file.read_text() + "\nEDITED = True\n")
    after = codes()
    assert {cell: digest for cell, (digest, _) in before.items()} == {
        cell: digest for cell, (digest, _) in after.items()
    }
    # A dcgan of this width on images of 8 x 8 pixels is small enough to be stacked.
    changed = {cell for cell in before if before[cell] != after[cell]}
    assert changed == {("digits", "small"), ("digits", "dcgan")}
    assert all(code == digest for cell, (digest, code) in after.items() if cell not in changed)


def test_without_the_folder_no_job_depends_on_it(tree):
    package, codes = tree
    with_folder = codes()
    shutil.rmtree(package / "stacking")
    assert {cell: [digest, digest] for cell, (digest, _) in with_folder.items()} == codes()


def test_an_edit_retrains_the_runs_that_were_stacked_and_no_other(small_cell, tmp_path, monkeypatch):
    settings, data = small_cell
    trained, train_run = [], single.train_run

    def counted(run, *args, **more):
        trained.append(run["seed"])
        return train_run(run, *args, **more)

    monkeypatch.setattr(single, "train_run", counted)

    def train(choice, *seeds):
        monkeypatch.setenv("GAN_BENCH_STACKING", choice)
        said = []
        record = job.train_cell(settings, seeds, data, tmp_path / "store", tmp_path / "cell", said.append)
        return record["seeds"], ["from the store" not in text for text in said]

    train("never", 2)
    records, _ = train("always", 0, 1)
    assert trained == [2]
    assert train("always", 0, 1, 2)[1] == [False, False, False]
    for module in (together, stacking_job, stacking_training):
        monkeypatch.setattr(module, "stage_digest", lambda _stage: "edited")
    again, fresh = train("never", 0, 1, 2)
    assert fresh == [True, True, False] and trained == [2, 0, 1]
    assert {seed: again[seed] for seed in records} == records, "with the same bits"
    monkeypatch.setattr(together, "stage_digest", lambda _stage: "edited again")
    assert train("never", 0, 1, 2)[1] == [False, False, False], "they were trained alone this time"


def test_a_job_stacks_nothing_that_the_planner_does_not_expect(small_cell, monkeypatch, tmp_path):
    settings, data = small_cell
    monkeypatch.setenv("GAN_BENCH_STACKING", "always")
    monkeypatch.setattr(stacking_job, "may_stack", lambda _settings, _choice: False)
    said = []
    job.train_cell(settings, [0, 1], data, tmp_path / "store", tmp_path / "cell", said.append)
    assert not any("together" in text for text in said)
    assert rules.may_stack(settings, "always") and not rules.may_stack(settings, "auto"), "4 steps"
