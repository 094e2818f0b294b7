"""Scores the runs of one chunk (some seeds of a cell)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench.files import digest_file, write_json
from gan_bench.paths import METRICS, seed_folder
from gan_bench.registry import component

if TYPE_CHECKING:
    from gan_bench.features.reference import Reference


def prepare(reference_folder: Path, out: Path, evaluation: Mapping[str, Any], threads: int) -> None:
    """Write scoring.json and its tensors: the intermediate results that all runs on a data set share.

    `evaluation`, here and in `evaluate_cell`, is the scoring protocol of a study: metrics, split, n_samples, and
    validation if the study sets images aside.
    """
    import torch

    from gan_bench.features.reference import open_reference
    from gan_bench.metrics.evaluate import prepare_scoring

    torch.set_num_threads(threads)
    metrics, split, n_samples = (evaluation[key] for key in ("metrics", "split", "n_samples"))
    # The features of a data set are in its folder: DATA/reference/EXTRACTOR.
    reference = _with_images(open_reference(reference_folder), metrics, reference_folder.parents[1])
    prepare_scoring(reference, metrics, split, n_samples, out, evaluation.get("validation"))


def evaluate_cell(
    cell_folder: Path,
    seeds: Sequence[int],
    reference_folder: Path,
    scoring_file: Path,
    data_folder: Path,
    evaluation: Mapping[str, Any],
    threads: int,
    others: Sequence[Path] = (),
) -> dict[str, Any]:
    """Write `metrics.json` and the diagnostic pictures of each seed. Returns their digests.

    The result is {"sha256": {seed: digest of metrics.json}, "shown": {seed: {picture: digest}}}. The digests of
    pictures are included so that the rule `collect` runs again even if only a picture changes.

    Args:
        others: scoring.json of each additional feature space. The list "spaces" of `metrics.json` has the scores in
            these spaces.
    """
    import torch

    from gan_bench.data import open_data
    from gan_bench.features.reference import open_reference
    from gan_bench.metrics.evaluate import open_scoring, score_in_space, score_run, write_diagnostics

    torch.set_num_threads(threads)
    metrics, split, n_samples = (evaluation[key] for key in ("metrics", "split", "n_samples"))
    validation = evaluation.get("validation")
    reference = _with_images(open_reference(reference_folder), metrics, data_folder)
    data = open_data(data_folder)
    scoring = open_scoring(scoring_file, reference, metrics, split, n_samples, validation)
    spaces = []
    for file in others:
        # DATA/reference/EXTRACTOR/scoring/PROTOCOL/scoring.json
        space = _with_images(open_reference(file.parents[2]), metrics, data_folder)
        spaces.append((space, open_scoring(file, space, metrics, split, n_samples, validation)))
    record, shown = {}, {}
    for seed in seeds:
        run = seed_folder(cell_folder, seed)
        document, samples = score_run(run, reference, metrics, split, seed, scoring, data)
        if spaces:
            document["spaces"] = [score_in_space(run, space, metrics, split, seed, known) for space, known in spaces]
        write_json(run / METRICS, document)
        record[str(seed)] = digest_file(run / METRICS)
        shown[str(seed)] = write_diagnostics(run, reference, data, scoring.real, samples, seed)
    return {"sha256": record, "shown": shown}


def _with_images(reference: "Reference", metrics: list[dict[str, Any]], data_folder: Path) -> "Reference":
    """The fitted extractor `reference`. If one of the metrics needs images, the data set is added to it."""
    from gan_bench.data import open_data

    needed = any("images" in component("metrics", ref["name"]).facts["needs"] for ref in metrics)
    return replace(reference, data=open_data(data_folder)) if needed else reference
