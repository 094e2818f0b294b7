"""Checks stored files against the manifest of their study."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError
from gan_bench.files import digest_file, digest_of, read_json
from gan_bench.paths import CONFIG, MANIFEST, PLAN
from gan_bench.stats.write.names import TABLES

Manifest = Mapping[str, Any]

#: Name of a file that marks a study's folder as one without the files of runs. `gan-bench keep` and `gan-bench join`
#: make such folders. The content of the file is {"manifest": digest of the manifest, "sha256": {file: SHA-256}}.
KEPT_RECORD = "kept.json"


def read_manifest(study_folder: Path) -> dict[str, Any]:
    """manifest.json of a study. UserError if it is missing or damaged."""
    file = study_folder / MANIFEST
    if not file.is_file():
        raise UserError(f"{file}: no such file; the workflow writes it when a study is finished.")
    manifest = read_json(file)
    rest = {key: value for key, value in manifest.items() if key != "checksum"} if isinstance(manifest, dict) else None
    if rest is None or digest_of(rest) != manifest.get("checksum"):
        raise UserError(
            f"{file}: damaged: its checksum does not match its content; remove the file and run the study again."
        )
    return rest


def manifest_with_tables(study_folder: Path) -> dict[str, Any]:
    """manifest.json of a study, after a check of the files that it lists, except the files of runs.

    UserError if manifest.json is missing or damaged, or if `wrong_files` reports a file.
    """
    manifest = read_manifest(study_folder)
    _, wrong = wrong_files(study_folder, manifest, runs=False)
    if wrong:
        raise UserError(*wrong)
    return manifest


def find_study(given: str, results: Path = Path("results")) -> Path:
    """Folder of a study. `given`: this folder, or the name of a study in the folder `results`."""
    for folder in (Path(given), results / given):
        if (folder / MANIFEST).is_file():
            return folder
    raise UserError(
        f"{given}: neither this folder nor {results / given} has a {MANIFEST}; the workflow writes it when a study "
        "is finished."
    )


def study_of_config(file: Path = CONFIG) -> tuple[str, Path]:
    """The name of the study and the results folder that config/config.yaml sets."""
    import yaml

    if not file.is_file():
        raise UserError(f"{file}: no such file; name a study or its folder.")
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Path(str(config["study"])).stem, Path(str(config["results"]))


def results_folder() -> Path:
    """Results folder of config/config.yaml; "results" if there is no such file."""
    return study_of_config()[1] if CONFIG.is_file() else Path("results")


def bits_of(manifest: Manifest) -> str:
    """The mode of bits of a study (gan_bench.bits): "portable" if all runs were trained in this mode, else "native"."""
    modes = {group["provenance"].get("bits") for group in manifest["made_with"]}
    return "portable" if modes == {"portable"} else "native"


def wrong_files(study_folder: Path, manifest: Manifest, *, runs: bool = True) -> tuple[int, list[str]]:
    """Number of files read, and a sentence for each file that is missing or whose SHA-256 differs from the manifest.

    Prepared data, features, and the LaTeX tables of a kept copy (gan_bench.archive.kept) may be missing, because they
    can be made again. Without `runs`, the files of runs are not read.
    """
    count, sentences = 0, []
    for file, sha, optional in _listed(study_folder, manifest, runs=runs):
        if not file.is_file():
            if not optional:
                sentences.append(f"{file}: missing.")
            continue
        count += 1
        if digest_file(file) != sha:
            sentences.append(f"{file}: damaged: its SHA-256 differs from the manifest.")
    return count, sentences


def kept_record(digests: Mapping[str, str], manifest: Manifest) -> dict[str, Any]:
    """Content of KEPT_RECORD.

    `digests`: file -> SHA-256, for files that are smaller in the copy than in the study, and for files that the
    manifest does not list.
    """
    return {"manifest": digest_of({k: v for k, v in manifest.items() if k != "checksum"}), "sha256": dict(digests)}


def search_documents(manifest: Manifest) -> dict[str, str]:
    """Path in the study's folder -> SHA-256, for the document of each stage of a search; empty without a search."""
    return {f"search/{name}": sha for name, sha in manifest["results"].get("search", {}).items()}


def _listed(study_folder: Path, manifest: Manifest, *, runs: bool) -> Iterator[tuple[Path, str, bool]]:
    """Yield (file, SHA-256, whether the file may be missing) for the plan and the files that the manifest lists.

    For a kept copy of a study (gan_bench.archive.kept), these are the plan, the tables and the files in KEPT_RECORD.
    The histories and some other tables of a copy are smaller than in the study. KEPT_RECORD has the SHA-256 of these
    smaller tables.
    """
    record, results = study_folder / KEPT_RECORD, manifest["results"]
    kept = read_json(record) if record.is_file() else {}
    yield study_folder / PLAN, results["plan"], False
    if kept.get("manifest") == digest_of(manifest):
        files = {f"{TABLES}/{name}": sha for name, sha in results["tables"].items()} | kept["sha256"]
        for file, sha in files.items():
            yield study_folder / file, sha, file.endswith(".tex")
        return
    for name, run in results["runs"].items() if runs else ():
        for file, sha in run["sha256"].items():
            yield study_folder / "runs" / name / file, sha, False
    for file, sha in search_documents(manifest).items():
        yield study_folder / file, sha, False
    for file, sha in results["tables"].items():
        yield study_folder / TABLES / file, sha, False
    data = study_folder.parent / "data"
    for folder, dataset in results["data"].items():
        for file, sha in (dataset["sha256"] or {}).items():
            yield data / folder / file, sha, True
    for folder, files in results["features"].items():
        for file, sha in files.items():
            yield data / folder / file, sha, True
