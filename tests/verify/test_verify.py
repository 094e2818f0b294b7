"""`gan-bench verify` accepts intact studies and names every kind of damage or change."""

import json
import re
import shutil

import pandas as pd
import pytest
from small_study import command

from gan_bench.cli import main
from gan_bench.files import digest_file, digest_of, read_json, write_json
from gan_bench.verify.compare import first_difference, outside_history, outside_scores
from gan_bench.verify.stored import find_study
from gan_bench.verify.study import choose


def run_verify(capsys, *arguments):
    """Exit code, lines of stdout, and stderr."""
    code = main(["verify", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out.splitlines(), err


def rewrite(study, change):
    """Change a manifest and update its digests."""
    manifest = read_json(study / "manifest.json")
    del manifest["checksum"]
    change(manifest)
    manifest["digest"] = digest_of(manifest["results"])
    write_json(study / "manifest.json", {**manifest, "checksum": digest_of(manifest)})


def elsewhere(manifest):
    manifest["made_with"][0]["provenance"]["torch"] = "other"


def test_a_whole_study_verifies_with_a_line_for_every_run(finished, capsys):
    code, out, err = run_verify(capsys, finished / "small", "--sample", "9")
    assert (code, err) == (0, "") and out[0].endswith(", 0 differ from manifest.json")
    # The study has 4 runs of 10 files, the plan, the tables, 3 files of data and 2 files of features.
    tables = len(list((finished / "small" / "tables").iterdir()))
    assert f" {4 * 10 + 1 + tables + 3 + 2} stored files read" in out[0]
    lines = [
        line for line in out if re.fullmatch(r"digits/mlp-\S+/seed\d: bit-identical \(ok, 20 steps, [\d.]+ s\)", line)
    ]
    assert len(lines) == 4 and out[-1] == "4 of 4 runs trained again, 0 differ from the stored runs"


def test_data_and_features_that_are_gone_are_no_damage_and_are_made_again(results, capsys):
    shutil.rmtree(results / "data")
    shutil.rmtree(results / "store")
    code, out, _ = run_verify(capsys, results / "small", "--sample", "1", "--seed", "3")
    assert code == 0
    assert re.search(r"bit-identical \(ok, 20 steps, [\d.]+ s\)$", out[1]), "scored too"


@pytest.mark.parametrize("name", ["history.parquet", "generator.safetensors", "metrics.json", "samples.png"])
def test_a_flipped_bit_is_named_and_the_run_still_made_again(results, capsys, name):
    file = sorted(results.glob(f"small/runs/*/*/seed0/{name}"))[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    code, out, err = run_verify(capsys, results / "small", "--sample", "0")
    assert code == 2 and ", 1 differ from" in out[0]
    assert err == f"gan-bench verify: {file}: damaged: its SHA-256 differs from the manifest.\n"


@pytest.mark.parametrize("place", ["small/tables/comparison.csv", "small/runs/*/*/seed1/checkpoints.safetensors"])
def test_a_missing_file_is_named(results, capsys, place):
    file = sorted(results.glob(place))[0]
    file.unlink()
    code, _, err = run_verify(capsys, results / "small", "--sample", "0")
    assert code == 2 and err == f"gan-bench verify: {file}: missing.\n"


def test_tables_drawn_again_by_other_code_are_told_from_damage(results, capsys):
    rewrite(results / "small", lambda manifest: manifest["code"].update(tables="0123456789abcdef"))
    assert run_verify(capsys, results / "small", "--sample", "0")[0] == 0, "unchanged tables agree"
    table = results / "small/tables/comparison.md"
    table.write_text(table.read_text() + "drawn again")
    code, _, err = run_verify(capsys, results / "small", "--sample", "0")
    assert code == 2 and f"{table}: damaged" in err
    assert "The code of the tables has changed since the study (0123456789abcdef -> " in err


def test_damaged_data_is_named_and_not_trained_on(results, capsys):
    images = next(results.glob("data/*/images.npy"))
    content = bytearray(images.read_bytes())
    content[-5] ^= 1
    images.write_bytes(content)
    code, out, err = run_verify(capsys, results / "small", "--sample", "1")
    assert code == 2 and err.count("\n") == 1 and f"{images}: damaged" in err
    assert "bit-identical (ok" in out[2], "built anew in a folder of its own"


def test_a_changed_history_is_found_and_the_step_named_where_file_and_manifest_agree(results, capsys):
    """A result is edited together with its digest, so only training again can detect the edit."""
    for file in results.glob("small/runs/*/*/seed0/history.parquet"):
        table = pd.read_parquet(file)
        table.loc[7, "g_loss"] *= 1.5
        table.to_parquet(file)
    name = {
        f"{f.parent.relative_to(results / 'small' / 'runs')}": f
        for f in results.glob("small/runs/*/*/*/history.parquet")
    }
    rewrite(
        results / "small",
        lambda m: [
            m["results"]["runs"][n]["sha256"].update({"history.parquet": digest_file(f)}) for n, f in name.items()
        ],
    )
    code, out, err = run_verify(capsys, results / "small", "--sample", "4")
    assert code == 2 and ", 0 differ from" in out[0] and len(err.splitlines()) == 2
    for line in err.splitlines():
        assert re.search(r"/seed0: DIFFERS in history.parquet \(first at step 8: g_loss was \S+ and is", line)
        assert "same code, versions and processor" in line


def test_of_a_run_made_elsewhere_the_beginning_and_the_scores_are_compared(results, capsys):
    file = sorted(results.glob("small/runs/*/*/seed0/history.parquet"))[0]
    name = str(file.parent.relative_to(results / "small" / "runs"))
    table = pd.read_parquet(file)

    def store(factor, row):
        changed = table.copy()
        changed.loc[row, "d_loss"] *= factor
        changed.to_parquet(file)

        def change(manifest):
            elsewhere(manifest)
            manifest["results"]["runs"] = {name: manifest["results"]["runs"][name]}
            manifest["results"]["runs"][name]["sha256"]["history.parquet"] = digest_file(file)

        rewrite(results / "small", change)
        code, out, _ = run_verify(capsys, results / "small", "--sample", "1")
        return code, out[1]

    for factor, row in ((1.005, 0), (2.0, 15)):
        code, line = store(factor, row)
        assert code == 0 and "within the tolerance for another machine class" in line
        assert "torch other -> " in line
    code, line = store(1.03, 0)
    assert code == 2 and "DIFFERS beyond the tolerance: history.parquet: at step 1 d_loss was" in line


def test_another_seed_is_outside_the_tolerance(finished):
    """The tolerance for other machines is smaller than the difference between two seeds of a cell."""
    for cell in finished.glob("small/runs/*/*"):
        first, second = (cell / f"seed{seed}" / "history.parquet" for seed in (0, 1))
        assert outside_history(first, second) is not None


def test_bits_that_agree_across_machines_are_said_to(results, capsys):
    rewrite(results / "small", elsewhere)
    code, out, _ = run_verify(capsys, results / "small")
    assert code == 0 and "bit-identical" in out[1]


def test_changed_code_is_named(results, capsys):
    def change(manifest):
        for run in manifest["results"]["runs"].values():
            run["code"] = "0" * 16
            run["sha256"]["samples.png"] = "1" * 64

    rewrite(results / "small", change)
    code, _, err = run_verify(capsys, results / "small")
    assert code == 2 and "DIFFERS in samples.png; the code has changed: train 0000000000000000 -> " in err


def test_a_damaged_manifest_says_so(results, capsys):
    file = results / "small" / "manifest.json"
    file.write_text(file.read_text().replace('"cpu": "', '"cpu": "x'))
    code, _, err = run_verify(capsys, results / "small")
    assert code == 2 and "manifest.json: damaged: its checksum does not match its content" in err
    file.write_text(file.read_text()[:-20])
    code, _, err = run_verify(capsys, results / "small")
    assert code == 2 and "not valid JSON" in err


def test_a_study_is_found_by_folder_name_and_configuration(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(finished.parent)
    assert find_study("small") == find_study("results/small")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(json.dumps({"study": "my/small.yaml", "results": str(finished)}))
    monkeypatch.chdir(tmp_path)
    assert run_verify(capsys, "--sample", "0")[0] == 0
    code, _, err = run_verify(capsys, "smal")
    assert code == 2 and "neither this folder nor results/smal has a manifest.json" in err
    code, _, err = run_verify(capsys, "--sample", "-1")
    assert code == 2 and "--sample is -1; valid: 0 or more" in err


def test_the_choice_is_seeded_and_keeps_when_runs_are_added():
    names = [f"run{i}" for i in range(20)]
    first = choose(names, 5, 0)
    assert first == choose(names[::-1], 5, 0) and len(set(first)) == 5 and first != choose(names, 5, 1)
    assert [name for name in choose([*names, "new"], 21, 0) if name != "new"] == choose(names, 20, 0)


def test_what_agrees_and_what_does_not(finished, tmp_path):
    folder = sorted(finished.glob("small/runs/*/*/seed0"))[0]
    history, table = folder / "history.parquet", pd.read_parquet(folder / "history.parquet")
    assert first_difference(history, history) == "its numbers are equal, but its bytes differ"
    assert outside_history(history, history) is None
    table.iloc[:-1].to_parquet(tmp_path / "short.parquet")
    assert first_difference(history, tmp_path / "short.parquet").startswith("it had 20 rows x ")
    table.assign(gn_g=float("nan")).to_parquet(tmp_path / "nan.parquet")
    assert "gn_g was" in outside_history(history, tmp_path / "nan.parquet")
    scores = read_json(folder / "metrics.json")
    fid = next(row for row in scores["metrics"] if row["name"] == "frechet")
    fid["value"] *= 1.5
    write_json(tmp_path / "metrics.json", scores)
    assert "frechet was" in outside_scores([folder], folder, tmp_path, ["frechet"])
    assert outside_scores([folder], folder, tmp_path, ["one_nn"]) is None
    fid["value"] = None
    write_json(tmp_path / "metrics.json", scores)
    assert "and is None" in outside_scores([folder], folder, tmp_path, ["frechet"])


def test_the_manifest_command_and_verify_agree_after_a_change_of_place(results, tmp_path, capsys):
    moved = tmp_path / "moved"
    results.rename(moved)
    assert run_verify(capsys, moved / "small", "--sample", "0")[0] == 0
    command("job", "manifest", "--study-folder", moved / "small", "--log", tmp_path / "log")
    assert run_verify(capsys, moved / "small", "--sample", "0")[0] == 0
