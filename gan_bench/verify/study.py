"""Checks the stored files of a study, trains some runs again, and reports differences."""

import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.config.plan.protocol import extractors_of, scoring_protocol
from gan_bench.config.settings import validate_run_settings
from gan_bench.dag import extractor_id
from gan_bench.data import DataSet, open_data, prepare
from gan_bench.errors import UserError
from gan_bench.features.reference import prepare_reference
from gan_bench.files import digest_file
from gan_bench.jobs.detect import detect_cell
from gan_bench.jobs.evaluate import evaluate_cell
from gan_bench.jobs.evaluate import prepare as prepare_scoring
from gan_bench.jobs.tools import tools
from gan_bench.paths import HISTORY, MANIFEST, seed_folder
from gan_bench.provenance import stage_digest, train_digest
from gan_bench.registry import component
from gan_bench.stats.write.names import TABLES
from gan_bench.train.run import train_run
from gan_bench.verify.compare import STATED, first_difference, other_bytes, other_machine, outside
from gan_bench.verify.stored import read_manifest, wrong_files
from gan_bench.words import plural


@dataclass(frozen=True)
class Repetition:
    """A repeated run: its folder, its status document, whether it was scored, and how long it took."""

    folder: Path
    status: Mapping[str, Any]
    scored: bool
    seconds: float


class Repeater:
    """Trains runs of a study again. Data sets are prepared again if those of the study are missing or damaged."""

    def __init__(self, study_folder: Path, results: Mapping[str, Any], folder: Path, data_dir: Path | None) -> None:
        self.stored_data = study_folder.parent / "data"
        self.results = results
        self.folder = folder
        self.data_dir = data_dir

    def repeat(self, name: str) -> Repetition:
        """Train the run `name` again. It is scored if features with the recorded SHA-256 are stored or can be made.

        UserError if the data cannot be prepared with the same digest, or if this machine cannot train the run.
        """
        began = time.monotonic()
        cell, _, seed_text = name.rpartition("/seed")
        seed = int(seed_text)
        settings = validate_run_settings({**self.results["cells"][cell], "seed": seed}, title=f"settings of {cell}")
        label = cell.partition("/")[0]
        data = self._data(self.results["datasets"][label]["data"], self.results["runs"][name]["data"])
        cell_folder = self.folder / "runs" / cell
        out = seed_folder(cell_folder, seed)
        status = train_run(settings, data, out, tools=tools(data))
        evaluation = self.results["evaluation"]
        references = [self._reference(data, extractor) for extractor in extractors_of(evaluation, label)]
        folders = [folder for folder in references if folder is not None]
        scored = len(folders) == len(references)
        if scored:
            protocol = scoring_protocol(evaluation)
            scorings = [self._scoring(folder, protocol) for folder in folders]
            evaluate_cell(
                cell_folder, [seed], folders[0], scorings[0], data.folder, protocol, threads=1, others=scorings[1:]
            )
            detect_cell(cell_folder, [seed])
        return Repetition(out, status, scored, time.monotonic() - began)

    def _data(self, data_id: str, digest: str) -> DataSet:
        for folder in (self.stored_data / data_id, self.folder / "data" / data_id):
            try:
                data = open_data(folder)
                data.verify()
            except UserError:  # missing or damaged; the check of stored files reports damage
                continue
            if data.digest == digest:
                return data
        folder = self.folder / "data" / data_id
        prepare(self.results["data"][data_id]["ref"], folder, self.data_dir)
        data = open_data(folder)
        if data.digest != digest:
            raise UserError(f"data set {data_id}: the data prepared now have digest {data.digest}, not {digest}.")
        return data

    def _reference(self, data: DataSet, extractor: Mapping[str, Any]) -> Path | None:
        """Folder with features that have the recorded SHA-256, copied or made again; None if neither is possible."""
        name = f"{data.folder.name}/reference/{extractor_id(extractor)}"
        digests = self.results["features"].get(name)
        folder = self.folder / "features" / name
        if digests is None:
            return None
        if not folder.is_dir():
            if _same_features(self.stored_data / name, digests):
                shutil.copytree(self.stored_data / name, folder, ignore=shutil.ignore_patterns("scoring"))
            else:
                with contextlib.suppress(UserError):  # the weights of a pretrained network may be absent here
                    prepare_reference(data.folder, dict(extractor), folder)
        return folder if _same_features(folder, digests) else None

    def _scoring(self, reference: Path, protocol: Mapping[str, Any]) -> Path:
        file = reference / "scoring" / "again" / "scoring.json"
        if not file.is_file():
            prepare_scoring(reference, file, protocol, threads=1)
        return file


def _same_features(folder: Path, digests: Mapping[str, str]) -> bool:
    # The manifest does not list extractor.json. It is checked against the other files when the features are opened.
    return (folder / "extractor.json").is_file() and all(
        (folder / name).is_file() and digest_file(folder / name) == sha for name, sha in digests.items()
    )


Say = Callable[[str], None]


