"""Extract small tables for the detector from the runs of a study: their logs, and values of their samples ("truth").

    python benchmarks/detector/detector_trajectories.py --study-folder FOLDER --references FILE ... --out FOLDER

--references takes the extractor.json of each data set. The script writes FOLDER/trajectories.npz and FOLDER/runs.csv,
which has one row per run. The same trained runs give the same bytes. The script takes about a second per run on one
core. The arrays of trajectories.npz are:

- `traj`, `traj_half` (runs, 200, channels): the logs; the names of all channels are in `channels`;
- `truth` (runs, checkpoints, values): values of samples; their names are in `truth_names`;
- `again`: the same values for the last six checkpoints, from other samples.

The values are computed from 512 samples of each stored generator, as in the older corpus (detector_corpus.py):

- modes: by the data set's extractor (classes, stacked digits, or k-means bins);
- `quality`: share of good samples, by distances between the extractor's features. A sample is good if its distance to
  the nearest real image is at most 1.25 times r. Here r is the 97.5 % quantile of the distances from a real image to
  the nearest other real image. If the extractor knows classes, a good sample must also have a class with a probability
  of at least 80 %;
- `pair_ratio`, 1-NN accuracies and duplicates: from pixels.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.spatial.distance import cdist

from gan_bench.data import DataSet, open_data
from gan_bench.data.scaling import to_unit
from gan_bench.features import Features
from gan_bench.features.reference import Reference, open_reference
from gan_bench.files import atomic_path, read_json, write_text
from gan_bench.metrics.mode_balance import effective, mean_distance, mode_counts
from gan_bench.metrics.modes import divergence
from gan_bench.metrics.one_nn import one_nn
from gan_bench.paths import HISTORY, STATUS, seed_folder
from gan_bench.train.generate import kept_steps, sample

#: Columns of a log. The first WHOLE columns are stored in single precision (`traj`), the others in half (`traj_half`).
CHANNELS = (
    "g_loss", "d_loss", "lg_real_sd", "lg_fake_sd", "d_real", "d_fake",
    "d_acc", "div_pair", "div_nn", "div_std", "mean_shift", "cov_batch",
)  # fmt: skip
WHOLE = 6
TRUTH = ("eff_modes", "top", "kl", "quality", "pair_ratio", "nn1_fake", "nn1_real", "duplicates")
ROWS, CHECKPOINTS, N, AGAIN = 200, 20, 512, 6
#: Seed of the samples from which the truth is computed, and of the other samples (`again`).
DRAWS = (1000, 2000)
SURE, NEAR = 0.8, (1.25, 0.975)
NAMES = {"non_saturating": "ns", "minimax": "minimax", "least_squares": "lsgan", "hinge": "hinge"}

Array = np.ndarray


class Real:
    """Real images of a data set, and the values that perfect samples would have."""

    def __init__(self, data: DataSet, reference: Reference) -> None:
        self.reference = reference
        pool = np.concatenate([data.images("train"), data.images("test")])
        points = _joined([reference.real(split) for split in ("train", "test")])
        order = np.random.Generator(np.random.PCG64(0)).permutation(len(pool))
        few = len(pool) < 2 * N
        # Two sets of N real images: samples are compared with the first set. The second set takes the place of samples
        # and gives the values of perfect samples.
        rows, other = (order, np.resize(order, N)) if few else (order[:N], order[N : 2 * N])
        self.features, self.pixels = points.features[rows], _flat(pool[rows])
        self.counts = mode_counts(points)
        self.apart = mean_distance(self.pixels)
        nearest = _nearest(self.features)
        self.near = NEAR[0] * float(np.quantile(nearest, NEAR[1]))
        self.repeat = float(np.quantile(_nearest(self.pixels), 0.01))
        usual = self.describe(points.take(other), _flat(pool[other]))
        if few:  # Both sets have the same images, so the distance to the nearest other image counts.
            usual["quality"] = float((nearest <= self.near).mean())
        self.usual = {f"ref_{name}": usual[name] for name in ("eff_modes", "quality")}

    def describe(self, found: Features, pixels: Array) -> dict[str, float]:
        """The values TRUTH of a set of samples, from their features and pixels."""
        counts = mode_counts(found)
        assert counts is not None and self.counts is not None
        good = cdist(found.features, self.features).min(axis=1) <= self.near
        if found.log_probs is not None:
            good &= found.log_probs.max(axis=1) >= np.log(SURE)
        half = min(N // 2, len(self.pixels))
        neighbours = one_nn(self.pixels[:half], pixels[:half])
        return {
            "eff_modes": effective(counts),
            "top": float(counts.max() / counts.sum()),
            "kl": divergence(counts, self.counts),
            "quality": float(good.mean()),
            "pair_ratio": mean_distance(pixels) / self.apart,
            "nn1_fake": neighbours["one_nn_fake"],
            "nn1_real": neighbours["one_nn_real"],
            "duplicates": float((_nearest(pixels) <= self.repeat).mean()),
        }

    def of_run(self, run: Path, step: int, seed: int) -> list[float]:
        images = sample(run, N, seed, step=step)
        found = self.describe(self.reference.extract(images), _flat(images))
        return [found[name] for name in TRUTH]


def _joined(parts: list[Features]) -> Features:
    log_probs, modes = (
        None if getattr(parts[0], name) is None else np.concatenate([getattr(part, name) for part in parts])
        for name in ("log_probs", "modes")
    )
    return Features(np.concatenate([part.features for part in parts]), log_probs, modes, parts[0].n_modes)


def _flat(images: Array) -> Array:
    return np.asarray(to_unit(images), dtype=np.float32).reshape(len(images), -1)


def _nearest(points: Array) -> Array:
    """Distance of each row to the nearest other row."""
    apart = cdist(points, points)
    np.fill_diagonal(apart, np.inf)
    return np.asarray(apart.min(axis=1))


def trajectory(run: Path) -> Array:
    """The columns CHANNELS of a run's history, (ROWS, CHANNELS); rows after the end of the history are NaN."""
    history = pd.read_parquet(run / HISTORY)
    values = np.full((ROWS, len(CHANNELS)), np.nan)
    values[: len(history)] = history[list(CHANNELS)].to_numpy(dtype=np.float64)
    return values


