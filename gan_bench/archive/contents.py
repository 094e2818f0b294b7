"""The files of an archive: those of a finished study, and texts that are written for the archive."""

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
from gan_bench.stats.collect.plan import planned_runs
from gan_bench.stats.tables.published_numbers import published_folder
from gan_bench.stats.write.names import RUN_CARDS, TABLES
from gan_bench.store import RECEIPT
from gan_bench.verify.stored import wrong_files

Manifest = Mapping[str, Any]


def require_whole(study_folder: Path, manifest: Manifest, plan: Mapping[str, Any]) -> None:
    """UserError that names each file that is missing or is not what the manifest says."""
    _, wrong = wrong_files(study_folder, manifest)
    for cell in plan["cells"]:
        folder = study_folder / "runs" / cell["dataset"] / cell["id"]
        wrong += [f"{damage.file}: damaged or gone." for damage in damages(folder, cell["seeds"], [paths.STATUS])]
    files = [paths.REPORT, RUN_CARDS]
    wrong += [f"{study_folder / name}: missing." for name in files if not (study_folder / name).is_file()]
    if wrong:
        raise UserError(*wrong, f"{study_folder}: not exported; run the study again, which makes what is missing.")


def stored_files(tables: Tables, manifest: Manifest) -> dict[str, Path]:
    """Name in the archive -> file, of everything that is copied."""
    folder, plan = tables.folder, tables.plan
    results = folder.parent
    files = {f"{RESULTS}/{folder.name}/{name}": folder / name for name in _study(folder, plan, manifest)}
    for dataset in plan["datasets"].values():
        file = results / "data" / dataset["id"] / paths.MANIFEST
        if file.is_file():
            files[f"{RESULTS}/data/{dataset['id']}/{paths.MANIFEST}"] = file
    for receipt in _receipts(folder, results / "store", manifest):
        files[f"{RESULTS}/{receipt.relative_to(results).as_posix()}"] = receipt
    files |= {f"{PUBLISHED}/{file.name}": file for file in sorted(published_folder().glob("*.yaml"))}
    return files | sources(plan, results / "store")


def _study(folder: Path, plan: Mapping[str, Any], manifest: Manifest) -> Iterator[str]:
    """Names of the study's own files, below its folder."""
    yield from (paths.PLAN, paths.MANIFEST, RUN_CARDS, paths.REPORT)
    yield from (f"{TABLES}/{name}" for name in manifest["results"]["tables"])
    patterns = [f"figures/{figure_name(ref)}.*" for ref in plan["figures"]]
    patterns += [f"{MEDIA}/*.js", *(f"runs/{c['dataset']}/{c['id']}/chunk*.json" for c in plan["cells"])]
    for pattern in patterns:
        yield from (file.relative_to(folder).as_posix() for file in sorted(folder.glob(pattern)))
    for run in planned_runs(plan, folder):
        for name in (*manifest["results"]["runs"][run.name]["sha256"], paths.STATUS):
            yield f"runs/{run.name}/{name}"


def _receipts(study_folder: Path, store: Path, manifest: Manifest) -> Iterator[Path]:
    """The receipt in the store of each run of the manifest that is still there."""
    for record, cell in chunk_records(study_folder):
        for seed, entry in record["seeds"].items():
            receipt = store / entry["key"][:2] / entry["key"] / RECEIPT
            if f"{cell}/seed{seed}" in manifest["results"]["runs"] and receipt.is_file():
                yield receipt


def chunk_records(study_folder: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each record of training of a study, and the name of its cell ("digits/dcgan-1234")."""
    for file in sorted(study_folder.glob("runs/*/*/chunk*.train.json")):
        yield read_json(file), file.parent.relative_to(study_folder / "runs").as_posix()


def card_name(tables: Tables, run_name: str) -> str:
    """Name in the archive of the model card of a run."""
    return f"{RESULTS}/{tables.folder.name}/runs/{run_name}/{MODEL_CARD}"
