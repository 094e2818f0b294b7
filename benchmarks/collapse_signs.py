"""Precision of each published sign of failure on 508 labelled training runs.

    python benchmarks/collapse_signs.py --corpus FOLDER

FOLDER holds trajectories.npz and runs.parquet. The script prints the table of rates and writes
gan_bench/collapse/sign_rates.json, which the detector quotes in its evidence. The same files give the same rates. The
script takes about ten seconds.

The main corpus has the data sets ring8, grid25 and digits. The runs on digits256 and stacked are held out: their rates
are given separately. Diverged runs count only for the sign "non_finite". Each sign is measured on the runs that log its
inputs. Its target is the label that it should predict:

- "collapse" and "diverged": labels of the corpus;
- "failure": the label "healthy" of the corpus is false;
- "still": within 5 % of the training, samples of fixed latents move by less than 1 % of the mean pairwise distance of
  real images. The movement is averaged over the last three checkpoints;
- "hopping": three conditions hold. Within 5 % of the training, the samples of at least half of the latents change their
  mode. The effective number of modes of the samples is at most 60 % of that of the data. The last five checkpoints
  together have at least 1.5 times as many modes as the last three have on average;
- "blind": less than half of the samples are good (`hq` of the corpus), and a nearest-neighbour classifier separates
  samples from real images with an accuracy of .9 or more. But the accuracy of D, averaged over the last 30 % of the
  history, is .6 or less.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.named_loss import named_loss
from gan_bench.collapse.rates import RATES_FILE
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.signs import SIGNS, apply_sign
from gan_bench.collapse.trajectory import LOSSES, OPTIONAL, Trajectory, make_trajectory
from gan_bench.files import digest_file, write_json
from gan_bench.stats.estimate.intervals import wilson_interval

MAIN = ("ring8", "grid25", "digits")
HELD_OUT = ("digits256", "stacked")
STILL = 0.01
#: LAST: number of checkpoints at the end of training over which labels are averaged. FAIR: a mode is present if its
#: share of the samples is at least FAIR / (number of modes).
LAST, FAIR = 3, 0.2

#: Name of a loss in the corpus -> FACTS of the loss component with that alias. The corpus and the component compute the
#: least-squares loss without the factor 1/2.
FACTS = {name: named_loss(name)[0] for name in ("ns", "minimax", "lsgan", "hinge", "wgan", "wgangp")}
LABELS = ("diverged", "collapse", "healthy", "still", "hopping", "blind")
FILES = ("trajectories.npz", "runs.parquet")


def read_corpus(folder: Path) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """One row per run, with the columns LABELS, "failure" and "family"; and one history per run."""
    stored = np.load(folder / FILES[0])
    runs = pd.read_parquet(folder / FILES[1])
    truth, channels = stored["gt"], list(stored["channels"])
    runs["still"] = truth[:, -LAST:, list(stored["gt_names"]).index("move")].mean(axis=1) < STILL
    runs["failure"] = ~runs["healthy"]
    runs["family"] = [FACTS[loss]["family"] for loss in runs["loss"]]
    runs["hopping"] = hopping(runs, truth, stored["hist"].astype(np.float64), list(stored["gt_names"]))
    runs["blind"] = blind(truth, stored["traj"][:, :, channels.index("d_acc")], list(stored["gt_names"]))
    names = [*LOSSES, *OPTIONAL]
    picked = stored["traj"][:, :, [channels.index(name) for name in names]].astype(np.float64)
    histories = []
    for g_steps, values in zip(runs["g_steps"].tolist(), picked, strict=True):
        history = pd.DataFrame(values, columns=names)
        history.insert(0, "step", np.arange(1, len(values) + 1) * (g_steps // len(values)))
        histories.append(history)
    return runs, histories


def hopping(runs: pd.DataFrame, truth: np.ndarray, modes: np.ndarray, names: list[str]) -> np.ndarray:
    """Whether each run hops between modes: the three conditions in the module's docstring."""
    last = {name: truth[:, -LAST:, names.index(name)].mean(axis=1) for name in ("hop", "eff_modes")}
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = modes / np.nansum(modes, axis=2, keepdims=True)
        fair = FAIR / np.sum(np.isfinite(modes), axis=2, keepdims=True)
        there = shares >= fair
    ever, now = there[:, -5:].any(axis=1).sum(axis=1), there[:, -LAST:].sum(axis=2).mean(axis=1)
    few = last["eff_modes"] <= 0.6 * runs["ref_eff_modes"].to_numpy()
    return (last["hop"] >= 0.5) & few & (ever >= 1.5 * now) & (now > 0)


def blind(truth: np.ndarray, accuracy: np.ndarray, names: list[str]) -> np.ndarray:
    """Whether nearest neighbours separate poor samples from real images but D does not."""
    apart, quality = (truth[:, -LAST:, names.index(name)].mean(axis=1) for name in ("nn1_fake", "hq"))
    tail = accuracy[:, -round(0.3 * accuracy.shape[1]) :].mean(axis=1)
    return (apart >= 0.9) & (quality < 0.5) & (tail <= 0.6)


