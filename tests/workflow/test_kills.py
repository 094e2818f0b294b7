"""Kills, two processes at once and damaged files need no repair by hand: it is enough to repeat the workflow's command."""

import os
import re
import shutil
import subprocess
import sys
import time

import pytest
from workflow_tree import ROOT, environment

pytestmark = pytest.mark.workflow


@pytest.fixture
def tree(done, tmp_path):
    """A copy of the finished study to work on."""
    copy = type(done)(tmp_path / "checkout")
    shutil.copytree(done.folder, copy.folder)
    return copy


@pytest.mark.slow
def test_random_kills_change_no_byte():
    """A short run of benchmarks/chaos.py. `make chaos` makes a long one."""
    command = [sys.executable, str(ROOT / "benchmarks/chaos.py"), "--kills", "2", "--steps", "200", "--seed", "5"]
    run = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^kills: 2 \(", run.stdout, re.MULTILINE)
    assert re.search(r"^studies finished: [1-9]\d*, .*mismatches: 0$", run.stdout, re.MULTILINE)


@pytest.mark.slow
def test_locks_of_a_killed_snakemake_do_not_stop_the_plain_command(tree):
    locks = tree.folder / ".snakemake" / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    for name in ("0.input.lock", "0.output.lock"):
        (locks / name).write_text("results/demo/tables/runs.csv\nresults/demo/report.html\n")
    (tree.results / "demo/report.html").unlink()
    tree.snakemake("--cores", "1")
    assert (tree.results / "demo/report.html").is_file()


@pytest.mark.slow
def test_two_commands_at_once_one_works_and_the_other_says_so(tree):
    tree.study.write_text(tree.study.read_text().replace("seeds: 2", "seeds: 3"))
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    output = (tree.folder / "first.log").open("w")
    with output, subprocess.Popen(command, cwd=tree.folder, env=environment(), stdout=output, stderr=output) as first:
        while not list(tree.folder.glob(".snakemake/locks/*")):
            assert first.poll() is None, (tree.folder / "first.log").read_text()
            time.sleep(0.05)
        second = tree.snakemake("--cores", "1", check=False)
        assert first.poll() is None, "the second answers while the first works"
        assert second.returncode != 0 and "lock" in (second.stdout + second.stderr).lower()
        assert f"another snakemake is running in {tree.folder}." in second.stderr
        assert first.wait() == 0
    assert tree.planned() == []


@pytest.mark.slow
@pytest.mark.parametrize("place", ["demo/runs/*/*/seed1/metrics.json", "data/*/images.npy"])
def test_a_damaged_file_fails_once_and_is_made_anew_by_the_next_command(tree, place):
    before = tree.texts("demo/manifest.json")
    file = sorted(tree.results.glob(place))[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    for name in ("tables/runs.csv", "report.html", "manifest.json"):
        (tree.results / "demo" / name).unlink()
    if place.startswith("data"):
        for record in tree.results.glob("demo/runs/*/*/chunk0.train.json"):
            record.unlink()
    first = tree.snakemake("--cores", "1", check=False)
    said = first.stdout + first.stderr
    assert first.returncode != 0 and f"{file.relative_to(tree.folder)}: damaged" in said
    assert "Traceback" not in said
    tree.snakemake("--cores", "1")
    assert tree.texts("demo/manifest.json") == before
    assert tree.planned() == []


@pytest.mark.slow
@pytest.mark.parametrize("place", ["data/*/manifest.json", "demo/runs/*/*/chunk0.train.json", "demo/plan.json"])
def test_a_clock_that_was_set_back_trains_nothing_again(tree, place):
    """An input file was written while the clock was a day ahead.

    After the clock is set back, this file looks newer than the files made from it.
    """
    before = tree.texts("demo/manifest.json")
    ahead = time.time() + 86_400
    for file in tree.results.glob(place):
        os.utime(file, (ahead, ahead))
    run = tree.snakemake("--cores", "1")
    said = run.stdout + run.stderr
    assert not re.search(r"seed \d: ok, \d+ steps", said), "every run comes from the store"
    assert tree.texts("demo/manifest.json") == before


@pytest.mark.slow
def test_four_cores_give_the_bytes_of_two(tree):
    before = tree.texts("demo/manifest.json")
    shutil.rmtree(tree.results)
    tree.snakemake("--cores", "4")
    assert tree.texts("demo/manifest.json") == before
