"""Labelled logs on which the detector is trained: runs of an older corpus, and runs of this suite (gan-bench).

The log of a run is also called its trajectory. The networks of the older corpus are small perceptrons.

Runs are grouped by data set and loss. Data sets of the same images have the same value in the column "images"; for
example, "digits" and "stacked" have the value "digits". To test the detector on unseen data, all runs with one value in
this column are left out of its training.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.features import INDEX, JOINT, KINDS, NAMES, NEED_SCALE, vector
from gan_bench.collapse.named_loss import named_loss
from gan_bench.collapse.normalisation import COLUMNS, OUTPUT_SERIES, NotJudgedError, make_series
from gan_bench.collapse.trajectory import LOSSES
from gan_bench.collapse.truth import labels

Array = np.ndarray

FILES = ("trajectories.npz", "runs.parquet")
OWN_FILES = ("trajectories.npz", "runs.csv")

#: Name of a loss in the tables of runs -> (FACTS of the loss component with this alias, name of the component).
KNOWN = {name: named_loss(name) for name in ("ns", "minimax", "lsgan", "hinge", "wgan", "wgangp")}
LOSS_FILES = {name: component for name, (_, component) in KNOWN.items()}
#: Data set -> the data set whose images it uses. Data sets that are not listed have images of their own.
IMAGES = {"digits256": "digits", "stacked": "digits", "stacked_mnist": "mnist"}
#: Data set -> half of the range of its data; 1 if not listed. The "scale" of samples in the older corpus is in units of
#: the data. Here it is divided by the whole range of the data.
HALF_RANGE = {"grid25": 2.0}

CHECKPOINTS = 20
#: Values from which labels are computed: name here -> name in the older corpus.
OLDER_TRUTH = {"eff_modes": "eff_modes", "pair_ratio": "pair_ratio", "quality": "hq", "scale": "scale"}


def facts(loss: str) -> Mapping[str, Any]:
    """FACTS of a loss in the tables. Both corpora compute least squares without a factor 1/2, as the component does."""
    return KNOWN[loss][0]


class Corpus:
    """All runs. The table `runs` has a row with labels for each run.

    Features and labels can be computed after any share of the training. `again`: for each run, values computed from
    other samples of its last checkpoints; empty for the older corpus.
    """

    def __init__(self, older: Path, own: Path | None) -> None:
        self.older, self.own = older, own
        parts = [_older(older), *([_suite(own)] if own else [])]
        self.runs = pd.concat([part["runs"] for part in parts], ignore_index=True)
        self.values = [values for part in parts for values in part["values"]]
        self.truth = [truth for part in parts for truth in part["truth"]]
        self.again = [again for part in parts for again in part["again"]]
        runs = self.runs
        runs["group"] = runs["dataset"] + "/" + runs["loss"]
        runs["images"] = runs["dataset"].replace(IMAGES)
        runs["family"] = [facts(loss)["family"] for loss in runs["loss"]]
        found = pd.DataFrame([self.label(run) for run in range(len(runs))])
        # An unknown label counts as False. Diverged runs are left out by `Task`.
        for name in ("collapse", "failure", "healthy", "severe"):
            runs[name] = found[name].eq(True)
        self._features: dict[float, Array] = {}

    def label(self, run: int, share: float = 1.0, last: int = 3, again: bool = False) -> dict[str, bool | None]:
        """Labels of a run after `share` of its training.

        `last`: number of checkpoints, counted from the last, whose values are averaged. `again`: use the values in the
            attribute `again`.
        """
        row, values = self.runs.iloc[run], self.again[run] if again else self.truth[run]
        if not again:
            values = {name: v[: round(share * CHECKPOINTS)] for name, v in values.items()}
        real = {"eff_modes": row["ref_eff_modes"], "quality": row["ref_quality"]}
        return labels(values, real, diverged=bool(row["diverged"]), last=last)

    def state(self, target: str, share: float) -> Array:
        """(runs,) whether the label `target` ("collapse" or "failure") of each run is true after `share` of training.

        An unknown label counts as False.
        """
        return np.array([self.label(run, share)[target] is True for run in range(len(self.runs))])

    def history(self, run: int, share: float = 1.0) -> dict[str, Array]:
        """The first `share` of a run's log."""
        values = self.values[run]
        rows = round(share * len(values["d_loss"]))
        every = max(1, int(self.runs["g_steps"].iloc[run]) // len(values["d_loss"]))
        return {"step": every * np.arange(1, rows + 1), **{name: v[:rows] for name, v in values.items()}}

    def features(self, share: float) -> Array:
        """Features (runs, NAMES) after `share` of training. If a run cannot be judged, all of its features are NaN."""
        if share not in self._features:
            self._features[share] = np.stack([self._describe(run, share) for run in range(len(self.runs))])
        return self._features[share]

    def _describe(self, run: int, share: float) -> Array:
        try:
            return vector(make_series(self.history(run, share), facts(self.runs["loss"].iloc[run])))
        except NotJudgedError:
            return np.full(len(NAMES), np.nan)


def _older(folder: Path) -> dict[str, Any]:
    stored, runs = np.load(folder / FILES[0]), pd.read_parquet(folder / FILES[1])
    channels, names = list(stored["channels"]), list(stored["gt_names"])
    kept = [*LOSSES, *COLUMNS["diversity"]]
    traj, truth = stored["traj"].astype(np.float64), stored["gt"].astype(np.float64)
    truth[:, :, names.index("scale")] /= 2 * runs["dataset"].map(HALF_RANGE).fillna(1.0).to_numpy()[:, None]
    runs = runs.rename(columns={"ref_hq": "ref_quality"})
    return {
        "runs": runs[["dataset", "loss", "g_steps", "diverged", "ref_eff_modes", "ref_quality"]].assign(suite=False),
        "values": [{name: run[:, channels.index(name)] for name in kept} for run in traj],
        # The first of 21 checkpoints is left out, because it is before training.
        "truth": [{own: run[1:, names.index(name)] for own, name in OLDER_TRUTH.items()} for run in truth],
        "again": [{}] * len(runs),
    }


def _suite(folder: Path) -> dict[str, Any]:
    """The runs of this suite, from the files that `detector_trajectories.py` writes."""
    stored, runs = np.load(folder / OWN_FILES[0]), pd.read_csv(folder / OWN_FILES[1])
    channels, names = list(stored["channels"]), list(stored["truth_names"])
    traj = np.concatenate([stored["traj"], stored["traj_half"]], axis=2, dtype=np.float64)
    kept = [*LOSSES, *COLUMNS["diversity"]]
    asked = ("eff_modes", "pair_ratio", "quality")
    truths, repeats = (
        [{name: run[:, names.index(name)] for name in asked} for run in stored[key].astype(np.float64)]
        for key in ("truth", "again")
    )
    return {
        "runs": runs[["dataset", "loss", "g_steps", "diverged", "ref_eff_modes", "ref_quality"]].assign(suite=True),
        # Runs that ended early or log less often have NaN rows at the end.
        "values": [
            {name: run[: max(1, int(np.isfinite(run[:, 1]).sum())), channels.index(name)] for name in kept}
            for run in traj
        ],
        "truth": truths,
        "again": repeats,
    }


def needed() -> Array:
    """(features, columns of COLUMNS["diversity"]): whether a feature needs a column."""
    order = COLUMNS["diversity"]
    found = np.zeros((len(NAMES), len(order)), dtype=bool)
    extra = {"near_to_pair": ("div_pair", "div_nn"), "cover_of_pair": ("div_pair", "cov_batch")}
    extra |= dict.fromkeys(("spread_low_share", "spread_low_tail", "spread_low_half"), OUTPUT_SERIES["spread"])
    for series, stats in KINDS.items():
        if series not in ("d", "g"):
            extra |= dict.fromkeys((f"{series}_{stat}" for stat in stats), OUTPUT_SERIES.get(series, (series,)))
    for name, columns in extra.items():
        found[INDEX[name], [order.index(column) for column in columns]] = True
    return found


#: SCALE: features that need a loss with a known scale, or that read D's outputs in the units of the loss. FROM_LOSSES:
#: features that are computed from the two losses alone.
SCALE = np.array([name in NEED_SCALE or name.startswith(("seen_", "gap_")) for name in NAMES])
FROM_LOSSES = np.array([name.startswith(("d_", "g_")) and name not in JOINT for name in NAMES]) | np.isin(NAMES, JOINT)
