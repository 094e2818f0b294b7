"""What explains the variance: the table on the warp breaks, and on grids that cannot say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from synthetic import run_rows
from test_anova import WARP

from gan_bench.stats.tables.axes_table import COLUMNS, axes_table


def _grid(values, **columns) -> pd.DataFrame:
    """Rows of cells named (loss, model), one value a seed."""
    parts = [
        run_rows({f"{loss} {model}": found}, loss=loss, model=model, **columns)
        for (loss, model), found in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _terms(rows: pd.DataFrame, response: str = "values") -> pd.DataFrame:
    table = axes_table(rows, {})
    assert list(table.columns) == COLUMNS
    return table[table["response"] == response].set_index("axis")


def test_warp_breaks_as_published() -> None:
    """R, summary(aov(breaks ~ wool * tension, warpbreaks)): F 3.765, 8.498, 4.189; residual 5745.1 on 48."""
    found = _terms(_grid(WARP))
    names = ["loss", "model", "model x loss"]
    assert found.loc[names, "f"].tolist() == pytest.approx([3.7653, 8.4980, 4.1891], abs=5e-4)
    assert found.loc[names, "p"].tolist() == pytest.approx([0.0582130, 0.0006926, 0.0210442], abs=5e-7)
    assert found.loc["seeds (residual)", "sum_sq"] == pytest.approx(5745.1, abs=0.05)
    assert found.loc["seeds (residual)", "df"] == 48 and found.loc["total", "df"] == 53
    total = 450.7 + 2034.3 + 1002.8 + 5745.1
    assert found.loc["model", "eta_sq"] == pytest.approx(2034.3 / total, abs=1e-4)
    assert found.loc["variant", "eta_sq"] == pytest.approx((450.7 + 2034.3 + 1002.8) / total, abs=1e-4)
    # Hays: (SS - df MS_error) / (SS_total + MS_error), MS_error = 119.69.
    assert found.loc["model", "omega_sq"] == pytest.approx((2034.3 - 2 * 119.69) / (total + 119.69), abs=1e-4)


def test_intervals_hold_the_shares_and_repeat() -> None:
    first, second = _terms(_grid(WARP)), _terms(_grid(WARP))
    rows = first.loc[["loss", "model", "model x loss", "variant"]]
    assert ((rows["eta_low"] < rows["eta_sq"]) & (rows["eta_sq"] < rows["eta_high"])).all()
    pd.testing.assert_frame_equal(first, second)


def test_what_does_not_vary_and_what_cannot_be_told_apart_is_said() -> None:
    parts = [("wasserstein", "gradient_penalty"), ("minimax", "none"), ("hinge", "none")]
    rows = pd.concat(
        [run_rows({loss: [i + 0.1, i + 0.2]}, loss=loss, penalty=penalty) for i, (loss, penalty) in enumerate(parts)]
    )
    found = _terms(rows)
    assert found.loc["model", "kind"] == "constant" and found.loc["model", "note"] == "does not vary: mlp"
    assert found.loc["tricks", "note"] == "does not vary: none"
    assert found.loc["penalty", "kind"] == "confounded" and found.loc["penalty", "note"] == "cannot be told from loss"
    assert 0 < found.loc["penalty", "eta_alone"] < found.loc["loss", "eta_alone"] <= 1
    assert "optimizer" in found.index and "d_optimizer" not in found.index


def test_two_optimizers_that_differ_are_two_axes() -> None:
    rows = pd.concat(
        [
            run_rows({f"{g} {d}": [float(i), i + 0.5]}, g_optimizer=g, d_optimizer=d)
            for i, (g, d) in enumerate((g, d) for g in ("adam", "sgd") for d in ("adam", "sgd"))
        ]
    )
    found = _terms(rows)
    assert found.loc[["g_optimizer", "d_optimizer"], "kind"].tolist() == ["axis", "axis"]


def test_settings_without_a_column_are_the_rest_of_the_cell() -> None:
    """Two learning rates of one loss: all that lies between them is the cell's."""
    rows = run_rows({"lr=1": [0.0, 1.0], "lr=2": [10.0, 11.0]})
    found = _terms(rows)
    assert found.loc["rest of the cell", "sum_sq"] == pytest.approx(100)
    assert found.loc["rest of the cell", "f"] == pytest.approx(100 / 0.5)


def test_failures_count_in_ranks_and_not_in_values() -> None:
    values = {("a", "x"): [1.0, 2.0, 3.0], ("b", "x"): [1.5, 2.5, "diverged"]}
    table = axes_table(_grid(values), {}).set_index(["response", "axis"])
    assert table.loc[("values", "total"), "n_runs"] == 5 and table.loc[("ranks", "total"), "n_runs"] == 6
    # Between-group sum of squares of the ranks 1, 3, 5 and 2, 4, 6: means 3 and 4.
    assert table.loc[("ranks", "loss"), "sum_sq"] == pytest.approx(6 * 0.25)


def test_ranks_of_two_groups_are_the_kruskal_wallis_statistic() -> None:
    """H = (n - 1) eta squared of the ranks: SciPy's, with its correction for ties."""
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(m, 1, 8).round(1) for m in (0, 0.5, 1))
    found = _terms(_grid({("a", "x"): a.tolist(), ("b", "x"): b.tolist(), ("c", "x"): c.tolist()}), "ranks")
    assert 23 * found.loc["loss", "eta_sq"] == pytest.approx(stats.kruskal(a, b, c).statistic)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({("a", "x"): ["diverged"], ("b", "x"): ["failed"]}, "no run to explain"),
        ({("a", "x"): [1.0, 2.0]}, "one cell: no axis varies"),
        ({("a", "x"): [1.0, 1.0], ("b", "x"): [1.0, 1.0]}, "all runs are equal"),
        ({("a", "x"): [1.0], ("b", "x"): [2.0]}, "one seed in each cell: nothing to test against"),
    ],
)
def test_edges_are_words(values, note: str) -> None:
    found = _terms(_grid(values))
    assert found["note"].iloc[-1] == note and found[["f", "p", "eta_low"]].isna().all(axis=None)
