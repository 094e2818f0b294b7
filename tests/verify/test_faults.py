"""Damaged, missing and unwritable files are reported and never used. Running the study again repairs these files.

docs/faults.md names these tests.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from covering import covering
from small_study import STUDY, Jobs
from workflow_tree import ROOT, environment

from gan_bench.cli import main
from gan_bench.files import read_json, write_json
from gan_bench.paths import TRAIN_FILES
from gan_bench.train import checkpoint


@pytest.fixture
def jobs(results, tmp_path):
    """The jobs of the finished small study in `results`."""
    (tmp_path / "small.yaml").write_text(STUDY)
    return Jobs(tmp_path / "small.yaml", results)


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut(file):
    file.write_bytes(file.read_bytes()[:-7])


def refused(call, capsys):
    """Run a command that must end with exit code 2, and return its stderr."""
    assert main([str(part) for part in call]) == 2
    complaint = capsys.readouterr().err
    assert "Traceback" not in complaint
    return complaint


DAMAGES = (flip, cut, Path.unlink)
#: Pairs of a file of a run and a command that reads this file.
READ = (
    ("metrics.json", "detect-cell"),
    ("metrics.json", "collect"),
    ("collapse.json", "collect"),
    ("history.parquet", "detect-cell"),
    ("history.parquet", "collect"),
    ("settings.json", "evaluate-cell"),
    ("status.json", "evaluate-cell"),
    ("generator.safetensors", "evaluate-cell"),
    ("checkpoints.safetensors", "evaluate-cell"),
)


@covering("damage,read", DAMAGES, READ)
def test_a_damaged_file_of_a_run_is_named_before_it_is_read_and_made_anew(jobs, capsys, damage, read):
    name, stage = read
    before = (jobs.folder / "manifest.json").read_bytes()
    file = jobs.cell(jobs.plan["cells"][0]) / "seed1" / name
    damage(file)
    complaint = refused(jobs.stage(stage)[0], capsys)
    assert str(file) in complaint and ("damaged" in complaint or "gone" in complaint)
    assert not file.exists(), "nothing can read it later"
    ran = jobs.again()
    wanted = {"metrics.json": "evaluate-cell", "collapse.json": "detect-cell"}.get(name, "train-cell")
    assert ran[0] == wanted
    assert (jobs.folder / "manifest.json").read_bytes() == before


def edit(file):
    file.write_text(file.read_text().replace('"adam"', '"sgd"'))


@covering("damage,stage", [cut, edit], ["collect", "redraw"])
def test_a_damaged_plan_is_named_and_made_anew(jobs, capsys, damage, stage):
    before, plan = (jobs.folder / "manifest.json").read_bytes(), jobs.folder / "plan.json"
    damage(plan)
    call = jobs.stage("collect")[0] if stage == "collect" else ("redraw", jobs.folder)
    assert f"{plan}: damaged: " in refused(call, capsys)
    assert jobs.again()[0] == "plan"
    assert (jobs.folder / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("name", [TRAIN_FILES[0], *(pytest.param(n, marks=pytest.mark.slow) for n in TRAIN_FILES[1:])])
def test_a_file_that_is_damaged_in_the_store_too_is_trained_again(jobs, capsys, name):
    """The files of a study's runs are hard links to the store, so a flipped bit is in the store too."""
    before = (jobs.folder / "manifest.json").read_bytes()
    file = jobs.cell(jobs.plan["cells"][0]) / "seed1" / name
    key = read_json(file.parent.parent / "chunk0.train.json")["seeds"]["1"]["key"]
    stored = jobs.results / "store" / key[:2] / key / name
    stored.unlink()
    os.link(file, stored)
    flip(file)
    refused(jobs.stage("evaluate-cell")[0], capsys)
    assert jobs.again()[0] == "train-cell"
    assert "seed 0: ok, from the store" in jobs.said and "seed 1: ok, 20 steps in" in jobs.said
    assert (jobs.folder / "manifest.json").read_bytes() == before


@covering("damage,name", DAMAGES, ["images.npy", "labels.npy", "split.npy"])
def test_damaged_data_is_not_trained_on_and_prepared_anew(jobs, capsys, damage, name):
    before = (jobs.folder / "manifest.json").read_bytes()
    damage(jobs.data.parent / name)
    complaint = refused(jobs.stage("train-cell")[0], capsys)
    assert str(jobs.data.parent / name) in complaint and "manifest.json was removed" in complaint
    for stage in ("reference", "evaluate-cell"):
        assert "prepare it first" in refused(jobs.stage(stage)[0], capsys)
    assert jobs.again()[0] == "data"
    assert (jobs.folder / "manifest.json").read_bytes() == before


@covering(
    "damage,name,stage",
    DAMAGES,
    ["extractor.safetensors", "features.safetensors"],
    ["prepare-scoring", "evaluate-cell"],
)
def test_damaged_features_score_nothing_and_are_made_anew(jobs, capsys, damage, name, stage):
    before = (jobs.folder / "manifest.json").read_bytes()
    damage(jobs.reference.parent / name)
    complaint = refused(jobs.stage(stage)[0], capsys)
    assert str(jobs.reference.parent / name) in complaint and "extractor.json was removed" in complaint
    assert jobs.again()[0] == "reference"
    assert (jobs.folder / "manifest.json").read_bytes() == before


