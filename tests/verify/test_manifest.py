"""The manifest lists every reproducible file and contains no times. An incomplete study gets no manifest."""

import json
import os

import pytest
from small_study import command

from gan_bench.errors import UserError
from gan_bench.files import digest_file, digest_of, read_json
from gan_bench.jobs.manifest import write_manifest
from gan_bench.jobs.records import RUN_FILES
from gan_bench.paths import STATUS
from gan_bench.provenance import SAME_BITS, train_digest


def test_it_names_every_artefact_of_every_run_and_every_table(finished):
    study = finished / "small"
    manifest = read_json(study / "manifest.json")
    runs = manifest["results"]["runs"]
    folders = {str(f.parent.relative_to(study / "runs")): f.parent for f in study.glob("runs/*/*/*/status.json")}
    assert set(runs) == set(folders) and len(runs) == 4
    for name, folder in folders.items():
        # Only status.json contains times.
        files = {file.name for file in folder.iterdir()} - {STATUS}
        assert set(RUN_FILES) < files and runs[name]["sha256"] == {file: digest_file(folder / file) for file in files}
        cell, _, seed = name.rpartition("/seed")
        settings = manifest["results"]["cells"][cell]
        assert {**settings, "seed": int(seed)} == read_json(folder / "settings.json")
        assert runs[name]["code"] == train_digest(settings)
    tables = manifest["results"]["tables"]
    assert tables == {file.name: digest_file(file) for file in (study / "tables").iterdir()} and len(tables) > 15
    (data,) = manifest["results"]["data"].values()
    stored = read_json(next(finished.glob("data/*/manifest.json")))
    assert data["digest"] == stored["digest"] == runs[min(runs)]["data"] and data["sha256"] == stored["sha256"]
    (features,) = manifest["results"]["features"].values()
    folder = next(finished.glob("data/*/reference/*"))
    assert features == {name: digest_file(folder / name) for name in ("extractor.safetensors", "features.safetensors")}


def test_machine_and_checkout_are_not_in_the_repeatable_part(finished):
    manifest = read_json(finished / "small" / "manifest.json")
    assert manifest["digest"] == digest_of(manifest["results"])
    (group,) = manifest["made_with"]
    assert set(SAME_BITS) < set(group["provenance"]) and sorted(group["runs"]) == sorted(manifest["results"]["runs"])
    assert set(manifest["code"]) == {"data", "features", "evaluate", "collapse", "collect", "tables"}
    text = json.dumps([manifest["results"], manifest["code"]])
    assert group["provenance"]["cpu"] not in text and "seconds" not in json.dumps(manifest)


def test_the_same_study_has_the_same_bytes(results):
    file = results / "small" / "manifest.json"
    before = file.read_bytes()
    for path in results.rglob("*"):
        os.utime(path, (1, 1))
    assert "4 runs, digest" in command("job", "manifest", "--study-folder", results / "small", "--log", results / "log")
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", RUN_FILES)
def test_a_study_with_a_damaged_or_missing_file_gets_no_manifest(results, name):
    file = sorted(results.glob(f"small/runs/*/*/seed1/{name}"))[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(UserError, match=f"seed1/{name}: differs from its record"):
        write_manifest(results / "small")
    file.unlink()
    with pytest.raises(UserError, match=f"seed1/{name}: is missing"):
        write_manifest(results / "small")
