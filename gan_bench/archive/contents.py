"""Lists the files that the archive of a finished study contains, and checks that none is missing or damaged."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.archive.names import MODEL_CARD, PUBLISHED, RESULTS
from gan_bench.archive.own_code import sources
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.jobs.records import damages
from gan_bench.report.draw import figure_name
from gan_bench.report.page import MEDIA
from gan_bench.report.tables_input import Tables
from gan_bench.stats.collect.plan import all_cells, all_runs
from gan_bench.stats.tables.published_numbers import published_folder
from gan_bench.stats.write.names import RUN_CARDS, TABLES
from gan_bench.store import RECEIPT, stored_folder
from gan_bench.verify.stored import search_documents, wrong_files

Manifest = Mapping[str, Any]


def require_whole(study_folder: Path, manifest: Manifest, plan: Mapping[str, Any]) -> None:
    """UserError that names each file of the study that is missing or damaged."""
    _, wrong = wrong_files(study_folder, manifest)
    for cell in all_cells(plan):
        folder = study_folder / "runs" / cell["dataset"] / cell["id"]
        wrong += [f"{damage.file}: damaged or missing." for damage in damages(folder, cell["seeds"], [paths.STATUS])]
    files = [paths.REPORT, RUN_CARDS]
    wrong += [f"{study_folder / name}: missing." for name in files if not (study_folder / name).is_file()]
    if wrong:
        raise UserError(*wrong, f"{study_folder}: not exported; run the study again to make these files.")


def stored_files(tables: Tables, manifest: Manifest) -> dict[str, Path]:
    """Name in the archive -> file, for all files that are copied."""
    folder, plan = tables.folder, tables.plan
    results = folder.parent
    files = {f"{RESULTS}/{folder.name}/{name}": folder / name for name in _study(folder, plan, manifest)}
    for dataset in plan["datasets"].values():
        file = results / "data" / dataset["id"] / paths.MANIFEST
        if file.is_file():
            files[f"{RESULTS}/data/{dataset['id']}/{paths.MANIFEST}"] = file
    for _, _, receipt in receipts(folder, results / "store", manifest):
        files[f"{RESULTS}/{receipt.relative_to(results).as_posix()}"] = receipt
    files |= {f"{PUBLISHED}/{file.name}": file for file in sorted(published_folder().glob("*.yaml"))}
    return files | sources(plan, results / "store")


def _study(folder: Path, plan: Mapping[str, Any], manifest: Manifest) -> Iterator[str]:
    """Paths of the study's own files, relative to its folder."""
    yield from (paths.PLAN, paths.MANIFEST, RUN_CARDS, paths.REPORT)
    yield from search_documents(manifest)
    yield from (f"{TABLES}/{name}" for name in manifest["results"]["tables"])
    patterns = [f"figures/{figure_name(ref)}.*" for ref in plan["figures"]]
    patterns += [f"{MEDIA}/*.js", *(f"runs/{c['dataset']}/{c['id']}/chunk*.json" for c in all_cells(plan))]
    for pattern in patterns:
        yield from (file.relative_to(folder).as_posix() for file in sorted(folder.glob(pattern)))
    for run in all_runs(plan, folder):
        for name in (*manifest["results"]["runs"][run.name]["sha256"], paths.STATUS):
            yield f"runs/{run.name}/{name}"


def receipts(study_folder: Path, store: Path, manifest: Manifest) -> Iterator[tuple[dict[str, Any], Path, Path]]:
    """Yield (record of training, folder of the run, receipt in the store) for each run that has a receipt.

    A receipt is the store's file with the SHA-256 of a run's files.
    Only runs of the manifest are yielded. A run that is in several records of training is yielded once for each.
    """
    for file in sorted(study_folder.glob("runs/*/*/chunk*.train.json")):
        record, cell = read_json(file), file.parent.relative_to(study_folder / "runs").as_posix()
        for seed, entry in record["seeds"].items():
            receipt = stored_folder(store, entry["key"]) / RECEIPT
            if f"{cell}/seed{seed}" in manifest["results"]["runs"] and receipt.is_file():
                yield record, paths.seed_folder(file.parent, int(seed)), receipt


def card_name(tables: Tables, run_name: str) -> str:
    """Name in the archive of the model card of a run."""
    return f"{RESULTS}/{tables.folder.name}/runs/{run_name}/{MODEL_CARD}"
