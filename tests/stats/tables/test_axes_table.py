"""Shares of explained variance equal a published analysis. A grid with gaps is reduced to its balanced part."""

import numpy as np
import pandas as pd
import pytest
from published_examples import WARP
from scipy import stats
from synthetic import run_rows

from gan_bench.stats.tables.axes_table import COLUMNS, axes_table
from gan_bench.stats.tables.cell_levels import AXES, OTHER


def _grid(values, **columns) -> pd.DataFrame:
    """Rows of runs. `values` maps the (loss, model) of a cell to its values, one per seed."""
    parts = [
        run_rows({f"{loss} {model}": cell}, loss=loss, model=model, **columns) for (loss, model), cell in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _table(rows: pd.DataFrame, other: dict[str, str] | None = None) -> pd.DataFrame:
    """The table axes.csv, with levels from the columns of the runs.

    `other` maps a cell to the level of its other settings.
    """
    texts = rows[["dataset", "cell", *AXES]].astype(object).fillna("none").drop_duplicates(["dataset", "cell"])
    levels = {
        (row["dataset"], row["cell"]): {axis: row[axis] for axis in AXES}
        | {OTHER: (other or {}).get(row["cell"], "none")}
        for row in texts.to_dict("records")
    }
    table = axes_table(rows, {}, levels)
    assert list(table.columns) == COLUMNS
    return table


def _terms(rows: pd.DataFrame, response: str = "values", other: dict[str, str] | None = None) -> pd.DataFrame:
    table = _table(rows, other)
    return table[table["response"] == response].set_index("axis")


PARTS = ("axis", "interaction", "cell", "residual")


def test_warp_breaks_as_published() -> None:
    """summary(aov(breaks ~ wool * tension, warpbreaks)) in R has F = 3.765, 8.498 and 4.189.

    The residual sum of squares is 5745.1 with 48 degrees of freedom.
    """
    terms = _terms(_grid(WARP))
    names = ["loss", "model", "model x loss"]
    assert terms.loc[names, "f"].tolist() == pytest.approx([3.7653, 8.4980, 4.1891], abs=5e-4)
    assert terms.loc[names, "p"].tolist() == pytest.approx([0.0582130, 0.0006926, 0.0210442], abs=5e-7)
    assert terms.loc["seeds (residual)", "sum_sq"] == pytest.approx(5745.1, abs=0.05)
    assert terms.loc["seeds (residual)", "df"] == 48 and terms.loc["total", "df"] == 53
    total = 450.7 + 2034.3 + 1002.8 + 5745.1
    assert terms.loc["model", "eta_sq"] == pytest.approx(2034.3 / total, abs=1e-4)
    assert terms.loc["variant", "eta_sq"] == pytest.approx((450.7 + 2034.3 + 1002.8) / total, abs=1e-4)
    # Hays's omega squared is (SS - df MS_error) / (SS_total + MS_error), here with MS_error = 119.69.
    assert terms.loc["model", "omega_sq"] == pytest.approx((2034.3 - 2 * 119.69) / (total + 119.69), abs=1e-4)
    assert terms.loc["total", "note"] == "the whole grid: model (L; M; H) x loss (A; B), 9 seeds each"


def test_intervals_hold_the_shares_and_repeat() -> None:
    first, second = _terms(_grid(WARP)), _terms(_grid(WARP))
    rows = first.loc[["loss", "model", "model x loss", "variant"]]
    assert ((rows["eta_low"] < rows["eta_sq"]) & (rows["eta_sq"] < rows["eta_high"])).all()
    pd.testing.assert_frame_equal(first, second)


def test_shares_of_a_grid_with_gaps_add_up_to_one_on_its_balanced_part() -> None:
    """The grid has five of six cells, and one cell has one seed less.

    Shares by type II sums of squares over all cells would not add up to 1.
    """
    gaps = {key: cell[: 8 if i == 1 else 9] for i, (key, cell) in enumerate(WARP.items()) if i != 5}
    for response in ("values", "ranks"):
        terms = _terms(_grid(gaps), response)
        assert terms.loc[terms["kind"].isin(PARTS), "eta_sq"].sum() == pytest.approx(1)
        assert terms.loc["total", "note"].startswith("32 of 44 runs, 4 of 5 cells: model (L; M) x loss (A; B), 8 seeds")
        assert (terms["n_runs"] == 32).all() and (terms["n_cells"] == 4).all()


def test_three_axes_add_up_to_one() -> None:
    rng = np.random.default_rng(0)
    rows = pd.concat(
        [_grid({(a, b): rng.normal(size=2).tolist() for a in "ab" for b in "xy"}, penalty=p) for p in ("none", "gp")]
    )
    rows["cell"] = rows["cell"] + rows["penalty"]
    terms = _terms(rows)
    assert terms.loc["interactions of three or more", "df"] == 1
    assert terms.loc[terms["kind"].isin(PARTS), "eta_sq"].sum() == pytest.approx(1)


def test_axes_that_determine_each_other_are_one_axis() -> None:
    parts = [("wasserstein", "gradient_penalty"), ("minimax", "none")]
    rows = pd.concat(
        [run_rows({loss: [i + 0.1, i + 0.2]}, loss=loss, penalty=penalty) for i, (loss, penalty) in enumerate(parts)]
    )
    terms = _terms(rows)
    assert terms.loc["loss + penalty", "kind"] == "axis" and terms.loc["model", "note"] == "does not vary: mlp"
    rows = pd.concat(
        [run_rows({name: [i, i + 0.5]}, g_optimizer=name, d_optimizer=name) for i, name in enumerate("ab")]
    )
    assert _terms(rows).loc["optimizer", "n_levels"] == 2


def test_a_level_that_is_not_crossed_is_left_out_and_said() -> None:
    """The penalty gp occurs with only one loss, so the balanced part has only the losses without this penalty."""
    parts = [("wasserstein", "gp"), ("minimax", "none"), ("hinge", "none")]
    rows = pd.concat([run_rows({loss: [i, i + 0.5]}, loss=loss, penalty=p) for i, (loss, p) in enumerate(parts)])
    terms = _terms(rows)
    assert terms.loc["penalty", "note"] == "held at none in the balanced part"
    assert terms.loc["total", "note"] == "4 of 6 runs, 2 of 3 cells: loss (minimax; hinge), 2 seeds each"


def test_two_optimizers_that_differ_are_two_axes() -> None:
    rows = pd.concat(
        [
            run_rows({f"{g} {d}": [float(i), i + 0.5]}, g_optimizer=g, d_optimizer=d)
            for i, (g, d) in enumerate((g, d) for g in ("adam", "sgd") for d in ("adam", "sgd"))
        ]
    )
    assert _terms(rows).loc[["g_optimizer", "d_optimizer"], "kind"].tolist() == ["axis", "axis"]


def test_settings_beside_the_axes_are_an_axis() -> None:
    rows = run_rows({"short": [0.0, 1.0], "long": [10.0, 11.0]})
    terms = _terms(rows, other={"short-cell": "d_steps=1", "long-cell": "d_steps=5"})
    assert terms.loc["other settings", "sum_sq"] == pytest.approx(100)
    assert terms.loc["other settings", "f"] == pytest.approx(100 / 0.5)


def test_failures_count_in_ranks_and_not_in_values() -> None:
    values = {("a", "x"): [1.0, 2.0, 3.0], ("b", "x"): [1.5, 2.5, "diverged"]}
    table = _table(_grid(values)).set_index(["response", "axis"])
    assert table.loc[("values", "total"), "n_runs"] == 4 and table.loc[("ranks", "total"), "n_runs"] == 6
    # The groups have the ranks 1, 3, 5 and 2, 4, 6 with means 3 and 4. The sum of squares between groups is 6 * 0.25.
    assert table.loc[("ranks", "loss"), "sum_sq"] == pytest.approx(6 * 0.25)


def test_ranks_of_three_groups_are_the_kruskal_wallis_statistic() -> None:
    """H = (n - 1) * (eta squared of the ranks) equals SciPy's value, which is corrected for ties."""
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(m, 1, 8).round(1) for m in (0, 0.5, 1))
    terms = _terms(_grid({("a", "x"): a.tolist(), ("b", "x"): b.tolist(), ("c", "x"): c.tolist()}), "ranks")
    assert 23 * terms.loc["loss", "eta_sq"] == pytest.approx(stats.kruskal(a, b, c).statistic)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({("a", "x"): ["diverged"], ("b", "x"): ["failed"]}, "no run has a score"),
        ({("a", "x"): [1.0, 2.0]}, "one cell: no axis varies"),
        ({("a", "x"): [1.0, 1.0], ("b", "x"): [1.0, 1.0]}, "all runs are equal"),
        (
            {("a", "x"): [1.0], ("b", "x"): [2.0]},
            "the whole grid: loss (a; b), 1 seed each; no test, because one seed shows no variance between seeds",
        ),
        (
            {("a", "x"): [1.0, 2.0], ("b", "x"): [1.0, 2.0], ("b", "y"): [1.0, 4.0], ("c", "z"): [1.0, 2.0]},
            "4 of 8 runs, 2 of 4 cells: model (x; y), 2 seeds each",
        ),
    ],
)
def test_edges_are_words(values, note: str) -> None:
    terms = _terms(_grid(values))
    assert terms["note"].iloc[-1] == note


def test_no_balanced_part_is_said() -> None:
    cells = {("a", "x", "none"): [1.0, 2.0], ("b", "y", "none"): [1.0, 2.0], ("c", "x", "gp"): [3.0, 1.0]}
    rows = pd.concat([run_rows({str(key): v}, loss=key[0], model=key[1], penalty=key[2]) for key, v in cells.items()])
    terms = _terms(rows)
    assert terms["note"].tolist() == ["not shown: no balanced part, because no two cells differ in exactly one axis"]
    assert terms["eta_sq"].isna().all()
