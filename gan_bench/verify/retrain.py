"""Trains and scores a run of a manifest again, in a separate folder."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.config.plan.grid import scoring_protocol
from gan_bench.data import DataSet, open_data, prepare
from gan_bench.errors import UserError
from gan_bench.files import digest_file
from gan_bench.jobs.evaluate import detect_cell, evaluate_cell
from gan_bench.jobs.evaluate import prepare as prepare_scoring
from gan_bench.jobs.watch import watcher
from gan_bench.paths import seed_folder
from gan_bench.train.run import train_run


@dataclass(frozen=True)
class Repetition:
    """A repeated run: its files, its status, whether it was scored, and how long it took."""

    folder: Path
    status: Mapping[str, Any]
    scored: bool
    seconds: float


class Repeater:
    """Repeats runs of one manifest. Data is prepared again if the study's is not intact."""

    def __init__(self, study_folder: Path, results: Mapping[str, Any], folder: Path, data_dir: Path | None) -> None:
        self.stored_data = study_folder.parent / "data"
        self.results = results
        self.folder = folder
        self.data_dir = data_dir

    def repeat(self, name: str) -> Repetition:
        """Train the run called `name` from its settings, and score it if the features are intact.

        UserError if its data cannot be prepared with the same digest, or if this machine cannot train it.
        """
        began = time.monotonic()
        cell, _, seed_text = name.rpartition("/seed")
        seed, settings = int(seed_text), {**self.results["cells"][cell], "seed": int(seed_text)}
        place = self.results["datasets"][cell.partition("/")[0]]
        data = self._data(place["data"], self.results["runs"][name]["data"])
        cell_folder = self.folder / "runs" / cell
        out = seed_folder(cell_folder, seed)
        status = train_run(settings, data, out, watch=watcher(settings))
        features = place["features"]
        scored = features is not None and self._intact(features)
        if scored:
            protocol = scoring_protocol(self.results["evaluation"])
            reference = self.stored_data / features
            scoring = self.folder / "scoring" / features / "scoring.json"
            if not scoring.is_file():
                prepare_scoring(reference, scoring, threads=1, **protocol)
            evaluate_cell(cell_folder, [seed], reference, scoring, data.folder, threads=1, **protocol)
            detect_cell(cell_folder, [seed])
        return Repetition(out, status, scored, time.monotonic() - began)

    def _data(self, data_id: str, digest: str) -> DataSet:
        for folder in (self.stored_data / data_id, self.folder / "data" / data_id):
            try:
                data = open_data(folder)
                data.verify()
            except UserError:  # missing or damaged: reported by the check of stored files
                continue
            if data.digest == digest:
                return data
        folder = self.folder / "data" / data_id
        prepare(self.results["data"][data_id]["ref"], folder, self.data_dir)
        data = open_data(folder)
        if data.digest != digest:
            raise UserError(f"data set {data_id}: built anew it has digest {data.digest}, the run had {digest}.")
        return data

    def _intact(self, features: str) -> bool:
        files = self.results["features"][features]
        folder = self.stored_data / features
        # The manifest does not list the record; its content is checked against the other files when it is opened.
        return (folder / "extractor.json").is_file() and all(
            (folder / name).is_file() and digest_file(folder / name) == sha for name, sha in files.items()
        )
