"""If a run was trained by other code than most runs, its rows say so, and a caveat above the comparison names it."""

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench.files import read_json, write_json
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.collect.software_differences import caveat, code_marks, run_software
from gan_bench.stats.tables.write_tables import write_tables


def run(cell, seed, code="c", core="k", torch="2", numpy="2", dataset="digits"):
    identity = {"code": code, "torch": torch, "numpy": numpy}
    status = {"identity": identity, "provenance": {"code": core}}
    return run_software({"dataset": dataset, "cell": cell, "seed": seed, "status_document": status})


@pytest.fixture
def study(tmp_path):
    """Folder of a fabricated study whose runs state their code; seed 1 of DCGAN was trained by other code."""
    fabricate_study(tmp_path / "demo", outcomes={})
    for file in (tmp_path / "demo").glob("runs/*/*/seed*/status.json"):
        status = read_json(file)
        settings = read_json(file.parent / "settings.json")
        odd = (
            settings["seed"] == 1
            and settings["model"]["name"] == "dcgan"
            and settings["loss"]["name"] != "least_squares"
        )
        code = {"code": ("b" if odd else "a") * 16}
        write_json(file, {**status, "identity": {**code, "torch": "2", "numpy": "2"}, "provenance": code})
    return tmp_path / "demo"


def test_every_row_of_an_odd_run_and_the_comparison_say_so(study):
    collect(study, complete=True)
    write_tables(study)
    runs = pd.read_csv(study / "tables/runs.csv")
    marked = runs[runs["note"].fillna("").str.contains("trained with other software")]
    (name,) = {f"{row.dataset}/{row.cell}/seed{row.seed}" for row in marked.itertuples()}
    assert len(marked) == 3 and set(marked["seed"]) == {1}, "three metric values of one run"
    assert marked["value"].notna().all(), "the numbers stay"
    assert "training code bbbbbbbbbbbbbbbb, aaaaaaaaaaaaaaaa in most runs" in marked["note"].iloc[0]
    text = (study / "tables/comparison.md").read_text()
    assert text.startswith("**Caveat**: 1 of 9 runs were trained with other software") and f"`{name}`" in text


def test_a_study_of_one_code_has_no_caveat(tmp_path):
    fabricate_study(tmp_path / "demo", outcomes={})
    collect(tmp_path / "demo", complete=True)
    write_tables(tmp_path / "demo")
    assert (tmp_path / "demo/tables/comparison.md").read_text().startswith("# demo: comparison")
    assert not pd.read_csv(tmp_path / "demo/tables/runs.csv")["note"].astype(str).str.contains("software").any()


def test_components_differ_between_cells_and_not_within_one():
    cells = [run("a", 0, code="x"), run("a", 1, code="x"), run("b", 0, code="y"), run("b", 1, code="y")]
    assert code_marks(cells) == {} and caveat(cells) == ""
    cells[3] = run("b", 1, code="z")
    assert list(code_marks(cells)) == [("digits", "b", 1)], "of two halves the later is marked"


def test_the_code_that_all_runs_share_and_the_libraries_are_compared_over_the_study():
    cells = [run("a", 0), run("b", 0), run("c", 0, core="other", torch="1")]
    (mark,) = code_marks(cells).values()
    assert mark == "trained with other software: training code other, k in most runs; torch 1, 2 in most runs"


def test_runs_that_say_nothing_are_not_marked():
    failed = {"dataset": "digits", "cell": "a", "seed": 1, "status_document": {"status": "failed"}}
    missing = {**failed, "seed": 2, "status_document": None}
    assert code_marks([run("a", 0), run_software(failed), run_software(missing)]) == {}


def test_a_long_list_is_counted():
    cells = [run("a", seed) for seed in range(10)] + [run("a", seed, code="o") for seed in range(10, 17)]
    assert "7 of 17 runs" in caveat(cells) and "and 2 more" in caveat(cells)
