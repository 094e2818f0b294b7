"""Several models are compared by their samples, with the same real set."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gan_bench.cli import main
from gan_bench.comparison import compare_files
from gan_bench.comparison.score import LEAST
from gan_bench.errors import UserError
from gan_bench.metrics.inputs import evaluate_files


@pytest.fixture
def sets(tmp_path):
    """Paths of 400 real rows, and of 200 rows for each of three models.

    The rows of the models are shifted by 0, 0.1 and 8 in each dimension.
    """
    rng = np.random.default_rng(0)
    np.save(tmp_path / "real.npy", rng.normal(size=(400, 4)))
    for name, shift in (("good", 0.0), ("near", 0.1), ("far", 8.0)):
        np.save(tmp_path / f"{name}.npy", rng.normal(shift, 1, size=(200, 4)))
    return [tmp_path / f"{name}.npy" for name in ("real", "good", "near", "far")]


@pytest.fixture
def pictures_of(tmp_path):
    """pictures_of(seed): a folder of four pictures."""

    def saved(seed):
        folder = tmp_path / f"pictures{seed}"
        folder.mkdir()
        for i, pixels in enumerate(np.random.default_rng(seed).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)):
            Image.fromarray(pixels).save(folder / f"{i}.png")
        return folder

    return saved


def test_a_comparison_names_what_it_can_tell(sets):
    result = compare_files(sets[0], sets[1:], metrics=["frechet", "coverage"], replicates=60)
    rows = {(row["metric"], row["model"]): row for row in result["rows"]}
    assert [rows["frechet", name]["top"] for name in ("good", "near", "far")] == [True, True, False]
    assert rows["frechet", "far"]["difference_low"] > 0
    for row in result["rows"]:
        assert row["low"] <= row["value"] <= row["high"] and row["n"] == 200
    assert "frechet: 200 samples cannot decide which of good, near is best." in result["said"]
    # The values and the floor (scores of real data against real data) equal those of `evaluate`.
    alone = evaluate_files(sets[0], sets[1], metrics=["frechet", "coverage"])
    assert rows["frechet", "good"]["value"] == alone["metrics"][0]["value"]
    assert [(row["name"], row["value"]) for row in result["floor"]] == [
        (row["name"], row["value"]) for row in alone["floor"]
    ]


def test_the_interval_holds_the_values_of_other_draws_of_n(sets):
    """The interval should contain 95 % of the values that other draws of 100 rows give.

    The difference between two draws has a standard deviation sqrt(2) times as large as that of one draw. So the
    half-width is about 2 sqrt(2) standard deviations of one draw.
    """
    row = compare_files(sets[0], [sets[3]], metrics=["frechet"], n=100, replicates=100)["rows"][0]
    draws = [evaluate_files(sets[0], sets[3], metrics=["frechet"], n=100, seed=seed) for seed in range(12)]
    values = [draw["metrics"][0]["value"] for draw in draws]
    assert sum(row["low"] <= value <= row["high"] for value in values) >= 11
    assert 2 * np.std(values, ddof=1) < (row["high"] - row["low"]) / 2 < 5 * np.std(values, ddof=1)


def test_folders_of_pictures_are_compared_in_the_default_space_of_evaluate(pictures_of):
    real, *models = (pictures_of(seed) for seed in range(3))
    result = compare_files(real, models, metrics=["frechet"])
    assert (
        result["protocol"]["extractor"] == evaluate_files(real, models[0], metrics=["frechet"])["protocol"]["extractor"]
    )


def test_five_samples_have_no_order(sets):
    result = compare_files(sets[0], sets[1:], metrics=["frechet"], n=5)
    assert {(row["low"], row["difference"], row["top"]) for row in result["rows"]} == {(None, None, None)}
    assert result["said"] == [
        "With 5 samples on each side, the values have no interval and the models have no order; both need "
        f"{LEAST} samples. Findings about the files are valid for any number of samples."
    ]


def test_findings_name_the_model(sets, tmp_path):
    np.save(tmp_path / "copied.npy", np.load(sets[0])[:200])
    models = [sets[1], tmp_path / "copied.npy"]
    result = compare_files(sets[0], models, metrics=["frechet"], replicates=20)
    assert [(finding["model"], finding["finding"]) for finding in result["findings"]] == [("copied", "identical_sets")]
    with pytest.raises(UserError, match="copied: identical_sets: 200 of 200 generated rows equal real rows"):
        compare_files(sets[0], models, metrics=["frechet"], strict=True)


def test_the_command_writes_all_files(sets, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["compare", "--real", *map(str, sets), "--out", str(out), "--replicates", "20"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert text == (out / "comparison.md").read_text() and "| floor (real) |" in text and "| far |" in text
    table = pd.read_csv(out / "comparison.csv")
    assert set(table["model"]) == {"floor (real)", "good", "near", "far"}
    assert (out / "comparison.png").read_bytes()[:4] == b"\x89PNG"
    assert json.loads((out / "comparison.json").read_text())["protocol"]["n_real"] == 200
    assert main(["compare", "--real", *map(str, sets), "--n", "999"]) == 2
