"""Runs a small study without Snakemake, in seconds instead of half a minute.

    python small_study.py STUDY.yaml RESULTS [SEEDS_OF_ONE_JOB]

calls the commands of the workflow's rules. It writes the files of the workflow below RESULTS, except figures and page.
"""

import contextlib
import io
import sys
from pathlib import Path

from gan_bench.cli import main
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.dag import extractor_id
from gan_bench.files import canonical_json

STUDY = """\
description: Two cells, two seeds, twenty steps.
datasets: [digits]
variants:
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: adam
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: least_squares
    optimizer: {name: sgd, lr: 0.05}
seeds: 2
budget: {g_steps: 20}
log_points: 20
snapshots: 3
checkpoints: 2
evaluation: {n_samples: 100, extractor: {name: random_conv, width: 8}}
"""


def command(*arguments: str | Path) -> str:
    """Run a command and return its output. If the command fails, raise SystemExit."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([str(argument) for argument in arguments])
    if code != 0:
        raise SystemExit(f"{' '.join(map(str, arguments[:2]))} ended with {code}")
    return out.getvalue()


class Jobs:
    """The commands of each stage of a study, as the workflow's rules call them.

    One call trains `chunk` seeds.
    """

    def __init__(self, study: Path, results: Path, chunk: int = 2) -> None:
        self.study, self.results = study, results
        self.plan = expand(load_study(str(study))).to_json()
        self.folder = results / self.plan["study"]
        self.log = ("--log", results / "log")
        label, dataset = next(iter(self.plan["datasets"].items()))
        self.data_ref, self.extractor_ref = dataset["ref"], self.plan["evaluation"]["extractor"][label]
        self.data = results / "data" / dataset["id"] / "manifest.json"
        self.reference = self.data.parent / "reference" / extractor_id(self.extractor_ref) / "extractor.json"
        self.scoring = self.reference.parent / "scoring" / "one" / "scoring.json"
        protocol = {key: self.plan["evaluation"][key] for key in ("metrics", "split", "n_samples")}
        self.protocol = ("--evaluation", canonical_json(protocol), "--reference", self.reference)
        self.chunks = [
            (cell, k, ("--seeds", ",".join(map(str, cell["seeds"][start : start + chunk]))))
            for cell in self.plan["cells"]
            for k, start in enumerate(range(0, len(cell["seeds"]), chunk))
        ]

    def cell(self, cell: dict) -> Path:
        return self.folder / "runs" / cell["dataset"] / cell["id"]

    def stage(self, name: str) -> list[tuple]:
        """Arguments of each command of a stage. The last argument is the value of --out or --study-folder."""
        return [("job", name, *arguments) for arguments in self._arguments(name)]

    def _arguments(self, name: str) -> list[tuple]:
        if name == "plan":
            return [("--study", self.study, "--device", "cpu", "--out", self.folder / "plan.json")]
        if name == "data":
            return [("--settings", canonical_json(self.data_ref), *self.log, "--out", self.data)]
        if name == "reference":
            settings = ("--settings", canonical_json(self.extractor_ref), "--data", self.data)
            return [(*settings, *self.log, "--out", self.reference)]
        if name == "prepare-scoring":
            return [(*self.protocol, *self.log, "--out", self.scoring)]
        if name in ("collect", "tables", "manifest"):
            return [(*self.log, "--study-folder", self.folder)]
        more = {
            "train-cell": lambda cell: ("--settings", canonical_json(cell["settings"]), "--data", self.data),
            "evaluate-cell": lambda _cell: (*self.protocol, "--data", self.data, "--scoring", self.scoring),
            "detect-cell": lambda _cell: (),
        }[name]
        suffix = {"train-cell": "train", "evaluate-cell": "evaluate", "detect-cell": "collapse"}[name]
        return [
            (*more(cell), *seeds, *self.log, "--out", self.cell(cell) / f"chunk{k}.{suffix}.json")
            for cell, k, seeds in self.chunks
        ]

    def again(self) -> list[str]:
        """Run every job whose output is missing, and all later jobs.

        The last stages (collect, tables, manifest) always run. Returns the stages of the jobs that ran. `self.said` is
        their output.
        """
        ran, self.said = [], ""
        for name in STAGES:
            for call in self.stage(name):
                if ran or name in ("collect", "tables", "manifest") or not Path(call[-1]).is_file():
                    self.said += command(*call)
                    ran.append(name)
        return ran


STAGES = ("plan", "data", "reference", "prepare-scoring", "train-cell", "evaluate-cell", "detect-cell", "collect")
STAGES += ("tables", "manifest")


def run(study: Path, results: Path, chunk: int = 2) -> Path:
    """Run the whole study and return its folder."""
    jobs = Jobs(study, results, chunk)
    jobs.again()
    return jobs.folder


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
