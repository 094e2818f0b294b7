"""Progress is read from Snakemake's output, and states of runs from files. No workflow runs in these tests."""

import fcntl
import io
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_bench.cli import entry, runs, studies
from gan_bench.dag import Lookups
from gan_bench.errors import STOPPED, UserError
from gan_bench.files import write_json
from gan_bench.follow.launch import forget_failures, parse_config, run
from gan_bench.follow.snakemake_log import Follower, ends_stopped
from gan_bench.follow.states import StudyStates
from gan_bench.follow.words import current, failures, status_text, summary

STUDY = """
datasets: [digits]
variants: [{model: mlp, loss: non_saturating, optimizer: adam}]
seeds: 4
budget: {g_steps: 100}
"""


@pytest.fixture
def study(tmp_path):
    """Four runs and their store.

    One run has finished in 10 s, one has failed, one is at half of its steps, and one is waiting.
    """
    (tmp_path / "small.yaml").write_text(STUDY)
    config = {
        "study": str(tmp_path / "small.yaml"),
        "results": str(tmp_path / "out"),
        "data_dir": None,
        "device": "cpu",
    }
    states = StudyStates(Lookups(config))
    assert [run.state for run in states.read()] == ["waiting"] * 4, "the data is not there yet"
    (data,) = states.lookups.datasets
    write_json(
        tmp_path / f"out/data/{data}/manifest.json", {"digest": "d", "skipped": [{"file": "a.png", "reason": "cut"}]}
    )
    assert [run.state for run in states.read()] == ["waiting"] * 4
    keys = [states._keys[run.cell, run.seed] for run in states.read()]
    for key, status in zip(
        keys, ({"status": "ok", "seconds": 10.0}, {"status": "failed", "reason": "a"}), strict=False
    ):
        folder = states.store / key[:2] / key
        write_json(folder / "receipt.json", {})
        write_json(folder / "status.json", status)
    note = {"step": 50, "of": 100, "seconds": 5.0, "images_per_second": 640.0, "d_loss": 1.25, "g_loss": 0.5}
    write_json(states.store / "partial" / keys[2] / ".progress.json", note)
    return states, keys


