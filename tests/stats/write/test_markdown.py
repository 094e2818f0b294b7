"""The comparison in Markdown rounds numbers to suit their intervals and prints possible winners in bold."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.comparison import comparison_table
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.comparison_markdown import comparison_markdown
from gan_bench.stats.write.markdown import escape, estimate, number, with_decimals
from gan_bench.stats.write.table_files import read_csv


def test_the_table_by_hand(tables: Path) -> None:
    text = (tables / "comparison.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[0].startswith(
        "| variant | Fréchet distance (made-up-classifier) ↓ | coverage (made-up-classifier) ↑ |"
    )
    assert lines[0].endswith("| diverged | failed | timeout | missing |") and "→ ½" in lines[0]
    assert lines[2] == "| *real images* | 0.5 | 0.970 | 0.500 | – | – | – | – |"
    assert lines[3] == (
        "| DCGAN | **11.0 [8.7, 13.8]** (3/3) | **0.890 [0.863, 0.913]** (3/3) | **0.555 [0.543, 0.567]** (3/3) "
        "| 0 | 0 | 0 | 0 |"
    )
    assert lines[4] == "| LSGAN | **22.0** (1/3) | **0.780** (1/3) | **0.610** (1/3) | 0 | 1 | 1 | 0 |"
    assert lines[5].startswith("| WGAN-GP | 30.5 [24.8, 37.6] (2/3) |") and lines[5].endswith("| 1 | 0 | 0 | 0 |")
    assert "Protocol: 200 real images (test split) against 200 generated images, extractor made-up-classifier." in text
    assert "FID" not in text


def test_bold_marks_what_cannot_be_excluded_as_the_best(tmp_path: Path) -> None:
    fabricate_study(tmp_path, outcomes={})
    collect(tmp_path, complete=True)
    write_tables(tmp_path)
    text = (tmp_path / "tables/comparison.md").read_text()
    assert (
        "| DCGAN | **11.0 [8.7, 13.8]** (3/3) | **0.890 [0.863, 0.913]** (3/3) | **0.555 [0.543, 0.567]** (3/3) |"
        in text
    )


def test_a_study_without_runs_still_has_a_table(tmp_path: Path) -> None:
    fabricate_study(tmp_path, variants=("DCGAN",), seeds=(0,), outcomes={("digits", "DCGAN", 0): "missing"})
    collect(tmp_path, complete=False)
    write_tables(tmp_path)
    text = (tmp_path / "tables/comparison.md").read_text()
    assert "| DCGAN | – (0/1) | – (0/1) | – (0/1) | 0 | 0 | 0 | 1 |" in text and "no run was scored" in text


def test_a_floor_with_its_own_protocol_says_so(tables: Path) -> None:
    runs, calibration, metrics = (read_csv(tables / name) for name in ("runs.csv", "calibration.csv", "metrics.csv"))
    calibration.loc[calibration["metric"] == "frechet", "n_fake"] = 50
    text = comparison_markdown(comparison_table(runs, calibration, metrics))
    assert "Protocol of *real images*: 200 real images (test split) against 50 generated images" in text
    assert "Protocol: 200 real images" in text


def test_a_section_for_each_data_set(tmp_path: Path) -> None:
    fabricate_study(tmp_path, datasets=("digits", "mnist"))
    collect(tmp_path, complete=True)
    write_tables(tmp_path)
    text = (tmp_path / "tables/comparison.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## digits", "## mnist"]


@pytest.mark.parametrize(
    ("centre", "ends", "n", "text"),
    [
        (11.0, (8.5, 13.5), 3, "11.0 [8.5, 13.5]"),
        (123.456, (94, 152.2), 3, "123 [94, 152]"),
        (0.5, (0.4929, 0.5071), 3, "0.5000 [0.4929, 0.5071]"),
        (3e-12, (1e-12, 9e-12), 3, "3e-12 [1e-12, 9e-12]"),
        (0.002, (0.00004, 9e6), 3, "0.002 [0, 9000000]"),  # a wide interval of a distance
        (0.0, (0.0, 0.47), 3, "0.00 [0.00, 0.47]"),
        (1.0, (1.0, 1.0), 3, "1.000 [1.000, 1.000]"),  # the spread is below the precision of a float64
        (1.0, (0.5, float("inf")), 2, "1.000 [0.500, inf]"),
        (3.0, None, 3, "3 constant"),
        (2.5678, None, 1, "2.6"),
        (1234.5, None, 1, "1200"),
        (2.5678, None, None, "2.568"),  # real images, which have no seed
    ],
)
def test_an_estimate_has_the_digits_of_its_spread(centre, ends, n, text: str) -> None:
    low, high = ends or (None, None)
    row = {"centre": centre, "ci_low": low, "ci_high": high, "n_scored": n, "n_asked": n}
    assert " ".join(filter(None, estimate(row))) == text


def test_the_numbers_of_a_column_have_equal_decimals() -> None:
    """In at least three quarters of a column's intervals, two digits of the half-width are shown.

    A number has at most four significant digits and no exponent.
    """
    centres, halves = [3.861, 4.911, 9.45, 0.8645, 512.34, 8.0], [0.64, 2.0, 1.6, None, 400.0, 0.0012]
    table = pd.DataFrame({"dataset": "digits", "label": "distance", "centre": centres, "n_scored": 3, "n_asked": 3})
    table = table.assign(ci_low=table["centre"] - pd.Series(halves), ci_high=table["centre"] + pd.Series(halves))
    texts = [" ".join(filter(None, estimate(row))) for row in with_decimals(table).to_dict("records")]
    assert texts[:3] == ["3.86 [3.22, 4.50]", "4.91 [2.91, 6.91]", "9.45 [7.85, 11.05]"]
    assert texts[3:] == ["0.86 constant", "512.3 [112.3, 912.3]", "8.000 [7.999, 8.001]"]


def test_number() -> None:
    assert [number(value) for value in (3, 3.0, 0.123456, 12345.678, 1e-7, pd.NA, float("nan"))] == [
        *("3", "3", "0.1235", "12346", "1e-07", "–", "–")
    ]


def test_labels_cannot_break_the_table() -> None:
    assert escape("a|b\nc_d") == r"a\|b c\_d"


def test_values_that_are_no_scores_are_not_printed(tables: Path) -> None:
    table = read_csv(tables / "comparison.csv")
    assert "coverage (made-up-classifier)" in comparison_markdown(table)
    table.loc[table["metric"] == "coverage", "direction"] = "none"
    assert "coverage" not in comparison_markdown(table)
