"""The shipped profiles on a real Slurm: results equal, bit for bit, the results without a batch system."""

import os
import re
import signal
import time

import pytest
from cluster_tree import submitted, training

#: Numbers of submitted jobs. Data set, feature space and inputs of scoring need one job each, and each chunk of seeds
#: needs one job.
PREPARING, CHUNKS = 3, 2


def test_generic_from_nothing_with_an_outage_of_the_controller(slurm, fresh_tree, local):
    """The controller is down when the first job is submitted, and for fifteen seconds during training."""
    slurm.stop("slurmctld", signal.SIGTERM)
    with fresh_tree.started("--profile", fresh_tree.profile("generic")) as process:
        slurm.wait("a failed submission", lambda: "Unable to contact slurm controller" in fresh_tree.said, 90)
        slurm.start_controller()
        training(slurm, 1)
        slurm.stop("slurmctld", signal.SIGTERM)
        time.sleep(15)
        slurm.start_controller()
        said = fresh_tree.finish(process)
    assert submitted(said) == PREPARING + CHUNKS, "nothing was lost, nothing submitted twice"
    assert not re.search(r"Submitted job \d+ .*(collect|tables|plan|manifest)", said)
    names = " ".join(what for _, what in slurm.history().values())
    assert "gan-bench-prepare_data" in names and not re.search("collect|tables|manifest|plan", names)
    assert fresh_tree.digest == local.digest
    # Snakemake has recorded the finished jobs. So no job runs again, neither with this executor nor without an
    # executor.
    assert fresh_tree.planned() == local.planned()


def test_generic_watches_the_jobs_of_a_killed_snakemake_and_resubmits_a_cancelled_one(slurm, prepared, local):
    profile = prepared.profile("generic")
    with prepared.started("--workflow-profile", profile) as process:
        jobs = training(slurm, 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with prepared.started("--workflow-profile", profile) as process:
        slurm.wait("the jobs to be found again", lambda: prepared.said.count("Resuming incomplete job") == CHUNKS)
        victim = min(jobs, key=int)
        slurm.call("scancel", victim)
        said = prepared.finish(process)
    assert submitted(said) == CHUNKS + 1, "the cancelled job alone was submitted again"
    assert slurm.history()[victim][0] == "CANCELLED"
    assert prepared.digest == local.digest


def test_generic_after_a_hard_kill_the_plain_command_trains_nothing_twice(slurm, prepared, local):
    """After Snakemake is killed, its jobs still run. The next Snakemake submits them a second time.

    Each second job waits for the first job and uses its runs.
    """
    profile = prepared.profile("generic")
    with prepared.started("--profile", profile) as process:
        training(slurm, 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with prepared.started("--profile", profile) as process:
        slurm.wait("the first copies to end", lambda: len(prepared.trained()) == 4, 120)
        made = prepared.trained()
        prepared.finish(process)
    assert prepared.trained() == made and prepared.digest == local.digest


def test_generic_a_dead_node_and_a_job_beyond_its_time(slurm, prepared, local):
    """One job hangs until its time limit of one minute. The node of the other job loses power.

    Both jobs are submitted again.
    """
    # Training, evaluation and detection together may take one minute, and two minutes in the second attempt.
    values = {"train": "attempt", "evaluate": 0, "detect_collapse": 0}
    profile = prepared.profile(
        "generic", set_resources={name: {"mem_mb": 2500, "runtime": minutes} for name, minutes in values.items()}
    )
    with prepared.started("--profile", profile) as process:
        jobs = training(slurm, 2)
        (hanging, trainer), (lost, _) = sorted(jobs.items())
        os.kill(trainer, signal.SIGSTOP)
        node = slurm.call("squeue", "--noheader", f"--jobs={lost}", "--format=%N").strip()
        slurm.crash_node(node)
        slurm.wait("the node to be missed", lambda: slurm.history()[lost][0] == "NODE_FAIL", 90)
        slurm.start_node(node)
        said = prepared.finish(process)
    assert slurm.history()[hanging][0] == "TIMEOUT"
    assert submitted(said) == 2 * CHUNKS
    assert prepared.digest == local.digest


def test_generic_a_job_that_can_never_start_is_an_error_and_not_a_wait(slurm, prepared):
    profile = prepared.profile("generic", set_resources={"train": {"runtime": 100000}}, retries=0)
    with prepared.started("--profile", profile) as process:
        assert process.wait(timeout=240) == 1
    assert re.search(r"asks for more than its partition ever gives \(Partition(TimeLimit|Config)\)", prepared.said)
    assert slurm.jobs("pending") == []


def test_slurm_too_little_memory_and_a_cancelled_job(slurm, prepared, local):
    """Jobs of the first attempt have too little memory, jobs of the second attempt have enough.

    One job of the second attempt is cancelled.
    """
    profile = prepared.profile(
        "slurm",
        default_resources={"mem_mb": "280 if attempt == 1 else 2500"},
        set_resources={name: {"mem_mb": "280 if attempt == 1 else 2500"} for name in ("train", "evaluate")},
    )
    with prepared.started("--profile", profile) as process:
        slurm.wait("jobs to be killed", lambda: _states(slurm).count("FAILED") == CHUNKS, 150)
        victim = min(training(slurm, 1), key=int)
        slurm.call("scancel", victim)
        said = prepared.finish(process)
    assert slurm.history()[victim][0] == "CANCELLED" and submitted(said) == 2 * CHUNKS + 1
    assert prepared.digest == local.digest


def test_slurm_after_a_hard_kill_the_plain_command_trains_nothing_twice(slurm, prepared, local):
    profile = prepared.profile("slurm")
    with prepared.started("--profile", profile) as process:
        training(slurm, 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with prepared.started("--profile", profile) as process:
        slurm.wait("the first copies to end", lambda: len(prepared.trained()) == 4, 120)
        made = prepared.trained()
        prepared.finish(process)
    assert prepared.trained() == made and prepared.digest == local.digest
    assert prepared.planned() == local.planned()


DEVICES = """\
localrules: all
rule all:
    input: "with", "without"
rule train:
    output: "with"
    resources: gpu=1
    shell: "echo ${{CUDA_VISIBLE_DEVICES:-none}} > {output}"
rule other:
    output: "without"
    shell: "echo ${{CUDA_VISIBLE_DEVICES:-none}} > {output}"
"""


@pytest.mark.parametrize("name", ["generic", "slurm"])
def test_a_job_that_asks_for_a_device_sees_one_of_the_nodes_two_and_another_job_none(slurm, prepared, name):
    profile = prepared.profile(name)
    (prepared.folder / "Snakefile").write_text(DEVICES)
    prepared.target = "all"
    with prepared.started("--profile", profile) as process:
        prepared.finish(process, 120)
    assert (prepared.folder / "with").read_text().strip() in ("0", "1")
    assert (prepared.folder / "without").read_text() == "none\n"


def _states(slurm) -> list[str]:
    return [state for state, _ in slurm.history().values()]
