"""Profiles of batch systems submit jobs with the right arguments.

Here, a replacement of each system's command records its arguments and runs the job.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml
from workflow_tree import ROOT, environment

pytestmark = pytest.mark.workflow

SNAKEFILE = """\
localrules: all, table
rule all:
    input: "table"
rule table:
    input: "evaluate"
    output: "table"
    shell: "cat {input} > {output}"
rule train:
    output: "train"
    threads: 2
    resources: gpu=1
    shell: "echo trained > {output}"
rule evaluate:
    input: "train"
    output: "evaluate"
    shell: "cp {input} {output}"
"""

#: Runs the submitted script at once and keeps its exit status.
RUN = 'for script; do :; done; sh "$script" >&2; echo $? > "$STAND_IN/rc"\n'
#: For each profile: the shell text that replaces each command of the batch system, and the texts that the submission
#: must contain. A replacement prints what the real command would print, and its arguments are logged.
SYSTEMS = {
    "generic": (
        {
            "sbatch": RUN + "echo 7",
            "squeue": 'if [ $(cat "$STAND_IN/rc") = 0 ]; then echo "7 COMPLETED None"; else echo "7 FAILED None"; fi',
            "scancel": "",
        },
        ["--parsable", "--cpus-per-task=2", "--mem=3000", "--time=90", "--gres=gpu:1", "--job-name=gan-bench-chunk"],
    ),
    "pbs": (
        {
            "qsub": RUN + "echo 7.server",
            "qstat": 'printf "Job Id: 7.server\\n    job_state = F\\n    Exit_status = %s\\n" $(cat "$STAND_IN/rc")',
            "qdel": "",
        },
        ["-l select=1:ncpus=2:mem=3000mb:ngpus=1", "-l walltime=5400", "-N gb-chunk"],
    ),
    "sge": (
        {
            "qsub": RUN + "echo 7",
            "qstat": 'echo "Following jobs do not exist: 7" >&2; exit 1',
            "qacct": 'printf "failed       0\\nexit_status  %s\\n" $(cat "$STAND_IN/rc")',
            "qdel": "",
        },
        ["-terse", "-pe smp 2", "-l h_vmem=1500M", "-l h_rt=5400", "-l gpu=1"],
    ),
    "htcondor": (
        {
            "condor_submit": 'cat > "$STAND_IN/description"; cat "$STAND_IN/description" >> "$STAND_IN/log"\n'
            'sh $(sed -n "s/^arguments = //p" "$STAND_IN/description") >&2; echo $? > "$STAND_IN/rc"; echo "7.0 - 7.0"',
            "condor_q": "",
            "condor_history": 'echo "4$(cat "$STAND_IN/rc")"',
            "condor_rm": "",
        },
        ["-terse", "request_cpus = 2\n", "request_memory = 3000MB\n", "request_gpus = 1\n", "> 60 * 90\n", "\nqueue\n"],
    ),
    "kubernetes": (
        {
            "kubectl": 'if [ "$1" = create ]; then cat > "$STAND_IN/description"; cat "$STAND_IN/description" >> "$STAND_IN/log"\n'
            'sh $(sed -n \'s/^ *command: .sh, "\\(.*\\)".$/\\1/p\' "$STAND_IN/description") >&2\n'
            'echo $? > "$STAND_IN/rc"; echo job.batch/gan-bench-7\n'
            'elif [ "$1" = get ]; then test $(cat "$STAND_IN/rc") = 0 && echo "SuccessCriteriaMet Complete" || echo Failed; fi',
        },
        ['cpu: "2", memory: 3000M', 'nvidia.com/gpu: "1"', "activeDeadlineSeconds: 5400", 'claimName: "work"'],
    ),
}


class Stage:
    """A folder with jobs to submit, the shipped profiles, and replacements for the commands of a batch system."""

    def __init__(self, folder: Path, commands: dict[str, str]) -> None:
        self.folder, self.bin = folder, folder / "bin"
        self.bin.mkdir()
        (folder / "Snakefile").write_text(SNAKEFILE)
        shutil.copytree(ROOT / "profiles", folder / "profiles")
        for name, text in commands.items():
            (self.bin / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "$STAND_IN/log"\n{text}\n')
            (self.bin / name).chmod(0o755)
        self.variables = {
            **environment(),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "STAND_IN": str(self.bin),
            "GAN_BENCH_IMAGE": "image",
            "GAN_BENCH_CLAIM": "work",
        }

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "snakemake", "--latency-wait", "5", "--seconds-between-status-checks", "1"]
        return subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def status(self, profile: str, number: str = "7") -> str:
        """Output of the profile's status command for a job."""
        command = [str(self.folder / "profiles" / profile / "status.sh"), number]
        run = subprocess.run(command, cwd=self.folder, env=self.variables, capture_output=True, text=True, check=True)
        return run.stdout.strip()

    @property
    def log(self) -> str:
        return (self.bin / "log").read_text()