def test_states_and_time_left_come_from_files(study):
    states, keys = study
    runs = states.read()
    assert [run.state for run in runs] == ["ok", "failed", "stopped", "waiting"]
    assert states.seconds_left(runs) == 15, "half of one and all of another"
    assert summary(states, runs, 2) == (
        "2 of 4 runs done (1 failed, 1 interrupted), about 8 s of training left on 2 cores"
    )
    with (states.store / "partial" / f"{keys[2]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = status_text(states, 1)
    assert "data digits: 1 file is left out as unusable: a.png (cut)." in text
    assert "step 50 of 100 (50 %), d_loss 1.25, g_loss 0.5, 640 images/s" in text and "seed 1: failed: a" in text
    more = runs[2]._replace(seed=7, state="running", note={**runs[2].note, "step": 70, "d_loss": 1.75})
    (line,) = current([runs[2]._replace(state="running"), more, runs[3]])
    assert line.endswith("seeds 2, 7: step 50 to 70 of 100 (60 %), d_loss 1.5, g_loss 0.5, 1,280 images/s")
    (line,) = failures([runs[1], runs[1]._replace(seed=9)])
    assert line.endswith("seeds 1, 9: failed: a")


def test_a_published_run_is_done_where_the_store_is_gone(study):
    states, keys = study
    ((place, _),) = {(run.cell, "") for run in states.read()}
    folder = f"{states.lookups.study_folder}/runs/{place[0]}/{place[1]}"
    write_json(Path(folder, "seed3/status.json"), {"status": "diverged", "reason": "b"})
    assert states.read()[3].state == "waiting", "the folder may hold a run of other code"
    write_json(Path(folder, "chunk0.train.json"), {"seeds": {"3": {"key": keys[3]}}})
    assert states.read()[3].state == "diverged"


def test_failures_are_forgotten_with_the_records_of_their_chunks(study):
    states, _ = study
    (record,) = states.lookups.chunk_files("train")
    write_json(record, {})
    (name,) = forget_failures(states.lookups)
    assert name.endswith("seed 1")
    assert [run.state for run in StudyStates(states.lookups).read()] == ["ok", "waiting", "stopped", "waiting"]
    with pytest.raises(FileNotFoundError):
        open(record)  # noqa: PTH123, SIM115


def record(message="", **extra):
    entry = logging.makeLogRecord({"msg": message, "levelno": logging.INFO})
    entry.__dict__.update(extra)
    return entry


def test_blocks_of_rules_are_hidden_and_errors_are_not_unless_a_signal_stopped_the_job(study, tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_BENCH_PROGRESS_SECONDS", "0.1")
    stream = io.StringIO()
    follower = Follower(study[0].lookups, stream, 1, verbose=False)
    assert not follower.filter(record(event="job_info"))
    assert not follower.filter(record(event="progress", done=3, total=9))
    deadline = time.monotonic() + 20
    while "3 of 9 steps" not in stream.getvalue():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    log = tmp_path / "job.log"
    log.write_text("Traceback ...\n")
    assert follower.filter(record(event="job_error", log=[str(log)])) and follower.filter(record("anything"))
    log.write_text(f"gan-bench job train-cell: {STOPPED}\n")
    assert not follower.filter(record(event="job_error", log=[str(log)]))
    assert not follower.filter(record("At least one job did not complete successfully."))
    follower._end()
    assert stream.getvalue().endswith(f"{STOPPED}\n")


def test_a_call_that_trains_nothing_does_not_speak_of_training_left(study):
    stream = io.StringIO()
    follower = Follower(study[0].lookups, stream, 1, verbose=False)
    follower.filter(record(event="run_info", stats={"figures": 1, "total": 1}))
    follower._end()
    assert stream.getvalue().endswith("no run needs training\n")


def test_a_signal_while_snakemake_starts_is_a_sentence_without_traceback(tmp_path):
    (tmp_path / "snakemake").mkdir()
    (tmp_path / "snakemake" / "__init__.py").touch()
    (tmp_path / "snakemake" / "cli.py").write_text("raise KeyboardInterrupt")
    code = f"import sys\nfrom gan_bench.follow import snakemake_process\nsys.path.insert(0, {str(tmp_path)!r})\n"
    code += "snakemake_process.main()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", f"{STOPPED}\n")


def test_an_interrupt_that_snakemake_swallowed_is_raised_again_until_it_ends(study):
    follower = Follower(study[0].lookups, io.StringIO(), 1, verbose=False)
    assert follower.filter(record("a message"))
    for swallowed in (
        lambda: follower.interrupt(2, None),
        lambda: follower.filter(record("Select jobs to execute...")),
    ):
        with pytest.raises(KeyboardInterrupt):
            swallowed()
    assert not follower.filter(record("Terminating processes on user request, this might take some time."))
    assert not follower.filter(record("RuleException:")), "jobs that were stopped are no errors"


def test_a_job_that_a_batch_system_cancelled_does_not_silence_the_rest_of_the_study(study, tmp_path):
    stream = io.StringIO()
    follower = Follower(study[0].lookups, stream, 1, verbose=False)
    (tmp_path / "log").write_text(f"step 3\ngan-bench job train-cell: {STOPPED}\n")
    assert not follower.filter(record("Error in rule train", event="job_error", log=[str(tmp_path / "log")]))
    assert not follower.filter(record("Error in group job"))
    assert follower.filter(record("Trying to restart job 2."))
    assert follower.filter(record("Submitted group job 2 with external jobid '7'."))
    follower._end()
    assert STOPPED not in stream.getvalue()


@pytest.mark.parametrize(
    ("arguments", "study", "more"),
    [
        (["demo", "--cores", "3", "--", "-n", "-q"], "demo", ["-n", "-q"]),
        (["--cores", "3", "--", "-n"], None, ["-n"]),
        (["demo", "--config", "a=b", "--cores", "3"], "demo", []),
    ],
)
def test_arguments_after_two_dashes_go_to_snakemake(arguments, study, more, monkeypatch):
    calls = []
    monkeypatch.setattr("gan_bench.follow.launch.run", lambda *values: calls.append(values) or 3)
    assert entry.main(["run", *arguments]) == 3
    assert (calls[0][0], calls[0][1], calls[0][4]) == (study, 3, more)


def test_mistakes_of_run_are_one_sentence():
    assert parse_config(["data_dir=x", "device=cuda"]) == {"data_dir": "x", "device": "cuda"}
    with pytest.raises(UserError, match="KEY=VALUE"):
        parse_config(["data_dir"])
    with pytest.raises(UserError, match="before the --"):
        run("demo", 1, [], False, ["--config", "a=b"])


def test_a_job_log_gets_the_progress_and_the_terminal_whole_lines_of_the_rest(tmp_path, capsys):
    from gan_bench.cli.tee import log_only, output_copied_to

    log_only("nowhere")
    with output_copied_to(tmp_path / "log"):
        print("bo", end="")
        assert capsys.readouterr().out == "", "another job may write a line meanwhile"
        print("th")
        log_only("log")
        print("end", end="")
    assert (tmp_path / "log").read_text() == "both\nlog\nend" and capsys.readouterr().out == "both\nend"


def test_a_stopped_job_says_so_in_its_log_and_a_person_s_command_on_the_terminal(tmp_path, capsys, monkeypatch):
    def stop(*_arguments):
        raise KeyboardInterrupt

    for module in (entry.job, studies, runs):
        for name in module.group.commands:
            monkeypatch.setitem(module.group.commands, name, (stop, module.group.commands[name][1]))
    assert entry.main(["job", "manifest", "--study-folder", "x", "--log", str(tmp_path / "log")]) == 130
    assert capsys.readouterr() == ("", "") and ends_stopped(tmp_path / "log")
    for arguments, text in (
        (["train", "--settings", "x", "--out", "y"], STOPPED),
        (["check", "demo"], "check: stopped\n"),
    ):
        assert entry.main(arguments) == 130 and text in capsys.readouterr().err
