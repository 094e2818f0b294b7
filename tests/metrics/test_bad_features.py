"""`gan-bench evaluate` on bad arrays gives null with a reason, or an error of one sentence.

docs/faults.md names these tests.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gan_bench.cli import main
from gan_bench.errors import UserError
from gan_bench.metrics.inputs import evaluate_files
from gan_bench.metrics.inputs.load import load_array

Save = Callable[[str, np.ndarray], Path]
RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(size=(60, 8)), 1.1 * RNG.normal(size=(60, 8)) + 0.2


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def saved(name: str, array: np.ndarray) -> Path:
        np.save(tmp_path / f"{name}.npy", array)
        return tmp_path / f"{name}.npy"

    return saved


def with_one(value: float) -> np.ndarray:
    changed = FAKE.copy()
    changed[7, 3] = value
    return changed


@pytest.mark.parametrize(
    ("real", "fake", "sentence"),
    [
        (REAL, FAKE[:, :7], "features of 8 dimensions and"),
        (REAL, FAKE[:, 0], "(60,) float64 is not valid"),
        (REAL, np.zeros((60, 1, 8, 8), np.uint8), "kind and shape must agree"),
        (REAL, FAKE[:1], "has 1 rows; 2 or more are needed"),
        (REAL, FAKE[:0], "has 0 rows; 2 or more are needed"),
        (REAL[:, :0], FAKE[:, :0], "is not valid"),
        (REAL, with_one(np.nan), "1 of 60 rows hold NaN or infinity (the first is row 7)"),
        (REAL, with_one(np.inf), "1 of 60 rows hold NaN or infinity (the first is row 7)"),
        (REAL, with_one(-np.inf), "1 of 60 rows hold NaN or infinity (the first is row 7)"),
        (REAL, with_one(1e13), "of the generated features is 1e+13; it must be between 1e-12 and 1e+12"),
        (REAL * 1e300, FAKE * 1e300, "it must be between 1e-12 and 1e+12"),
        (REAL * 1e-300, FAKE * 1e-300, "it must be between 1e-12 and 1e+12"),
        (REAL, FAKE.astype(np.longdouble), f"features are {np.dtype(np.longdouble)}; float16, float32 or float64"),
        (REAL, FAKE.astype(complex), "complex128 is not valid"),
        (REAL, FAKE.astype(int), "int64 is not valid"),
        (REAL, FAKE.astype(str), "is not valid"),
        (REAL, np.array([{"a": 1}], dtype=object), "not a readable .npy array of numbers"),
    ],
)
def test_a_mistake_is_one_sentence_and_no_file(real, fake, sentence, save, tmp_path, capsys) -> None:
    with np.errstate(all="ignore"):
        sides = ["--real", str(save("real", real)), "--fake", str(save("fake", fake))]
    assert main(["evaluate", *sides, "--out", str(tmp_path / "m.json")]) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err and shown.err.count("\n") == 1 and not shown.out
    assert ".npy" in shown.err or "features is" in shown.err
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("n", [2, 3, 4, 5, 9, 40])
def test_too_few_rows_are_null_with_the_number_that_is_needed(n: int, save: Save) -> None:
    result = evaluate_files(save("real", REAL[:n]), save("fake", FAKE[:n]))
    rows = {row["name"]: row for row in result["metrics"]}
    assert all(row["value"] is not None or row["note"] for row in [*result["metrics"], *result["floor"]])
    for name, least in (("precision", 4), ("density", 6), ("duplicates", 10), ("kid_subsets", 1000)):
        assert (rows[name]["value"] is None) == (n < least), name
        assert n >= least or "needs" in rows[name]["note"]
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(("n", "noted"), [(7, True), (8, True), (9, False)])
def test_fewer_rows_than_dimensions_are_noted_where_covariances_are_compared(n: int, noted: bool, save: Save) -> None:
    result = evaluate_files(save("real", REAL[:n]), save("fake", FAKE[:n]), metrics=["frechet", "mifid", "one_nn"])
    notes = {row["name"]: row["note"] for row in result["metrics"]}
    wanted = f"{n} rows in 8 dimensions: the covariance is singular and the value much too high; use more rows"
    assert (notes["frechet"], notes["mifid"]) == ((wanted, wanted) if noted else (None, None))
    assert notes["one_nn"] is None


def test_constant_features_are_null_or_what_the_formula_gives(save: Save) -> None:
    """Between equal sets of constant features, distances are 0, and undefined scores are null.

    The Fréchet distance of a point p from data of mean m and covariance S is |m - p|^2 + tr S.
    """
    flat = np.ones((60, 8))
    same = {row["name"]: row for row in evaluate_files(save("a", flat), save("b", flat))["metrics"]}
    for name in ("frechet", "kid", "sliced_w2", "w1"):
        assert same[name]["value"] == pytest.approx(0, abs=1e-12), name
    for name in ("density", "coverage", "mmd_gaussian_v", "pair_ratio", "parzen_log_likelihood"):
        assert same[name]["value"] is None and same[name]["note"], name
    point = {row["name"]: row for row in evaluate_files(save("a", flat), save("b", FAKE))["metrics"]}
    wanted = ((FAKE.mean(0) - 1) ** 2).sum() + FAKE.var(0, ddof=1).sum()
    assert point["frechet"]["value"] == pytest.approx(wanted, rel=1e-12)
    assert "all balls have radius 0" in point["density"]["note"]
    collapsed = {row["name"]: row["value"] for row in evaluate_files(save("a", REAL), save("b", flat))["metrics"]}
    assert collapsed["pair_ratio"] == 0 and collapsed["recall"] == 0 and collapsed["duplicates"] == 1


def test_one_dimension_has_no_directions(save: Save) -> None:
    rows = evaluate_files(save("a", REAL[:, :1]), save("b", FAKE[:, :1]), metrics=["mifid"])["metrics"]
    assert rows[0]["value"] is None and "needs 2 dimensions" in rows[0]["note"]


@pytest.mark.parametrize("power", [36, -36])
def test_between_the_limits_scale_does_not_matter(power: int, save: Save) -> None:
    """Scaling features by a power of two is exact.

    Unitless scores do not change, distances grow by this factor, and squared distances by its square.
    """
    plain = {row["name"]: row["value"] for row in evaluate_files(save("a", REAL), save("b", FAKE))["metrics"]}
    factor = 2.0**power
    rows = evaluate_files(save("a", REAL * factor), save("b", FAKE * factor))["metrics"]
    scaled = {row["name"]: row["value"] for row in rows}
    for name in ("density", "coverage", "precision", "recall", "one_nn", "one_nn_p", "memorisation", "pair_ratio"):
        assert scaled[name] == plain[name], name
    for name, degree in (("w1", 1), ("sliced_w2", 1), ("frechet", 2), ("mifid", 2), ("frechet_infinity", 2)):
        assert math.isclose(scaled[name], plain[name] * factor**degree, rel_tol=1e-12), name


def test_damaged_arrays_are_named_or_read(save: Save, tmp_path: Path) -> None:
    """A .npy header is Python text. If its bytes are changed, reading the file can raise a dozen types of errors."""
    whole, rng, named = save("whole", REAL).read_bytes(), np.random.default_rng(1), 0
    path = tmp_path / "broken.npy"
    for k in range(300):
        content = bytearray(whole)
        for place in rng.integers(160, size=2):
            content[place] = rng.integers(256)
        path.write_bytes(content[: rng.integers(len(content)) if k % 3 == 0 else None])
        try:
            load_array(path)
        except UserError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            named += 1
    assert named > 150
