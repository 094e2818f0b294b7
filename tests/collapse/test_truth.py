"""Ground-truth labels of runs follow the documented thresholds, and equal the stored labels of the corpus.

If values are missing, a label that needs them is None.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.collapse.truth import LABELS, labels

REAL = {"eff_modes": 10.0, "quality": 0.8}


def of(modes: float, pairs: float = 1.0, quality: float = 0.8, **more: bool | None) -> dict[str, bool | None]:
    values = {"eff_modes": np.full(4, modes), "pair_ratio": np.full(4, pairs), "quality": np.full(4, quality)}
    return labels(values, REAL, **{"diverged": False, **more})


@pytest.mark.parametrize(
    ("modes", "pairs", "quality", "true"),
    [
        (10.0, 1.0, 0.8, {"healthy"}),
        (7.5, 1.0, 0.4, {"healthy"}),
        (7.4, 1.0, 0.8, {"failure"}),
        (10.0, 1.0, 0.39, {"failure"}),
        (5.0, 1.0, 0.8, {"collapse", "failure"}),
        (5.1, 1.0, 0.8, {"failure"}),
        (2.5, 1.0, 0.8, {"collapse", "severe", "failure"}),
        (10.0, 0.3, 0.0, {"collapse", "failure"}),
        (10.0, 0.15, 0.0, {"collapse", "severe", "failure"}),
    ],
)
def test_thresholds(modes, pairs, quality, true):
    result = of(modes, pairs, quality)
    assert tuple(result) == LABELS
    assert {name for name, value in result.items() if value} == true
    assert None not in result.values()


def test_the_last_checkpoints_decide_by_their_mean():
    modes = np.array([1.0, 1.0, 4.0, 5.0, 9.0])
    assert labels({"eff_modes": modes}, REAL, diverged=False)["collapse"] is None, "pairs may still tell"
    both = {"eff_modes": modes, "pair_ratio": np.ones(5)}
    assert labels(both, REAL, diverged=False)["collapse"] is False, "(4 + 5 + 9) / 3 = 6"
    assert labels(both, REAL, diverged=False, last=5)["collapse"] is True, "20 / 5 = 4"
    assert labels(both, REAL, diverged=False, last=1)["collapse"] is False
    with pytest.raises(ValueError, match="5 checkpoints; 6"):
        labels(both, REAL, last=6)


def test_what_is_missing_settles_nothing():
    assert labels({}, REAL) == dict.fromkeys(LABELS)
    only = {"eff_modes": np.full(3, 4.0)}
    result = labels(only, REAL, diverged=False)
    assert (result["collapse"], result["severe"], result["healthy"], result["failure"]) == (True, None, False, True)
    assert labels({"pair_ratio": np.full(3, 0.1)}, REAL)["severe"] is True
    assert labels({"eff_modes": np.full(3, 10.0)}, {}, diverged=False)["collapse"] is None, "nothing to compare with"
    gone = {"eff_modes": np.array([9.0, np.nan, 9.0]), "pair_ratio": np.ones(3), "quality": np.ones(3)}
    assert labels(gone, REAL, diverged=False) == {"diverged": False, **dict.fromkeys(LABELS[1:])}


def test_a_diverged_run_has_failed_and_has_not_collapsed():
    assert of(1.0, diverged=True) == {
        "diverged": True, "collapse": False, "severe": False, "healthy": False, "failure": True
    }  # fmt: skip
    values = {"eff_modes": np.ones(3), "scale": np.full(3, 10.1)}
    assert labels(values, REAL, diverged=False)["diverged"] is True
    assert labels({**values, "scale": np.full(3, 10.0)}, REAL)["diverged"] is False
    assert labels({"eff_modes": np.ones(3)}, REAL)["diverged"] is None


def test_the_stored_labels_of_the_corpus_come_out(shared_data: Path):
    folder = shared_data / "loss_trajectories"
    if not folder.is_dir():
        pytest.skip("the corpus of loss trajectories is absent")
    stored, runs = np.load(folder / "trajectories.npz"), pd.read_parquet(folder / "runs.parquet")
    truth, names = stored["gt"].astype(np.float64), list(stored["gt_names"])
    # The stored scale of samples is their largest coordinate. Half the range of the data is 2 for grid25, otherwise 1.
    ranges = runs["dataset"].map({"grid25": 4.0}).fillna(2.0)
    sources = {"eff_modes": "eff_modes", "pair_ratio": "pair_ratio", "quality": "hq"}
    mismatches = []
    for i, row in runs.iterrows():
        values = {value: truth[i, :, names.index(name)] for value, name in sources.items()}
        values["scale"] = truth[i, :, names.index("scale")] / ranges[i]
        broke = bool(row["first_nonfinite_step"] >= 0)
        result = labels(values, {"eff_modes": row["ref_eff_modes"], "quality": row["ref_hq"]}, diverged=broke)
        columns = {
            "diverged": "diverged",
            "collapse": "collapse",
            "severe": "severe_collapse",
            "healthy": "healthy",
        }
        mismatches += [(i, name) for name, column in columns.items() if result[name] is not bool(row[column])]
    assert len(runs) == 508 and mismatches == []