#: Each case starts Snakemake, so the ordinary suite has only one case. All other cases need --slow.
ONE_AND_SLOWLY_ALL = [s if s == "generic" else pytest.param(s, marks=pytest.mark.slow) for s in SYSTEMS]


@pytest.mark.parametrize("system", ONE_AND_SLOWLY_ALL)
def test_a_chunk_is_one_submission_with_its_resources_and_the_job_is_run(system, tmp_path):
    commands, wanted = SYSTEMS[system]
    stage = Stage(tmp_path, commands)
    run = stage.snakemake("--profile", f"profiles/{system}")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "table").exists()
    assert len(re.findall(r"^Submitted group job", run.stdout + run.stderr, re.MULTILINE)) == 1
    for words in wanted:
        assert words in stage.log, stage.log


@pytest.mark.parametrize("system", ONE_AND_SLOWLY_ALL)
def test_a_job_that_fails_is_submitted_again_with_more_memory_and_then_given_up(system, tmp_path):
    stage = Stage(tmp_path, SYSTEMS[system][0])
    (tmp_path / "Snakefile").write_text(SNAKEFILE.replace("cp {input} {output}", "exit 1"))
    run = stage.snakemake("--profile", f"profiles/{system}", "--retries", "1")
    assert run.returncode == 1, run.stdout + run.stderr
    text = stage.log.replace("h_vmem=1500M", "3000").replace("h_vmem=3000M", "6000")
    assert "3000" in text and "6000" in text and "9000" not in text


OUTAGES = {
    "generic": {"squeue": "exit 1"},
    "pbs": {"qstat": 'echo "cannot connect to server" >&2; exit 255'},
    "sge": {"qstat": 'echo "error: commlib error" >&2; exit 1'},
    "htcondor": {"condor_q": "exit 1"},
    "kubernetes": {"kubectl": 'echo "The connection was refused" >&2; exit 1'},
}
FORGOTTEN = {
    "generic": {"squeue": "", "sacct": ""},
    "pbs": {"qstat": 'echo "qstat: Unknown Job Id 7" >&2; exit 153'},
    "htcondor": {"condor_q": "", "condor_history": ""},
    "kubernetes": {"kubectl": "echo 'Error (NotFound): jobs 7' >&2; exit 1"},
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_batch_system_that_does_not_answer_costs_no_job(system, tmp_path):
    stage = Stage(tmp_path, OUTAGES[system])
    (tmp_path / ".snakemake").mkdir()
    assert [stage.status(system) for _ in range(2)] == ["running", "running"]


@pytest.mark.parametrize("system", FORGOTTEN)
def test_a_job_that_nobody_knows_has_failed(system, tmp_path):
    stage = Stage(tmp_path, FORGOTTEN[system])
    (tmp_path / ".snakemake").mkdir()
    assert stage.status(system) == "failed"


@pytest.mark.parametrize(
    "profile",
    [
        p.name if p.name in ("generic", "slurm") else pytest.param(p.name, marks=pytest.mark.slow)
        for p in sorted((ROOT / "profiles").iterdir())
    ],
)
def test_every_key_of_a_profile_is_an_option_of_snakemake(profile, fresh):
    """A dry run of the default study with each profile reads all keys of the profile."""
    if profile == "slurm":
        pytest.importorskip("snakemake_executor_plugin_slurm")
    arguments = ["--cores", "1"] if profile == "default" else ["--profile", f"profiles/{profile}"]
    run = fresh.snakemake(*arguments, "-n", "-q", "all")
    assert "Traceback" not in run.stderr
    for key in yaml.safe_load((ROOT / "profiles" / profile / "profile.v9+.yaml").read_text()):
        assert re.fullmatch("[a-z-]+", key), key


def test_each_job_on_a_machine_of_two_devices_sees_one_of_them_that_no_other_has(tmp_path):
    stage = Stage(tmp_path, {"nvidia-smi": "exit 1"})
    rules = textwrap.dedent("""\
        rule all:
            input: expand("job{n}", n=range(4))
        rule job:
            output: "job{n}"
            resources: gpu=1
            shell: "echo $CUDA_VISIBLE_DEVICES > {output}; mkdir busy$CUDA_VISIBLE_DEVICES && sleep 2; rmdir busy$CUDA_VISIBLE_DEVICES"
        """)
    (tmp_path / "Snakefile").write_text(rules)
    stage.variables["GAN_BENCH_DEVICES"] = "3,5"
    run = stage.snakemake("--profile", "profiles/node")
    assert run.returncode == 0, run.stdout + run.stderr
    seen = [(tmp_path / f"job{n}").read_text().strip() for n in range(4)]
    assert sorted(set(seen)) == ["3", "5"], "both are used, and two jobs on one at the same time would have failed"


def test_a_job_that_wants_a_device_where_there_is_none_says_so(tmp_path):
    stage = Stage(tmp_path, {"nvidia-smi": "exit 1"})
    stage.variables.pop("CUDA_VISIBLE_DEVICES", None)
    run = stage.snakemake("--profile", "profiles/node", "--retries", "0")
    assert run.returncode == 1 and "a job wants a GPU and this machine shows none" in run.stderr
