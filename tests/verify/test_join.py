"""Separately trained parts of a study are joined into the bytes of the whole study, or refused."""

import shutil
from pathlib import Path

import pytest
from small_study import command

from gan_bench.cli import main
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.config.plan.part import part_of
from gan_bench.errors import UserError
from gan_bench.files import digest_file, digest_of, read_json, write_json
from gan_bench.stats.collect.join import join_tables


@pytest.fixture(scope="module")
def parts(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two parts of the finished study with one seed each. A part has the plan, records and manifest of its runs."""
    results = tmp_path_factory.mktemp("parts") / "results"
    shutil.copytree(finished, results)
    study = finished.parent / "small.yaml"
    folders = [results / "first", results / "second"]
    for seed, folder in enumerate(folders):
        shutil.copytree(results / "small" / "runs", folder / "runs")
        plan = ("--study", study, "--device", "cpu", f"--part=seeds:{seed}", "--out", folder / "plan.json")
        command("job", "plan", *plan)
        for stage in ("collect", "tables", "manifest"):
            command("job", stage, "--study-folder", folder)
        shutil.rmtree(folder / "runs")
    return folders


def joined(finished: Path, parts: list[Path], out: Path) -> int:
    return main(["join", str(finished.parent / "small.yaml"), *map(str, parts), "--out", str(out)])


def test_joined_parts_are_the_whole_study(finished: Path, parts: list[Path], tmp_path: Path) -> None:
    whole, out = finished / "small", tmp_path / "joined"
    # The order of the parts does not matter.
    assert joined(finished, parts[::-1], out) == 0 and (out / "report.html").is_file()
    for file in [whole / "plan.json", whole / "run_cards.json", *(whole / "tables").iterdir()]:
        assert (out / file.relative_to(whole)).read_bytes() == file.read_bytes(), file.name
    manifest, expected = read_json(out / "manifest.json"), read_json(whole / "manifest.json")
    assert manifest["digest"] == expected["digest"] and len(manifest["parts"]) == 2


def test_a_kept_copy_is_small_joined_redrawn_and_verified(
    finished: Path, parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [tmp_path / "reference" / "small" / name for name in ("first", "second")]
    for part, folder in zip(parts, kept, strict=True):
        command("keep", part, folder)
    whole = tmp_path / "results" / "small"
    assert joined(finished, [folder / "study.zip" for folder in kept], whole) == 0
    command("keep", whole, tmp_path / "results" / "reference" / "small")
    zipped = (tmp_path / "results" / "reference" / "small" / "study.zip").read_bytes()
    command("keep", finished / "small", tmp_path / "again")
    # The joined study has the same comparison as a copy of the study that was never divided.
    assert (tmp_path / "again" / "comparison.csv").read_bytes() == (whole / "tables/comparison.csv").read_bytes()
    shutil.rmtree(whole)
    monkeypatch.chdir(tmp_path)
    assert "unpacked" in command("verify", "small", "--sample", "1")
    assert (whole / "plan.json").is_file() and not (whole / "runs").exists()
    assert not (whole / "report.html").exists()
    command("redraw", "small")
    assert (whole / "report.html").is_file() and len(zipped) < 400_000
    # Damage is found, and a copy that is too large even without pictures is refused.
    (whole / "tables" / "runs.csv").write_text("other")
    assert main(["verify", "small", "--sample", "0"]) == 2
    assert main(["keep", str(finished / "small"), str(tmp_path / "tiny"), "--most-mb", "0.001"]) == 2


def _changed(part: Path, folder: Path, change) -> Path:
    """A copy of a part with a changed manifest and a matching checksum."""
    shutil.copytree(part, folder)
    manifest = read_json(folder / "manifest.json")
    del manifest["checksum"]
    change(manifest)
    write_json(folder / "manifest.json", {**manifest, "checksum": digest_of(manifest)})
    return folder


def test_parts_that_do_not_fit_are_refused_and_nothing_is_written(
    finished: Path, parts: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def bits(manifest):
        manifest["made_with"][0]["provenance"]["bits"] = "native"

    def scoring(manifest):
        manifest["code"]["evaluate"] = "0123456789abcdef"

    def protocol(manifest):
        plan = read_json(tmp_path / "d/plan.json")
        plan["evaluation"]["n_samples"] = 7
        write_json(tmp_path / "d/plan.json", plan)
        manifest["results"]["plan"] = digest_file(tmp_path / "d/plan.json")

    cases = {
        "No part has 2 runs of the study": [parts[0]],
        "the mode of bits or library versions differ": [parts[0], _changed(parts[1], tmp_path / "a", bits)],
        "code digests differ: evaluate": [parts[0], _changed(parts[1], tmp_path / "b", scoring)],
        "no such file": [parts[0], tmp_path / "nowhere"],
        "runs.csv: damaged": [parts[0], _changed(parts[1], tmp_path / "c", lambda manifest: None)],
        "n_samples differs from the study": [parts[0], _changed(parts[1], tmp_path / "d", protocol)],
        "have different results of the run": [parts[0], _changed(parts[0], tmp_path / "e", lambda manifest: None)],
    }
    (tmp_path / "c/tables/runs.csv").write_text((parts[1] / "tables/runs.csv").read_text().replace("ok", "failed"))
    cards = (tmp_path / "e/run_cards.json").read_text()
    (tmp_path / "e/run_cards.json").write_text(cards.replace('"status": "ok"', '"status": "diverged"'))
    for sentence, (first, *others) in cases.items():
        zips = [Path(shutil.make_archive(str(part), "zip", part)) if part.is_dir() else part for part in others]
        for given in ([first, *others], [first, *zips]):
            assert joined(finished, given, tmp_path / "out") == 2
            message = capsys.readouterr().err
            # The message names a zip file as it was given, not the folder to which it was unpacked.
            assert sentence in message and all(str(part) in message for part in given[1:]), message
            assert not list((tmp_path / "out").glob("*"))


def test_runs_without_checkpoints_are_joined(parts: list[Path], finished: Path, tmp_path: Path) -> None:
    """The curves tables of these runs have only a header."""
    copies = [shutil.copytree(part, tmp_path / part.name) for part in parts]
    header = (parts[0] / "tables/curves.csv").read_text().splitlines()[0] + "\n"
    for copy in copies:
        (copy / "tables/curves.csv").write_text(header)
    shutil.copytree(finished / "small", tmp_path / "whole", ignore=shutil.ignore_patterns("runs", "tables"))
    join_tables(tmp_path / "whole", copies)
    assert (tmp_path / "whole/tables/curves.csv").read_text() == header


def test_a_part_is_named_by_data_set_and_seeds(root: Path) -> None:
    plan = expand(load_study("demo"))
    part = part_of(plan, "sunflowers, seeds:1-2")
    assert {cell.dataset for cell in part.cells} == {"sunflowers"} == set(part.datasets)
    assert all(cell.seeds == [1, 2] for cell in part.cells) and set(part.evaluation["extractor"]) == {"sunflowers"}
    assert {cell.id for cell in part.cells} <= {cell.id for cell in plan.cells} and part_of(plan, None) is plan
    cell = plan.cells[3]
    (only,) = part_of(plan, f"cell:{cell.id},seeds:0").cells
    assert (only.id, only.seeds) == (cell.id, [0])
    for text in ("cell:other", "sunflower", "seeds:9", "seeds:1-", "digits,other"):
        with pytest.raises(UserError, match="config key 'part'"):
            part_of(plan, text)
