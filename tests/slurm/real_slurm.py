"""A real, private Slurm in a separate folder: munge, one controller and two node daemons on the loopback interface."""

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
NODES = ("n1", "n2")
#: Default path of Slurm's configuration. Jobs of Snakemake's executor read it, because they do not inherit SLURM_CONF.
SYSTEM_CONFIG = Path("/etc/slurm/slurm.conf")

CONFIG = """\
ClusterName=gan-bench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=17000
SlurmdPort=17001
SrunPortRange=17100-17999
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
# A memory limit without cgroups: looked at each second.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=5,sched_interval=5,max_rpc_cnt=0
ReturnToService=2
# squeue remembers finished jobs for so many seconds.
MinJobAge=3600
KillWait=5
SlurmctldTimeout=30
# A node is declared dead after about so many seconds and ten.
SlurmdTimeout=20
InactiveLimit=0
Waittime=0
MaxJobCount=20000
GresTypes=gpu
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port=17011 CPUs=1 RealMemory=7000 Gres=gpu:2 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port=17012 CPUs=1 RealMemory=7000 State=UNKNOWN
PartitionName=cpu Nodes=n[1-2] Default=YES DefaultTime=10 MaxTime=400 DefMemPerCPU=200 State=UP
"""
GRES = """\
AutoDetect=off
NodeName=n1 Name=gpu File={folder}/gpus/nvidia[0-1]
"""


def missing() -> str:
    """The reason why Slurm cannot be started on this machine; "" if it can."""
    if os.geteuid() != 0:
        return "a Slurm of one's own needs root (its daemons start jobs of users)"
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    absent = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if absent:
        return f"{', '.join(absent)} not found; Debian: apt-get install slurmctld slurmd slurm-client munge"
    if SYSTEM_CONFIG.exists() or SYSTEM_CONFIG.is_symlink():
        return f"{SYSTEM_CONFIG} is there: this machine is part of a cluster, or an earlier test left it"
    return ""


