"""A run that fails or is stopped does not affect other runs.

The tests check exit codes, tables, and the effect of the next command.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from workflow_tree import environment, gan_bench

pytestmark = pytest.mark.workflow

#: A loss that raises an error as long as the marker file exists.
LOSS = '''
"""Breaks."""
from pathlib import Path
import gan_bench.losses.non_saturating as whole
FACTS = {"paper": "", "settings": {}, "deviations": [], "family": "x", "output": "sigmoid", "equilibrium": None}

def discriminator(real, fake, settings):
    if Path("MARKER").exists():
        raise IndexError("layer 3 is missing")
    return whole.discriminator(real, fake, settings)

def generator(real, fake, settings):
    return whole.generator(real, fake, settings)
'''


def table(tree, name):
    return list(csv.DictReader((tree.results / f"demo/tables/{name}.csv").read_text().splitlines()))


@pytest.fixture
def broken(fresh):
    """(tree, marker): a small study whose second cell has the loss LOSS, and the marker file of this loss."""
    marker = fresh.folder / "broken"
    marker.touch()
    (fresh.folder / "config/studies/mine.py").write_text(LOSS.replace("MARKER", str(marker)))
    fresh.study.write_text(fresh.study.read_text().replace("loss: least_squares", "loss: ./mine.py"))
    return fresh, marker


def test_a_failed_run_is_counted_and_trained_again_on_request(broken):
    tree, marker = broken
    code, said = gan_bench(tree, "run", "demo", "--cores", "2")
    assert code == 3, said
    assert "study demo is complete: 4 of 4 runs done (2 failed)" in said and "layer 3 is missing" in said
    assert "Error in rule" not in said
    failures = table(tree, "failures")
    assert [(row["n_asked"], row["n_ok"], row["n_failed"]) for row in failures] == [("2", "2", "0"), ("2", "0", "2")]
    notes = {row["note"] for row in table(tree, "runs") if not row["value"]}
    assert "run failed: IndexError: layer 3 is missing" in notes
    assert "layer 3 is missing" in (tree.results / "demo/report.html").read_text()
    assert (tree.results / "demo/manifest.json").is_file()
    code, said = gan_bench(tree, "status", "demo")
    assert code == 0 and "4 of 4 runs done (2 failed)" in said and "seeds 0, 1: failed: IndexError" in said

    marker.unlink()
    code, said = gan_bench(tree, "run", "demo", "--cores", "2")
    assert code == 3 and "Nothing to be done" in said, "a result is not tried again by itself"
    code, said = gan_bench(tree, "run", "demo", "--cores", "2", "--retry-failed")
    assert code == 0, said
    assert said.count("will be trained again") == 2
    statuses = [json.loads(file.read_text())["status"] for file in tree.results.glob("demo/runs/*/*/seed?/status.json")]
    assert statuses == ["ok"] * 4
    assert {row["n_failed"] for row in table(tree, "failures")} == {"0"}


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_stopped_study_says_so_and_goes_on_from_its_checkpoints(fresh, number):
    fresh.study.write_text(
        fresh.study.read_text()
        .replace("{g_steps: 40}", "{g_steps: 200000}\nlog_points: 10000")
        .replace("log_points: 20\n", "")
    )
    command = [sys.executable, "-m", "gan_bench.cli", "run", "demo", "--cores", "2"]
    variables = environment() | {"GAN_BENCH_STACKING": "never", "GAN_BENCH_PROGRESS_SECONDS": "1"}
    with subprocess.Popen(
        command,
        cwd=fresh.folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads here)
    ) as process:
        waited = time.monotonic()
        while len(list(fresh.results.glob("store/partial/*/.progress.json"))) < 2:
            if process.poll() is not None or time.monotonic() - waited > 300:
                break
            time.sleep(0.2)
        time.sleep(3)  # the progress is printed each second
        os.kill(process.pid, number)
        said = process.communicate()[0]
    assert process.returncode == 128 + number
    assert said.rstrip().endswith("stopped; the same command continues from here") and "images/s" in said
    for word in ("Error", "empty file", "Traceback", "did not complete"):
        assert word not in said, said
    assert len(list(fresh.results.glob("store/partial/*/.checkpoint.safetensors"))) == 2
    code, text = gan_bench(fresh, "status", "demo")
    assert code == 0 and "0 of 4 runs done (2 interrupted)" in text and "of 200,000" in text