def fired(sign: Sign, histories: list[pd.DataFrame], losses: pd.Series) -> list[bool | None]:
    """Whether the sign fired on each run; None if the run lacks its inputs."""
    results = [apply_sign(sign, _track(sign, history, loss)) for history, loss in zip(histories, losses, strict=True)]
    return [result.fired if isinstance(result, Finding) else None for result in results]


def _track(sign: Sign, history: pd.DataFrame, loss: str) -> Trajectory:
    """The trajectory of a run. The sign "scissors_without_level" is measured as if the loss were unknown."""
    return make_trajectory(history, None if sign.name == "scissors_without_level" else FACTS[loss])


def rate(runs: pd.DataFrame, target: str) -> dict[str, Any]:
    """Precision and recall of the column `fired` for the label `target`: counts, and Wilson 95 % intervals."""
    measured = runs[runs["fired"].notna()]
    alarm, truth = measured["fired"].astype(bool), measured[target]
    hits = int((alarm & truth).sum())
    return {
        "target": target,
        "n": len(measured),
        "base_rate": _share(int(truth.sum()), len(measured)),
        "fired": int(alarm.sum()),
        "right": hits,
        "precision": _share(hits, int(alarm.sum())),
        "precision_95": _interval(hits, int(alarm.sum())),
        "recall": _share(hits, int(truth.sum())),
        "recall_95": _interval(hits, int(truth.sum())),
        "fired_collapse": int((alarm & measured["collapse"]).sum()),
        "fired_failure": int((alarm & measured["failure"]).sum()),
        "healthy": int(measured["healthy"].sum()),
        "fired_healthy": int((alarm & measured["healthy"]).sum()),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _interval(part: int, whole: int) -> list[float] | None:
    interval = wilson_interval(part, whole)
    return None if interval is None else [round(end, 4) for end in interval]


def sign_rates(sign: Sign, runs: pd.DataFrame, histories: list[pd.DataFrame]) -> dict[str, Any]:
    """Rates of one sign: pooled over the main corpus, per loss family, and on the held-out data sets."""
    target = sign.target
    table = runs.assign(fired=pd.array(fired(sign, histories, runs["loss"]), dtype="boolean"))
    if target != "diverged":
        table = table[~table["diverged"]]
    main = table[table["dataset"].isin(MAIN)]
    return {
        "pooled": rate(main, target),
        "families": {name: rate(part, target) for name, part in main.groupby("family") if part["fired"].notna().any()},
        "held_out": {name: rate(table[table["dataset"] == name], target) for name in HELD_OUT},
    }


def recoveries(runs: pd.DataFrame, truth: np.ndarray, names: list[str]) -> dict[str, dict[str, int]]:
    """Share of training -> number of runs that had collapsed by then; how many of these ended collapsed, or healthy."""
    main = (runs["dataset"].isin(MAIN) & ~runs["diverged"]).to_numpy()
    counts = {}
    for share in (0.25, 0.5, 0.75):
        last = round(share * (truth.shape[1] - 1))
        state = {
            n: truth[:, last - LAST + 1 : last + 1, names.index(n)].mean(axis=1) for n in ("eff_modes", "pair_ratio")
        }
        by_then = main & ((state["eff_modes"] <= 0.5 * runs["ref_eff_modes"]) | (state["pair_ratio"] <= 0.3)).to_numpy()
        ends = runs[by_then]
        counts[str(share)] = {
            "n": len(ends),
            "collapsed": int(ends["collapse"].sum()),
            "healthy": int(ends["healthy"].sum()),
        }
    return counts


def measure(folder: Path) -> dict[str, Any]:
    """The content of sign_rates.json."""
    runs, histories = read_corpus(folder)
    truth = np.load(folder / FILES[0])
    main = runs[runs["dataset"].isin(MAIN)]
    return {
        "corpus": {
            "sha256": {name: digest_file(folder / name) for name in FILES},
            "runs": len(runs),
            "main": {"n": len(main), **{k: int(main[k].sum()) for k in LABELS}},
        },
        "signs": {sign.name: sign_rates(sign, runs, histories) for sign in SIGNS},
        "recovery": recoveries(runs, truth["gt"], list(truth["gt_names"])),
    }


def show(rates: dict[str, Any]) -> None:
    """Print the pooled rates. Then print how runs ended that had collapsed before the end (`recoveries`)."""
    lines = {name: rate["pooled"] for name, rate in rates["signs"].items()}
    columns = ["target", "n", "base_rate", "fired", "right", "precision", "precision_95", "recall", "recall_95"]
    print(pd.DataFrame.from_dict(lines, orient="index")[[*columns, "fired_healthy", "healthy"]].to_string())
    print("\nruns that had collapsed at a share of training, and how they ended")
    print(pd.DataFrame.from_dict(rates["recovery"], orient="index").to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder with trajectories.npz and runs.parquet")
    parser.add_argument("--out", type=Path, default=RATES_FILE, help="where to write the rates")
    arguments = parser.parse_args()
    rates = measure(arguments.corpus)
    write_json(arguments.out, rates)
    show(rates)


if __name__ == "__main__":
    main()