class RealSlurm:
    """A Slurm that is started and stopped as a context. It kills only processes that it started itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gres = SYSTEM_CONFIG.with_name("gres.conf")
        self.earlier: set[str] = set()

    def __enter__(self) -> "RealSlurm":
        for name in ("run", "log", "state", "gpus", "munge", *(f"spool/{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "munge").chmod(0o700)
        (self.folder / "run").chmod(0o755)
        key = self.folder / "munge/munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        for number in (0, 1):  # the GPUs are fake: character devices like /dev/null
            os.mknod(self.folder / f"gpus/nvidia{number}", 0o666 | 0o020000, os.makedev(1, 3))
        SYSTEM_CONFIG.parent.mkdir(exist_ok=True)
        for file, text in ((SYSTEM_CONFIG, CONFIG), (self.gres, GRES)):
            own = self.folder / file.name
            own.write_text(text.format(folder=self.folder, host=platform.node().split(".")[0]))
            file.symlink_to(own)
        try:
            self._start_munge()
            self.start_controller()
            for node in NODES:
                self.start_node(node)
            self.wait("all nodes idle", lambda: self.nodes() == dict.fromkeys(NODES, "idle"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(AssertionError):
            # Cancel jobs first. Otherwise the processes that supervise jobs would search for the controller for ever.
            if self.pid("slurmctld") is None and self.pid("munged") is not None:
                self.start_controller()
            self.call("scancel", "--user=root")
            self.wait("all jobs gone", lambda: not self.jobs("running,completing"), 20)
        names = (*(f"slurmd.{node}" for node in NODES), "slurmctld", "munged")
        for name in names:
            self.stop(name, signal.SIGTERM)
        for file in (SYSTEM_CONFIG, self.gres):
            file.unlink(missing_ok=True)

    # -- daemons

    def _start_munge(self) -> None:
        run = self.folder / "run"
        options = {"key-file": self.folder / "munge/munge.key", "socket": run / "munge.socket"}
        options |= {"pid-file": run / "munged.pid", "log-file": self.folder / "log/munged.log"}
        options |= {"seed-file": self.folder / "munge/munged.seed", "num-threads": 2}
        self.call("munged", *(f"--{key}={value}" for key, value in options.items()))

    def start_controller(self) -> None:
        self.call("slurmctld")

    def start_node(self, node: str) -> None:
        self.call("slurmd", "-N", node)

    def pid(self, name: str) -> int | None:
        """Process id of the daemon `name`; None if it is not running."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.folder / f"run/{name}.pid").read_text())
            if name.partition(".")[0] in Path(f"/proc/{pid}/cmdline").read_text():
                return pid
        return None

    def stop(self, name: str, how: signal.Signals) -> None:
        """Send a signal to a daemon (`slurmctld`, `slurmd.n1`, `munged`) and wait until it has ended."""
        pid = self.pid(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            self.wait(f"{name} gone", lambda: not Path(f"/proc/{pid}").exists())

    def repair(self) -> None:
        """Start the controller and nodes that do not run, cancel all jobs, and wait until every node is idle."""
        if self.pid("slurmctld") is None:
            self.start_controller()
        self.wait("an answer of the controller", self.nodes)
        self.call("scancel", "--user=root")
        for node in NODES:
            if self.pid(f"slurmd.{node}") is None:
                self.start_node(node)
        self.wait("all nodes idle", lambda: self.nodes() == dict.fromkeys(NODES, "idle"))
        self.earlier |= self.history().keys()

    def crash_node(self, node: str) -> None:
        """Imitate a power failure of a node: kill its daemon and all processes of its jobs at once."""
        self.stop(f"slurmd.{node}", signal.SIGKILL)
        for job in self.jobs("running", node):
            for pid in list(processes_of(job)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    # -- questions

    def call(self, *command: str, check: bool = True) -> str:
        """Run one of Slurm's programs and return its output."""
        env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert not check or run.returncode == 0, f"{command}: {run.stdout}{run.stderr}{self.logs()}"
        return run.stdout

    def nodes(self) -> dict[str, str]:
        """State of each node."""
        lines = self.call("sinfo", "--noheader", "--Node", "--format=%N %T", check=False).splitlines()
        return dict(line.split() for line in lines)

    def jobs(self, states: str = "all", node: str = "") -> list[str]:
        """Ids of jobs in these states."""
        where = (f"--nodelist={node}",) if node else ()
        text = self.call("squeue", "--noheader", f"--states={states}", "--format=%A", *where)
        return text.split()

    def history(self) -> dict[str, tuple[str, str]]:
        """(state, name and comment) of every job since the last repair, by id."""
        rows = self.call("squeue", "--noheader", "--states=all", "--format=%A|%T|%j %k").splitlines()
        found = {number: (state, what) for number, state, what in (row.split("|", 2) for row in rows)}
        return {number: told for number, told in found.items() if number not in self.earlier}

    def wait(self, what: str, ready: Callable[[], object], seconds: float = 60) -> None:
        """Wait until `ready()` is true. On failure, the error has the last lines of the daemons' logs."""
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, f"waited {seconds} s for {what}\n{self.logs()}"
            time.sleep(0.1)

    def logs(self) -> str:
        """Last lines of every daemon's log."""
        files = sorted((self.folder / "log").glob("*.log"))
        return "\n".join(f"-- {file.name}\n" + file.read_text(errors="replace")[-1500:] for file in files)


def processes_of(job: str) -> Iterator[int]:
    """Ids of a job's processes (their environment has the job's number) and of the daemon that supervises them."""
    mark = f"SLURM_JOB_ID={job}".encode()
    watcher = f"slurmstepd: [{job}.".encode()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                mine = mark in (place / "environ").read_bytes().split(b"\0")
                if mine or (place / "cmdline").read_bytes().startswith(watcher):
                    yield int(place.name)
