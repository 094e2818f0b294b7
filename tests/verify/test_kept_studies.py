"""The studies that are kept in results/reference must have no picture from a user's folder."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from gan_bench.archive.keep import _is_private
from gan_bench.cli import main

REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference"
KEPT = sorted(REFERENCE.glob("*/study.zip"))


def _table(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(archive.read(f"tables/{name}.parquet")))


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.parent.name)
def test_a_kept_study_has_no_pictures_of_a_users_folder(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        plan = json.loads(archive.read("plan.json"))
        private = [label for label, data in plan["datasets"].items() if _is_private(data["ref"]["name"])]
        media = _table(archive, "media")
        assert media.loc[media["dataset"].isin(private), "neighbours_png"].isna().all()
        # Data of points have no pictures.
        if "tables/real_images.parquet" in archive.namelist():
            assert not set(private) & set(_table(archive, "real_images")["dataset"])


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.parent.name)
def test_a_kept_search_has_the_document_of_its_last_stage(file: Path) -> None:
    # `redraw` makes the tables of the search from this document.
    with zipfile.ZipFile(file) as archive:
        search = json.loads(archive.read("plan.json")).get("search")
        assert not search or search["document"] in archive.namelist()


def test_verify_of_a_kept_copy_leaves_its_folder_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "results" / "reference" / "search_losses"
    copy.mkdir(parents=True)
    shutil.copy(REFERENCE / "search_losses" / "study.zip", copy)
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "results/reference/search_losses", "--sample", "0"]) == 0
    assert [file.name for file in copy.iterdir()] == ["study.zip"]
    assert (tmp_path / "results" / "search_losses" / "plan.json").is_file()


@pytest.mark.parametrize(
    ("script", "row"), [("detector_field.py", "| classics"), ("metric_agreement.py", "| frechet and coverage")]
)
def test_a_script_on_all_studies_reads_one_with_models_that_have_no_adversarial_loss(script: str, row: str) -> None:
    study = REFERENCE / "classics" / "study.zip"
    command = [sys.executable, f"benchmarks/studies/{script}", str(study)]
    done = subprocess.run(command, cwd=REFERENCE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert row in done.stdout


def test_only_a_users_folder_is_private() -> None:
    assert _is_private("image_folder") and not _is_private("digits") and KEPT
