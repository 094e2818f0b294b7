"""The classifier that recognises an attribute in an image: the study's classifier, or a newly fitted classifier."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.data import DataSet, describe, open_data, prepare
from gan_bench.errors import UserError
from gan_bench.features.reference import RECORD, Reference, open_reference, prepare_reference
from gan_bench.files import read_json
from gan_bench.paths import MANIFEST
from gan_bench.registry import component, stem

#: Extractor that is fitted if no extractor of the study gives class probabilities.
EXTRACTOR = "classifier"
#: Numbers of training and test images that are made if the data set's setting `labels` must first be switched on.
DRAWN = {"n_train": 1024, "n_test": 512}


def classifier_for(
    dataset: Mapping[str, Any], results: Path | None, run: Path, folder: Path
) -> tuple[Reference, list[str]]:
    """(classifier, names of its classes) for a data set.

    If `results` has labelled data of this data set and an extractor that gives class probabilities, this extractor is
    the classifier. Otherwise a classifier is fitted to labelled images of the same data set and stored in `folder`, and
    the next call uses it.

    Args:
        dataset: resolved reference of the data set.
        results: folder of all results, with the folder data/; None for a run outside of a study.
        run: folder of the run. Its data/ is used if these data are labelled and made with the same settings.

    Raises:
        UserError: the data set has neither labels nor a setting `labels` that adds them, or it cannot be prepared.
    """
    if (stored := _of_study(dataset, results)) is not None:
        return stored
    if not (folder / RECORD).is_file() or not _same(read_json(folder / MANIFEST), labelled(dataset)):
        _fit(labelled(dataset), run, folder)
    return open_reference(folder), _class_names(read_json(folder / MANIFEST))


def labelled(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Reference of a data set with labels: `dataset` itself, or `dataset` with its setting `labels` switched on.

    In the second case, the settings n_train and n_test get the values in DRAWN if the data set has these settings.
    UserError if the data set has neither labels nor a setting `labels`.
    """
    if describe(dataset)["labelled"]:
        return dict(dataset)
    declared = component("data", dataset["name"]).settings
    if "labels" in declared and declared["labels"].type == "bool":
        counts = {name: n for name, n in DRAWN.items() if name in declared}
        return {**dataset, "labels": True, **counts}
    raise UserError(f"data set {dataset['name']!r} has no labels, so no attribute of its images is known.")


def _of_study(dataset: Mapping[str, Any], results: Path | None) -> tuple[Reference, list[str]] | None:
    for manifest in sorted(results.glob(f"data/*/{MANIFEST}")) if results else ():
        content = read_json(manifest)
        if _same(content, dataset) and content["labelled"]:
            for record in sorted(manifest.parent.glob(f"reference/*/{RECORD}")):
                facts = component("features", read_json(record)["settings"]["name"]).facts
                if facts.get("probabilities"):
                    return open_reference(record.parent), _class_names(content)
    return None


def _same(manifest: Mapping[str, Any], dataset: Mapping[str, Any]) -> bool:
    settings = {key: value for key, value in dataset.items() if key not in ("name", "digest")}
    return bool(stem(manifest["name"]) == stem(dataset["name"]) and manifest["settings"] == settings)


def _fit(dataset: Mapping[str, Any], run: Path, folder: Path) -> None:
    settings = {name: setting.default for name, setting in component("features", EXTRACTOR).settings.items()}
    with tempfile.TemporaryDirectory() as temporary:
        data = _prepared(dataset, run, Path(temporary))
        prepare_reference(data.folder, {"name": EXTRACTOR, **settings}, folder)
        shutil.copyfile(data.folder / MANIFEST, folder / MANIFEST)


def _prepared(dataset: Mapping[str, Any], run: Path, folder: Path) -> DataSet:
    """The labelled data in the run's folder if they match `dataset`; otherwise newly prepared data."""
    if (run / "data" / MANIFEST).is_file():
        data = open_data(run / "data")
        if data.labelled and _same(data.manifest, dataset):
            return data
    prepare(dataset, folder)
    return open_data(folder)


def _class_names(manifest: Mapping[str, Any]) -> list[str]:
    if manifest["classes"]:
        return [str(name) for name in manifest["classes"]]
    return [str(number) for number in range(len(manifest["class_counts"]["train"]))]
