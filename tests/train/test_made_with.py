"""A run's status states the machine, the libraries and the source code."""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch
from workflow_tree import ROOT

from gan_bench.files import digest_file
from gan_bench.provenance import SAME_BITS, stage_digest, train_digest
from gan_bench.train.run import train_run


def test_the_status_says_what_the_run_was_made_with(settings, data, tmp_path):
    status = train_run(settings(), data, tmp_path)
    made = status["provenance"]
    assert {"python", "torch", "numpy", "platform", "cpu", "threads", "device", "gan_bench", *SAME_BITS} <= set(made)
    assert made["torch"] == torch.__version__ and made["cpu"] and made["pyarrow"] == metadata.version("pyarrow")
    assert made["lock"] == digest_file(ROOT / "requirements.lock")
    identity = status["identity"]
    assert identity["data"] == data.digest and identity["code"] == train_digest(settings())
    assert made["code"] == stage_digest("train") != identity["code"], "without the components of this run"
    # The HTML page prints these facts, so each is text, a number, or a truth value.
    assert all(value is None or isinstance(value, str | int | bool) for value in made.values())


def test_commit_and_dirty_flag_are_those_of_the_checkout(tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    shutil.copytree(ROOT / "gan_bench", tmp_path / "gan_bench", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".gitignore").write_text("__pycache__\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from gan_bench.train._versions import provenance as p; found = p(1, 'cpu')\n"
        "print(found['commit'], found['dirty'], found['lock'])"
    )

    def told():
        return subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout

    assert told() == "None None None\n", "no checkout of its own"
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    assert told() == f"{head} False None\n"
    (tmp_path / "gan_bench" / "losses" / "mine.py").write_text("FACTS = {}\n")
    assert told() == f"{head} True None\n"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is set back on Linux alone")
def test_peak_memory_is_that_of_the_run_and_not_of_what_went_before(settings, data, tmp_path):
    block = np.ones(400_000_000, np.uint8)
    del block
    status = train_run(settings(), data, tmp_path)
    assert status["peak_memory_of"] == "run"
    with Path("/proc/self/statm").open() as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    assert resident * 0.7 < status["peak_memory_mb"] < resident + 300, "the 400 MB before it do not count"


def test_the_status_says_where_the_run_was_taken_up(settings, data, tmp_path):
    assert train_run(settings(), data, tmp_path / "straight")["resumed_at_step"] is None
    train_run(settings(), data, tmp_path / "resumed", stop_after=5)
    assert train_run(settings(), data, tmp_path / "resumed")["resumed_at_step"] == 5