@covering("damage,name", DAMAGES, ["scoring.safetensors"])
def test_damaged_scoring_scores_nothing_and_is_made_anew(jobs, capsys, damage, name):
    before = (jobs.folder / "manifest.json").read_bytes()
    damage(jobs.scoring.parent / name)
    assert "scoring.json was removed" in refused(jobs.stage("evaluate-cell")[0], capsys)
    assert jobs.again()[0] == "prepare-scoring"
    assert (jobs.folder / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("damage", [flip, cut], ids=["flipped", "cut"])
def test_a_damaged_checkpoint_is_said_and_the_run_trained_from_its_start(jobs, damage, monkeypatch):
    """A job is killed after its first checkpoint, and the checkpoint is then damaged."""
    before = (jobs.folder / "manifest.json").read_bytes()
    shutil.rmtree(jobs.results / "store")
    train = jobs.stage("train-cell")[0]
    saved, real = [], checkpoint.save

    def save(path, state, identity):
        real(path, state, identity)
        saved.append(path)
        raise KeyboardInterrupt

    monkeypatch.setenv("GAN_BENCH_CHECKPOINT_SECONDS", "0")
    monkeypatch.setattr(checkpoint, "save", save)
    assert main([str(part) for part in train]) == 130
    monkeypatch.undo()
    damage(saved[0])
    for record in jobs.folder.glob("runs/*/*/chunk0.train.json"):
        record.unlink()  # Snakemake also removes a job's output before it runs the job
    jobs.again()
    assert ".checkpoint.safetensors is damaged" in jobs.said and "training starts from the beginning" in jobs.said
    assert (jobs.folder / "manifest.json").read_bytes() == before


def test_a_job_that_is_killed_goes_on_from_its_checkpoint(jobs, monkeypatch):
    before = (jobs.folder / "manifest.json").read_bytes()
    shutil.rmtree(jobs.results / "store")
    real, count = checkpoint.save, 0

    def save(path, state, identity):
        nonlocal count
        real(path, state, identity)
        count += 1
        if count == 7:
            raise KeyboardInterrupt

    monkeypatch.setenv("GAN_BENCH_CHECKPOINT_SECONDS", "0")
    monkeypatch.setattr(checkpoint, "save", save)
    train = jobs.stage("train-cell")[0]
    assert main([str(part) for part in train]) == 130
    monkeypatch.undo()
    for record in jobs.folder.glob("runs/*/*/chunk0.train.json"):
        record.unlink()
    jobs.again()
    assert re.search("seed 0: ok, 20 steps in .* s, resumed at step 7\n", jobs.said)
    assert (jobs.folder / "manifest.json").read_bytes() == before


def test_a_wrong_checkpoint_interval_is_the_users_mistake(jobs, monkeypatch, capsys):
    monkeypatch.setenv("GAN_BENCH_CHECKPOINT_SECONDS", "often")
    assert "GAN_BENCH_CHECKPOINT_SECONDS is 'often'; valid: seconds" in refused(jobs.stage("train-cell")[0], capsys)


def spawn(call, *before, **more):
    arguments = [*before, sys.executable, "-m", "gan_bench.cli", *map(str, call)]
    variables = {**environment(), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(arguments, cwd="/", env=variables, capture_output=True, text=True, check=False, **more)


@pytest.mark.parametrize(("stage", "room"), [("data", 20_000), ("train-cell", 9_000), ("collect", 1_000)])
def test_a_disk_without_room_is_one_sentence_and_nothing_half_written_stays(jobs, stage, room):
    """A limit of `room` bytes per file imitates a full disk. The same calls fail, but with EFBIG instead of ENOSPC."""
    before = (jobs.folder / "manifest.json").read_bytes()
    if stage == "train-cell":
        shutil.rmtree(jobs.results / "store")
    call = jobs.stage(stage)[0]
    if stage == "data":
        shutil.rmtree(jobs.results / "data")
    run = spawn(call, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
    assert run.returncode == 2 and "File too large" in run.stderr and "Traceback" not in run.stderr, run.stderr
    half = [
        f
        for f in jobs.results.rglob(".*")
        if f.is_file() and not f.name.startswith((".checkpoint.safetensors", ".progress.json"))
    ]
    assert half == []
    for record in (Path(call[-1]), *jobs.results.glob("data/*/reference/*/extractor.json")):
        if stage != "collect" and record.is_file():
            record.unlink()  # Snakemake also removes a job's output if the job fails
    jobs.again()
    assert (jobs.folder / "manifest.json").read_bytes() == before


def test_results_that_may_not_be_written_to_are_one_sentence(jobs):
    rights = []
    if os.geteuid() == 0:  # root may write everywhere, unless it drops its capabilities
        if shutil.which("setpriv") is None:
            pytest.skip("root cannot drop its capabilities without setpriv")
        rights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    shutil.rmtree(jobs.results / "store")
    places = [place for place in (jobs.results, *jobs.results.rglob("*")) if place.is_dir()]
    for place in places:
        place.chmod(0o555)
    try:
        for stage in ("data", "train-cell", "evaluate-cell", "collect", "tables", "manifest"):
            call = ["/dev/null" if part == jobs.results / "log" else part for part in jobs.stage(stage)[0]]
            run = spawn(call, *rights)
            assert run.returncode == 2 and "Permission denied" in run.stderr, (stage, run.stderr)
            assert "Traceback" not in run.stderr
    finally:
        for place in places:
            place.chmod(0o755)


def test_a_failed_status_is_not_taken_for_damage(jobs):
    """A status without a checksum belongs to a failed job.

    Snakemake removed the record of this job because the job failed; only the status is left.
    """
    cell = jobs.cell(jobs.plan["cells"][0])
    (cell / "chunk0.train.json").unlink()
    write_json(cell / "seed1" / "status.json", {"status": "failed", "reason": "x", "step": None})
    assert jobs.again()[0] == "train-cell"
    assert read_json(cell / "seed1" / "status.json")["status"] == "ok"
