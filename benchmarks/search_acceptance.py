"""Compares searches that were killed with undisturbed searches: the results must have equal bytes (random, TPE).

    python benchmarks/search_acceptance.py [--sampler random tpe] [--trials 6] [--folder FOLDER]

The study is config/studies/search_losses.yaml (seven losses on digits) with short runs; TPE proposes trials in three
rounds. A copy of the project runs it undisturbed. A second copy is killed twice with SIGKILL, after 30 % and 85 % of
the trials, and started again with the same command each time. At the end, these files must be equal in both copies:
manifests (with the digests of the files of all runs), plans, documents of the search's stages, tables, and the figure
search_curves. The script kills only processes that it started.

The script also times the plan of 2,000 trials. Exit code 0 if everything is equal, 1 otherwise. Linux only (/proc).
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chaos import ROOT, Study, say, settle

#: Shares of the trials after which the study is killed.
KILLS = (0.3, 0.85)
NAME = "search_losses"


class Search(Study):
    """A copy of the project whose default study is the search."""

    def __init__(self, folder: Path, sampler: str, trials: int) -> None:
        super().__init__(folder, 0)
        text = (ROOT / f"config/studies/{NAME}.yaml").read_text()
        search = f"sampler: {sampler}\n  trials: {trials}\n  budget: {{g_steps: 40}}"
        text = re.sub(r"sampler: random\n  trials: 12 .*", search, text)
        text = (
            text.replace("g_steps: 600", "g_steps: 60").replace("seeds: 8", "seeds: 3")
            + "figures: [search_curves, loss_curves]\n"
        )
        (folder / "config/studies/demo.yaml").write_text(text)
        self.trials = 7 * trials

    def trained(self) -> int:
        """Number of trials that have been trained."""
        return len(list(self.folder.glob("results/demo/runs/*/*/chunk1????.train.json")))

    def compared(self) -> dict[str, bytes]:
        """Path below the study's folder -> content, for the files that must be equal."""
        study = self.folder / "results/demo"
        patterns = ("manifest.json", "plan.json", "search/*.json", "tables/*", "figures/search_curves.*")
        return {str(file.relative_to(study)): file.read_bytes() for p in patterns for file in sorted(study.glob(p))}


def finish(process: subprocess.Popen[bytes], study: Search) -> None:
    """Wait for the command of a study. SystemExit if it fails."""
    if process.wait() != 0 or study.manifest is None:
        raise SystemExit(f"the search failed: see {study.log}")


def kill_when(study: Search, trials: int) -> str:
    """Start the study, and kill all of its processes when `trials` trials are trained. Returns the moment in words."""
    process = study.start()
    while study.trained() < trials:
        if process.poll() is not None:
            raise SystemExit(f"the study ended before {trials} trials were trained: see {study.log}")
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    settle(process.pid)
    stages = len(list(study.folder.glob("results/demo/search/stage*.json")))
    return f"after {study.trained()} of {study.trials} trials and {stages} stages"


def accept(sampler: str, trials: int, folder: Path) -> bool:
    """Run the search undisturbed and, at the same time, a copy that is killed twice; compare their results."""
    began = time.monotonic()
    straight, killed = (Search(folder / sampler / name, sampler, trials) for name in ("straight", "killed"))
    undisturbed = straight.start()
    moments = [kill_when(killed, round(share * killed.trials)) for share in KILLS]
    finish(killed.start(), killed)
    finish(undisturbed, straight)
    return report(sampler, straight, killed, moments, time.monotonic() - began)


def report(sampler: str, straight: Search, killed: Search, moments: list[str], seconds: float) -> bool:
    """Print the comparison of a killed search with the undisturbed search; returns whether their files are equal."""
    ours, theirs = straight.compared(), killed.compared()
    different = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    say(f"{sampler}: {straight.trials} trials, both together {seconds:.0f} s; killed {', '.join(moments)}")
    say(f"resumed runs {killed.resumed()}; {len(ours)} files compared, different: {', '.join(different) or 'none'}")
    print((straight.folder / "results/demo/tables/search.md").read_text())
    return not different


def time_plan(folder: Path) -> None:
    """Print the CPU seconds of the plan of 2,000 trials, made in a separate process."""
    text = (ROOT / f"config/studies/{NAME}.yaml").read_text().replace("trials: 6 ", "trials: 286 ")
    file = folder / "many.yaml"
    file.write_text(text)
    code = "from gan_bench.config.load import load_study; from gan_bench.config.plan.grid import expand\nimport time\n"
    code += f"t = time.process_time(); plan = expand(load_study({str(file)!r})); n = len(plan.search.trials())\n"
    code += "print(f'plan of {n} trials: {time.process_time() - t:.2f} CPU s, {len(plan.trial_cells)} cells')"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sampler", nargs="+", default=["random", "tpe"], choices=["random", "tpe", "gp"])
    parser.add_argument("--trials", type=int, default=6, help="of each of the seven losses")
    parser.add_argument("--folder", type=Path, help="kept afterwards; default: a temporary one")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="gan-bench-search-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        time_plan(folder)
        results = [accept(sampler, args.trials, folder) for sampler in args.sampler]
        return int(not all(results))
    finally:
        if args.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
