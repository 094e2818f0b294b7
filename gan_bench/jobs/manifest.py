"""The manifest of a finished study: SHA-256 of all files that must be reproducible, code digests and provenance."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.config.plan.protocol import all_extractors, extractors_of
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, digest_file, digest_of, read_json, write_json
from gan_bench.jobs.records import RUN_FILES, damages
from gan_bench.metrics._diagnostic_files import FILES as SHOWN
from gan_bench.provenance import PROCESSOR, SAME_BITS, stage_digest
from gan_bench.stats.collect.plan import PlannedRun, all_cells, all_runs, read_plan
from gan_bench.stats.write.names import TABLES

FORMAT = 1
#: Keys of a run's provenance that the manifest contains: machine, libraries, and origin of the code.
KEPT = (*SAME_BITS, *PROCESSOR, "python", "lock", "commit", "dirty", "code")


def write_manifest(study_folder: Path) -> dict[str, Any]:
    """Write manifest.json of a finished study and return it.

    {"format", "study", "digest", "results": {"plan", "evaluation", "datasets", "cells", "runs", "tables", "data",
    "features"}, "code": {stage: digest}, "made_with": [{"provenance", "runs"}], "checksum"}. In a study with a search,
    "results" also has "search". "digest" is the digest of "results": if it is equal for two studies, all their runs and
    tables are bit-identical. Only "made_with" names the machine and the state of the checkout. "checksum" is the digest
    of all other keys. The manifest contains no times.

    Raises:
        UserError: files are missing or differ from their records.
    """
    study_folder = Path(study_folder)
    plan = read_plan(study_folder)
    runs = list(all_runs(plan, study_folder))
    _require(plan, study_folder)
    results = {
        "cells": {f"{c['dataset']}/{c['id']}": c["settings"] for c in all_cells(plan)},
        "runs": {run.name: _run(run) for run in runs},
        **({"search": _digests(sorted((study_folder / "search").glob("stage*.json")))} if "search" in plan else {}),
        **_prepared(plan, study_folder.parent / "data"),
    }
    return store_manifest(study_folder, plan, results, code=_code(plan), made_with=_made_with(runs))


def store_manifest(
    study_folder: Path, plan: Mapping[str, Any], results: Mapping[str, Any], **entries: Any
) -> dict[str, Any]:
    """Write manifest.json and return it: `results`, with digests of plan and tables, and `entries` as other keys."""
    results = {
        **results,
        "plan": digest_file(study_folder / paths.PLAN),
        "evaluation": plan["evaluation"],
        "tables": _digests(sorted((study_folder / TABLES).glob("[!.]*"))),
    }
    digest = digest_of(results)
    manifest = {"format": FORMAT, "study": plan["study"], "digest": digest, "results": results, **entries}
    manifest["checksum"] = digest_of(manifest)
    write_json(study_folder / paths.MANIFEST, manifest)
    return manifest


def _require(plan: Mapping[str, Any], study_folder: Path) -> None:
    damaged = []
    for cell in all_cells(plan):
        damaged += damages(study_folder / "runs" / cell["dataset"] / cell["id"], cell["seeds"], RUN_FILES)
    if damaged:
        raise UserError(
            *(
                f"{d.file}: {'is missing' if d.missing else 'differs from its record'}; run the study again."
                for d in damaged
            )
        )


def _run(run: PlannedRun) -> dict[str, Any]:
    status = read_json(run.folder / paths.STATUS)
    identity = status.get("identity", {})
    shown = [name for name in SHOWN if (run.folder / name).is_file()]  # only runs with status ok have pictures
    files = RUN_FILES if status["status"] != "failed" else (paths.SETTINGS, paths.METRICS, paths.COLLAPSE)
    return {
        "status": status["status"],
        "data": identity.get("data"),
        "code": identity.get("code"),
        "sha256": _digests(run.folder / name for name in (*files, *shown)),
    }


def _digests(files: Iterable[Path]) -> dict[str, str]:
    digests = {}
    for file in files:
        if not file.is_file():
            raise UserError(f"{file}: no such file; a manifest can only be written when all files of the study exist.")
        digests[file.name] = digest_file(file)
    return digests


def _prepared(plan: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """The keys "datasets", "data" and "features" of the manifest's results.

    "datasets": label -> the names of the data set and of its features. "data": name -> settings and SHA-256 of the data
    set. "features": name -> {file: SHA-256}. Values are None if the manifest of a data set, or its features, are
    missing.
    """
    labels, sets, features = {}, {}, {}
    for label, dataset in plan["datasets"].items():
        folder = data / dataset["id"]
        manifest = read_json(folder / paths.MANIFEST) if (folder / paths.MANIFEST).is_file() else {}
        known = {"ref": dataset["ref"], "digest": manifest.get("digest"), "sha256": manifest.get("sha256")}
        sets[dataset["id"]] = known
        labels[label] = {"data": dataset["id"], "features": None}
        for record in sorted(folder.glob("reference/*/extractor.json")):
            content = read_json(record)
            name = str(record.parent.relative_to(data))
            shas = {"extractor.safetensors": content["sha256"], "features.safetensors": content["features_sha256"]}
            extractors = extractors_of(plan["evaluation"], label)
            if content["settings"] in extractors:
                features[name] = shas
            if content["settings"] == extractors[0]:
                labels[label]["features"] = name
    return {"datasets": labels, "data": sets, "features": features}


def _code(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Code digests of each data set, of each extractor, and of the stages evaluate, collapse, collect and tables.

    The digest of the training code is in the entry of each run.
    """
    refs = [dataset["ref"] for dataset in plan["datasets"].values()]
    extractors = all_extractors(plan["evaluation"])
    return {
        "data": {ref["name"]: stage_digest("data", [("data", ref["name"])]) for ref in refs},
        "features": {ref["name"]: stage_digest("features", [("features", ref["name"])]) for ref in extractors},
        "evaluate": stage_digest("evaluate", [("metrics", ref["name"]) for ref in plan["evaluation"]["metrics"]]),
        **{stage: stage_digest(stage) for stage in ("collapse", "collect", "tables")},
    }


def _made_with(runs: list[PlannedRun]) -> list[dict[str, Any]]:
    """Each distinct provenance with its runs, in the order of the plan."""
    groups: dict[str, dict[str, Any]] = {}
    for run in runs:
        provenance = read_json(run.folder / paths.STATUS).get("provenance", {})
        kept = {key: provenance.get(key) for key in KEPT}
        groups.setdefault(canonical_json(kept), {"provenance": kept, "runs": []})["runs"].append(run.name)
    return list(groups.values())