def verify(study_folder: Path, sample: int, seed: int, data_dir: Path | None, say: Say) -> None:
    """Compare the stored files with the manifest. Then train some runs again and compare them with the stored runs.

    `seed` chooses the runs, and `sample` is their number. UserError has a sentence for each missing or changed file,
    for each run that differs from its repetition, and for each chosen run that cannot be trained again here.
    """
    if sample < 0:
        raise UserError(f"--sample is {sample}; valid: 0 or more runs.")
    manifest = read_manifest(study_folder)
    count, wrong = wrong_files(study_folder, manifest)
    say(f"{study_folder}: {plural(count, 'stored file')} read, {len(wrong)} differ from {MANIFEST}")
    wrong += _tables_of_other_code(study_folder, manifest, wrong)
    for sentence in wrong:
        say(sentence)
    # A failed run has no bytes to compare, and a timeout depends on the machine's speed.
    comparable = [n for n, run in manifest["results"]["runs"].items() if run["status"] in ("ok", "diverged")]
    names = choose(comparable, sample, seed)
    failed = []
    with tempfile.TemporaryDirectory(prefix="gan-bench-verify-") as folder:
        repeater = Repeater(study_folder, manifest["results"], Path(folder), data_dir)
        for name in names:
            agrees, text = _repeat_run(study_folder, manifest, repeater, name)
            say(f"{name}: {text}")
            failed += [] if agrees else [f"{name}: {text}"]
    total = len(manifest["results"]["runs"])
    say(f"{len(names)} of {plural(total, 'run')} trained again, {len(failed)} differ from the stored runs")
    if wrong or failed:
        raise UserError(*wrong, *failed)


def _tables_of_other_code(study_folder: Path, manifest: Mapping[str, Any], wrong: list[str]) -> list[str]:
    """Sentences to add to `wrong`: one if `wrong` names a table and the code of tables has changed; else none."""
    then, now = manifest["code"]["tables"], stage_digest("tables")
    if then == now or not any(sentence.startswith(f"{study_folder / TABLES}/") for sentence in wrong):
        return []
    return [
        f"The code of the tables has changed since the study ({then} -> {now}). If the study was drawn again with this "
        "version, its tables differ from the manifest for this reason."
    ]


def choose(names: list[str], count: int, seed: int) -> list[str]:
    """Sort the names by the SHA-256 of seed and name, and return the first `count`.

    The same names, count and seed give the same choice on every machine.
    """
    order = sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    return order[:count]


def _repeat_run(study_folder: Path, manifest: Mapping[str, Any], repeater: Repeater, name: str) -> tuple[bool, str]:
    """Train a run again; returns (whether it agrees with the stored run, a sentence on the comparison)."""
    run = manifest["results"]["runs"][name]
    try:
        again = repeater.repeat(name)
    except UserError as error:
        return False, "cannot be trained again here: " + " ".join(error.sentences)
    outcome = f"{again.status['status']}, {plural(again.status['g_steps'], 'step')}, {again.seconds:.1f} s"
    outcome += "" if again.scored else "; not scored again: its features are missing and cannot be made again here"
    different = other_bytes(again.folder, run["sha256"], scored=again.scored)
    if not different:
        return True, f"bit-identical ({outcome})"
    stored = next(m["provenance"] for m in manifest["made_with"] if name in m["runs"])
    machine = other_machine(stored, again.status["provenance"])
    code = _other_code(manifest, name)
    if machine and not code:
        return _within(study_folder / "runs" / name, manifest, again, name, machine, outcome)
    text = f"DIFFERS in {', '.join(different)}{_where(study_folder / 'runs' / name, run, again, different)}"
    text += f"; the code has changed: {', '.join(code)}" if code else "; same code, versions and processor"
    return False, f"{text} ({outcome})"


def _within(
    stored: Path, manifest: Mapping[str, Any], again: Repetition, name: str, machine: list[str], outcome: str
) -> tuple[bool, str]:
    """Compare a repetition, within tolerances, with the stored run of another machine or of other library versions."""
    changed = f"stored run of another machine class: {', '.join(machine)}"
    digests = manifest["results"]["runs"][name]["sha256"]
    files = [file for file in digests if not (stored / file).is_file() or digest_file(stored / file) != digests[file]]
    if files:
        return False, f"cannot be compared: {changed}; stored {', '.join(files)} missing or damaged ({outcome})"
    why = outside(stored, again.folder, _judged(manifest), scored=again.scored)
    if why is not None:
        return False, f"DIFFERS beyond the tolerance: {why}; {changed} ({outcome})"
    return True, f"within the tolerance for another machine class ({STATED}); {changed} ({outcome})"


def _judged(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the metric values that can rank variants. Others, such as p values, are not compared."""
    refs = manifest["results"]["evaluation"]["metrics"]
    values = [value for ref in refs for value in component("metrics", ref["name"]).facts["values"].items()]
    return [name for name, facts in values if facts["direction"] != "none"]


def _other_code(manifest: Mapping[str, Any], name: str) -> list[str]:
    """Stages whose code has changed since the study, as "stage STORED_DIGEST -> PRESENT_DIGEST"."""
    cell = name.rpartition("/seed")[0]
    metrics = [("metrics", ref["name"]) for ref in manifest["results"]["evaluation"]["metrics"]]
    then = {"train": manifest["results"]["runs"][name]["code"]}
    then |= {stage: manifest["code"][stage] for stage in ("evaluate", "collapse")}
    now = {"train": train_digest(manifest["results"]["cells"][cell])}
    now |= {"evaluate": stage_digest("evaluate", metrics), "collapse": stage_digest("collapse")}
    return [f"{stage} {then[stage]} -> {now[stage]}" for stage in then if then[stage] != now[stage]]


def _where(stored: Path, run: Mapping[str, Any], again: Repetition, different: list[str]) -> str:
    """Text on the first difference from the stored history; "" if there is none, or if that history is not intact."""
    file = stored / HISTORY
    if HISTORY not in different or not file.is_file() or digest_file(file) != run["sha256"][HISTORY]:
        return ""
    return f" ({first_difference(file, again.folder / HISTORY)})"
