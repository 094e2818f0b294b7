"""Runs a study of 20 runs, four with a broken model, in a pseudo-terminal, with one Ctrl-C and one kill.

    .venv/bin/python benchmarks/running/transcript.py [FOLDER]

Takes about three minutes of CPU. Writes transcript.txt into FOLDER (default: docs/running), and terminal.png and
page.png if chromium is installed. Fails if an exit code differs from the expected one (docs/running.md).
"""

import argparse
import contextlib
import html
import os
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from fcntl import ioctl
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 110

STUDY = """\
datasets: [digits]
variants:
  - {model: {name: mlp, g_widths: [32], d_widths: [32]}, loss: [non_saturating, hinge], optimizer: adam}
  - {model: {name: mlp, g_widths: [32], d_widths: [32]}, loss: least_squares, optimizer: [adam, sgd]}
  - {model: ./broken.py, loss: hinge, optimizer: adam}
seeds: 4
budget: {g_steps: 3000}
log_points: 100
evaluation: {metrics: [frechet]}
figures: [loss_curves]
log_to: [csv]
"""

BROKEN = '''\
"""A multilayer perceptron whose generator raises after some passes."""

from math import prod

from torch import Tensor, nn

from gan_bench.models import Pair

FACTS = {
    "paper": "", "settings": {}, "deviations": [], "sizes": None, "channels": None, "critic_batch_coupled": {},
}


class Tired(nn.Module):
    passes = 0

    def forward(self, images: Tensor) -> Tensor:
        Tired.passes += 1
        if Tired.passes > 200:
            raise RuntimeError("index 10 is out of range for the table of classes")
        return images


def build(shape, settings):
    generator = nn.Sequential(nn.Linear(4, prod(shape)), nn.Tanh(), nn.Unflatten(1, shape), Tired())
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), 1), nn.Flatten(0))
    return Pair(generator, discriminator, 4)
'''


class Terminal:
    """Runs commands in a pseudo-terminal, and records what a person would see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = ""
        self.codes: list[tuple[str, int]] = []

    def run(self, command: str, event: Callable[[psutil.Process, int], str] | None = None, when: str = "") -> str:
        """Run a `gan-bench` command and return its output. `event` is called once, when the output matches `when`."""
        self.text += f"$ {command}\n"
        words = shlex.split(command)
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execvpe(sys.executable, [sys.executable, "-m", "gan_bench.cli", *words[1:]], self._environment())
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        output, fired = "", False
        while True:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    data = os.read(terminal, 65536)
                except OSError:  # the command has closed the terminal
                    data = b""
                if not data:
                    break
                output += data.decode("utf-8", "replace").replace("\r\n", "\n")
            if event is not None and not fired and re.search(when, output):
                fired = True
                output += event(psutil.Process(process), terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.close(terminal)
        self.text += f"{output.rstrip()}\n[exit code {code if code >= 0 else 128 - code}]\n\n"
        self.codes.append((command, code))
        return output

    def _environment(self) -> dict[str, str]:
        own = {"PYTHONPATH": str(ROOT), "GAN_BENCH_PROGRESS_SECONDS": "10", "OMP_NUM_THREADS": "1", "TERM": "xterm"}
        return {**os.environ, **own, "GAN_BENCH_CHECKPOINT_SECONDS": "2"}


def ctrl_c(_process: psutil.Process, terminal: int) -> str:
    os.write(terminal, b"\x03")
    return ""


def kill(process: psutil.Process, _terminal: int) -> str:
    """Send SIGKILL to the command, Snakemake and its jobs, as if the machine lost power."""
    for victim in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.send_signal(signal.SIGKILL)
    return "(kill -9 of every process)\n"


def picture(page: Path, target: Path, width: int, height: int) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print(f"{target}: not drawn, no chromium")
        return
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]
    call = [browser, *options, f"--screenshot={target}", page.as_uri()]
    subprocess.run(call, check=True, capture_output=True, timeout=120)
    print(target)


def terminal_page(text: str) -> str:
    style = "margin:0;padding:16px;background:#16181d;color:#d8dee9;font:14px/1.35 monospace;white-space:pre-wrap"
    body = re.sub(r"(?m)^\$ .*$", lambda line: f'<b style="color:#8fbc6a">{line.group()}</b>', html.escape(text))
    body = re.sub(r"\[exit code \d+\]", lambda code: f'<span style="color:#e0a458">{code.group()}</span>', body)
    return f'<meta charset="utf-8"><body style="margin:0"><pre style="{style}">{body}</pre>'


def shortened(text: str) -> str:
    """The transcript without colours, without Snakemake's banner and without the path of Snakemake's log."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"(?ms)^Using workflow specific profile.*?^  Config MD5: \w+\n\n?", "(Snakemake's banner)\n", text)
    return re.sub(r"(?m)^(Complete log\(s\): ).*$", r"\1.snakemake/log/...", text)


def elided(text: str) -> str:
    """The transcript, with the middle of long outputs left out."""
    commands = []
    for command in text.split("$ gan-bench")[1:]:
        lines = command.rstrip().splitlines()
        if len(lines) > 24:
            lines = [*lines[:11], f"    ... {len(lines) - 22} lines ...", *lines[-11:]]
        commands.append("$ gan-bench" + "\n".join(lines) + "\n\n")
    return "".join(commands)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "running")
    out = parser.parse_args().folder.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("Snakefile", "workflow", "config", "profiles"):
            origin = ROOT / name
            (shutil.copytree if origin.is_dir() else shutil.copy)(origin, folder / name)
        (folder / "twenty.yaml").write_text(STUDY)
        (folder / "broken.py").write_text(BROKEN)
        terminal, begun = Terminal(folder), time.monotonic()
        terminal.run("gan-bench check twenty.yaml --cores 2")
        command = "gan-bench run twenty.yaml --cores 2"
        terminal.run(command, ctrl_c, when=r"step [\d,]+ (to [\d,]+ )?of 3,000")
        terminal.run("gan-bench status twenty.yaml --cores 2")
        terminal.run(command, kill, when=r"step [\d,]+ (to [\d,]+ )?of 3,000")
        terminal.run("gan-bench status twenty.yaml --cores 2")
        terminal.run(command)
        terminal.run("gan-bench status twenty.yaml --cores 2")
        codes = [code for _, code in terminal.codes]
        text = shortened(terminal.text).replace(str(folder), ".")
        (out / "transcript.txt").write_text(text)
        print(text, f"\n{time.monotonic() - begun:.0f} s, exit codes {codes}", sep="")
        short = elided(text)
        (folder / "terminal.html").write_text(terminal_page(short))
        picture(folder / "terminal.html", out / "terminal.png", 960, 40 + 19 * _lines(short))
        picture(folder / "results" / "twenty" / "report.html", out / "page.png", 1200, 2400)
    assert codes == [0, 130, 0, -signal.SIGKILL, 0, 3, 0], codes


def _lines(text: str) -> int:
    return sum(1 + len(line) // COLUMNS for line in text.splitlines())


if __name__ == "__main__":
    main()
