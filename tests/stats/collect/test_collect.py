"""Collecting writes one row for each planned run and metric value, also if the run failed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from fabricate import FLOOR, fabricate_study, run_folder

from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.write.names import RUN_COLUMNS
from gan_bench.stats.write.table_files import read_csv


def _only(runs: pd.DataFrame, **where: object) -> pd.DataFrame:
    for column, value in where.items():
        runs = runs[runs[column] == value]
    return runs


def test_one_row_per_run_and_value(runs: pd.DataFrame) -> None:
    assert tuple(runs.columns) == RUN_COLUMNS
    assert len(runs) == 9 * 3
    assert not runs.duplicated(["dataset", "cell", "seed", "metric"]).any()


def test_a_finished_run(runs: pd.DataFrame) -> None:
    row = _only(runs, variant="DCGAN", seed=1, metric="frechet").iloc[0]
    assert row["value"] == 11.0 and row["status"] == "ok" and row["direction"] == "lower"
    assert (row["n_real"], row["n_fake"], row["extractor"], row["split"]) == (200, 200, "made-up-classifier", "test")
    assert (row["model"], row["loss"], row["penalty"], row["g_optimizer"]) == (
        "dcgan",
        "non_saturating",
        "none",
        "adam",
    )
    assert (row["g_steps"], row["images"]) == (400, 12800) and pd.isna(row["diverged_step"]) and pd.isna(row["note"])


def test_failures_are_rows_without_numbers(runs: pd.DataFrame) -> None:
    diverged = _only(runs, variant="WGAN-GP", seed=2)
    assert set(diverged["status"]) == {"diverged"} and set(diverged["diverged_step"]) == {100}
    assert set(diverged["verdict"]) == {"diverged"} and diverged["value"].isna().all()
    assert set(diverged["note"]) == {"run diverged"}
    assert set(_only(runs, variant="LSGAN", seed=0)["status"]) == {"timeout"}
    assert set(_only(runs, variant="LSGAN", seed=1)["status"]) == {"failed"}


def test_an_undefined_value_keeps_its_note(tmp_path: Path) -> None:
    fabricate_study(tmp_path, values={("digits", "DCGAN", 0, "coverage"): None}, outcomes={})
    collect(tmp_path, complete=True)
    row = _only(read_csv(tmp_path / "tables/runs.csv"), variant="DCGAN", seed=0, metric="coverage").iloc[0]
    assert pd.isna(row["value"]) and row["status"] == "ok" and row["note"] == "undefined: made up"


def test_complete_names_what_is_missing_and_writes_nothing(tmp_path: Path) -> None:
    fabricate_study(tmp_path, outcomes={("digits", "LSGAN", 1): "missing"})
    with pytest.raises(UserError, match=r"1 of 9 planned .*: digits/dcgan-least.*/seed1 \(status\.json\)"):
        collect(tmp_path, complete=True)
    assert not (tmp_path / "tables").exists()


def test_a_long_list_of_incomplete_runs_is_cut(tmp_path: Path) -> None:
    fabricate_study(tmp_path, variants=("DCGAN",), seeds=range(25), media=False, outcomes={})
    for file in tmp_path.glob("runs/*/*/*/metrics.json"):
        file.unlink()
    with pytest.raises(UserError, match=r"25 of 25 planned runs .*seed0 \(metrics\.json\); .*; and 5 more\.$"):
        collect(tmp_path, complete=True)


def test_incomplete_counts_what_is_missing(tmp_path: Path) -> None:
    fabricate_study(tmp_path, outcomes={("digits", "LSGAN", 1): "missing"})
    collect(tmp_path, complete=False)
    missing = _only(read_csv(tmp_path / "tables/runs.csv"), status="missing")
    assert len(missing) == 3 and set(missing["seed"]) == {1} and missing["value"].isna().all()
    assert set(missing["verdict"]) == {"not_judged"}
    assert set(missing["note"]) == {"run missing: no status.json"}


def test_calibration_rows_stand_once(tables: Path) -> None:
    floor = read_csv(tables / "calibration.csv")
    assert dict(zip(floor["metric"], floor["value"], strict=True)) == FLOOR
    assert set(floor["variant"]) == {"real images"} and set(floor["n_runs"]) == {9}
    assert set(floor["direction"]) == {"lower", "higher", "half"}


def test_metrics_table(tables: Path) -> None:
    metrics = read_csv(tables / "metrics.csv").set_index("metric")
    assert metrics.loc["frechet", "label"] == "Fréchet distance" and pd.isna(metrics.loc["frechet", "high"])
    assert metrics.loc["coverage", "high"] == 1


def test_histories_are_the_runs_histories(study: Path, tables: Path) -> None:
    histories = pd.read_parquet(tables / "histories.parquet")
    assert list(histories.columns[:7]) == ["dataset", "cell", "variant", "seed", "step", "d_step", "images"]
    plan = read_json(study / "plan.json")
    history = pd.read_parquet(run_folder(study, plan, "digits", "DCGAN", 2) / "history.parquet")
    part = _only(histories, variant="DCGAN", seed=2).drop(columns=["dataset", "cell", "variant", "seed"])
    pd.testing.assert_frame_equal(part.reset_index(drop=True), history)
    assert len(histories) == 8 * 40 + 10


def test_run_cards(tables: Path) -> None:
    cards = read_json(tables.parent / "run_cards.json")
    assert [(card["variant"], card["seed"]) for card in cards[:4]] == [
        ("DCGAN", 0),
        ("DCGAN", 1),
        ("DCGAN", 2),
        ("LSGAN", 0),
    ]
    assert cards[0]["settings"]["seed"] == 0 and cards[0]["status_document"]["parameters"]["generator"] == 1234
    assert cards[0]["collapse"]["verdict"] == "no_sign_found" and cards[3]["status"] == "timeout"


def test_collecting_twice_gives_the_same_bytes(study: Path, tables: Path) -> None:
    before = {file.name: file.read_bytes() for file in tables.iterdir()}
    collect(study, complete=True)
    assert {name: (tables / name).read_bytes() for name in before} == before


def test_a_damaged_run_leaves_the_tables_as_they_were(study: Path, tables: Path) -> None:
    """Rows of the other runs are written before the damage is found, but only to temporary files."""
    (tables / "validation.csv").write_text("kept")
    before = {file.name: file.read_bytes() for file in [*tables.iterdir(), study / "run_cards.json"]}
    last = sorted(study.glob("runs/*/*/*/collapse.json"))[-1]
    last.write_text("{")
    with pytest.raises(UserError, match=r"collapse\.json: not valid JSON"):
        collect(study, complete=True)
    assert {file.name: file.read_bytes() for file in [*tables.iterdir(), study / "run_cards.json"]} == before


def test_no_clock_in_the_csv(study: Path, tables: Path) -> None:
    """If runs are repeated on a slower machine, run_cards.json changes, but the tables stay the same."""
    before = {file.name: file.read_bytes() for file in tables.iterdir()}
    for status in study.glob("runs/**/status.json"):
        write_json(status, read_json(status) | {"seconds": 99.0, "steps_per_second": 4.0})
    collect(study, complete=True)
    assert {name: (tables / name).read_bytes() for name in before} == before
    assert {card["status_document"].get("seconds") for card in read_json(study / "run_cards.json")} >= {99.0}


def test_tables_alone_stay_as_they_are(study: Path, tables: Path) -> None:
    before = {file.name: file.read_bytes() for file in tables.iterdir()}
    shutil.rmtree(study / "runs")
    collect(study, complete=False)
    assert {name: (tables / name).read_bytes() for name in before} == before


def test_tables_alone_must_be_those_of_the_plan(study: Path, tables: Path) -> None:
    shutil.rmtree(study / "runs")
    plan = read_json(study / "plan.json")
    plan["cells"][0]["seeds"].append(9)
    write_json(study / "plan.json", plan)
    with pytest.raises(UserError, match=r"runs\.csv: the runs or metrics differ from plan\.json"):
        collect(study, complete=False)


def test_a_study_that_has_not_begun_is_all_missing(tmp_path: Path) -> None:
    runs = {("digits", name, seed): "missing" for name in ("DCGAN", "LSGAN", "WGAN-GP") for seed in range(3)}
    fabricate_study(tmp_path, outcomes=runs)
    collect(tmp_path, complete=False)
    assert set(read_csv(tmp_path / "tables/runs.csv")["status"]) == {"missing"}
    assert pd.read_parquet(tmp_path / "tables/histories.parquet").empty


def test_stats_and_collapse_do_not_import_torch(root: Path) -> None:
    modules = [
        ".".join(file.relative_to(root).with_suffix("").parts)
        for area in ("stats", "collapse")
        for file in (root / "gan_bench" / area).rglob("*.py")
    ]
    code = f"import sys, {', '.join(modules)}; print(sorted({{'torch', 'torchvision'}} & set(sys.modules)))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_values_over_training_have_a_table_of_their_own(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path, outcomes={})
    collect(tmp_path, complete=True)
    empty = read_csv(tmp_path / "tables/curves.csv")
    assert empty.empty and {"step", "metric", "value", "direction", "n_fake"} <= set(empty.columns)
    file = run_folder(tmp_path, plan, "digits", "DCGAN", 1) / "metrics.json"
    scored = read_json(file)
    rows = [{**row, "value": 50.0} for row in scored["metrics"]]
    write_json(
        file, {**scored, "checkpoints": [{"step": 100, "metrics": rows}, {"step": 400, "metrics": scored["metrics"]}]}
    )
    collect(tmp_path, complete=True)
    curves = _only(read_csv(tmp_path / "tables/curves.csv"), metric="frechet")
    assert list(zip(curves["variant"], curves["seed"], curves["step"], curves["value"], strict=True)) == [
        ("DCGAN", 1, 100, 50.0),
        ("DCGAN", 1, 400, 11.0),
    ]