def facts_of(cell: dict[str, Any]) -> dict[str, Any]:
    """The columns of runs.csv that follow from the settings."""
    own = cell["settings"]
    loss, penalty = own["loss"]["name"], own["penalty"]["name"]
    critic = {"weight_clipping": "wgan", "gradient_penalty": "wgangp"}
    players = {key: own[f"{key}_optimizer"] for key in ("g", "d")}
    return {
        "dataset": cell["dataset"],
        "model": own["model"]["name"],
        "loss": NAMES.get(loss) or critic[penalty],
        "optimizer": players["g"]["name"],
        "lr_g": players["g"]["lr"],
        "lr_d": players["d"]["lr"],
        "n_critic": own["d_steps"],
        "g_steps": own["budget"]["g_steps"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--study-folder", type=Path, required=True, help="results of the study, trained")
    parser.add_argument("--references", type=Path, nargs="+", required=True, help="extractor.json of each data set")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    plan = read_json(arguments.study_folder / "plan.json")
    real, rows, curves, truths, repeats = {}, [], [], [], []
    for path in arguments.references:
        folder = path.parent
        name = next(label for label, d in plan["datasets"].items() if d["id"] == folder.parent.parent.name)
        real[name] = Real(open_data(folder.parent.parent), open_reference(folder))
    runs = [(cell, seed) for cell in plan["cells"] for seed in cell["seeds"]]
    for cell, seed in runs:
        run = seed_folder(arguments.study_folder / "runs" / cell["dataset"] / cell["id"], seed)
        own, status = real[cell["dataset"]], read_json(run / STATUS)
        diverged = status["status"] == "diverged"
        truth, again = np.full((CHECKPOINTS, len(TRUTH)), np.nan), np.full((AGAIN, len(TRUTH)), np.nan)
        if not diverged:
            steps = kept_steps(run)
            truth[:] = [own.of_run(run, step, DRAWS[0]) for step in steps]
            again[:] = [own.of_run(run, step, DRAWS[1]) for step in steps[-AGAIN:]]
        rows.append({**facts_of(cell), "seed": seed, "diverged": diverged, **own.usual})
        curves.append(trajectory(run))
        truths.append(truth)
        repeats.append(again)
        print(f"{cell['dataset']}/{cell['id']}/{seed}", np.round(truth[-1], 2), flush=True)
    write(arguments.out, rows, np.stack(curves), np.stack(truths), np.stack(repeats))


def write(folder: Path, rows: list[dict[str, Any]], curves: Array, truths: Array, repeats: Array) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder / "trajectories.npz") as temporary, temporary.open("wb") as stream:
        np.savez_compressed(
            stream,
            traj=curves[:, :, :WHOLE].astype(np.float32),
            traj_half=np.clip(curves[:, :, WHOLE:], -6e4, 6e4).astype(np.float16),
            channels=np.array(CHANNELS),
            truth=truths.astype(np.float16),
            again=repeats.astype(np.float16),
            truth_names=np.array(TRUTH),
        )
    write_text(folder / "runs.csv", pd.DataFrame(rows).to_csv(index=False, float_format="%.6g", lineterminator="\n"))


if __name__ == "__main__":
    main()
