"""How often each published sign of failure is right on 508 labelled training runs.

    python benchmarks/collapse_signs.py --corpus FOLDER

FOLDER holds trajectories.npz and runs.parquet. Prints the table and writes gan_bench/collapse/sign_rates.json, which
the detector's evidence quotes. Deterministic; about ten seconds.

The main corpus is ring8, grid25 and digits; digits256 and stacked are held out. Diverged runs count only for
"non_finite". Each sign is measured on the runs that it can be asked of. Targets: "collapse" and "failure" (= not
healthy) as labelled; "still": samples of fixed noise move less than 1 % of the real pairwise distance in 5 % of
training (mean of the last three checkpoints); "diverged" as labelled.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.rates import COUNTS, RATES_FILE
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.signs import SIGNS, ask, examine
from gan_bench.collapse.track import LOSSES, OPTIONAL, Track, make_track
from gan_bench.collapse.verdict import VERDICTS, decide
from gan_bench.files import digest_file, write_json
from gan_bench.stats.intervals import wilson_interval

MAIN = ("ring8", "grid25", "digits")
HELD_OUT = ("digits256", "stacked")
STILL = 0.01

#: Loss of the corpus -> FACTS as the losses axis states them, with the corpus' own scale (LSGAN without its 1/2).
FACTS: dict[str, dict[str, Any]] = {
    "ns": {"family": "non_saturating", "equilibrium": {"d_loss": 2 * np.log(2)}},
    "minimax": {"family": "minimax", "equilibrium": {"d_loss": 2 * np.log(2)}},
    "lsgan": {"family": "least_squares", "equilibrium": {"d_loss": 0.5}},
    "hinge": {"family": "hinge", "equilibrium": {"d_loss": 2.0}},
    "wgan": {"family": "wasserstein", "equilibrium": None},
    "wgangp": {"family": "wasserstein", "equilibrium": None},
}
FILES = ("trajectories.npz", "runs.parquet")


def read_corpus(folder: Path) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """One row per run with the label columns collapse, failure, healthy, still, diverged; and one history per run."""
    stored = np.load(folder / FILES[0])
    runs = pd.read_parquet(folder / FILES[1])
    truth, channels = stored["gt"], list(stored["channels"])
    runs["still"] = truth[:, -3:, list(stored["gt_names"]).index("move")].mean(axis=1) < STILL
    runs["failure"] = ~runs["healthy"]
    runs["family"] = [FACTS[loss]["family"] for loss in runs["loss"]]
    names = [*LOSSES, *OPTIONAL]
    picked = stored["traj"][:, :, [channels.index(name) for name in names]].astype(np.float64)
    histories = []
    for g_steps, values in zip(runs["g_steps"].tolist(), picked, strict=True):
        history = pd.DataFrame(values, columns=names)
        history.insert(0, "step", np.arange(1, len(values) + 1) * (g_steps // len(values)))
        histories.append(history)
    return runs, histories


def fired(sign: Sign, histories: list[pd.DataFrame], losses: pd.Series) -> list[bool | None]:
    """Whether the sign fired on each run; None where it cannot be asked."""
    found = [ask(sign, _track(sign, history, loss)) for history, loss in zip(histories, losses, strict=True)]
    return [result.fired if isinstance(result, Finding) else None for result in found]


def _track(sign: Sign, history: pd.DataFrame, loss: str) -> Track:
    """The scale-free scissors are measured on all families, as if nobody had named the loss."""
    return make_track(history, None if sign.name == "scissors_without_level" else FACTS[loss])


def rate(runs: pd.DataFrame, target: str) -> dict[str, Any]:
    """Precision and recall of the column `fired` for a label, with Wilson 95 % intervals."""
    asked = runs[runs["fired"].notna()]
    alarm, truth = asked["fired"].astype(bool), asked[target]
    hits = int((alarm & truth).sum())
    return {
        "target": target,
        "n": len(asked),
        "base_rate": _share(int(truth.sum()), len(asked)),
        "fired": int(alarm.sum()),
        "right": hits,
        "precision": _share(hits, int(alarm.sum())),
        "precision_95": _interval(hits, int(alarm.sum())),
        "recall": _share(hits, int(truth.sum())),
        "recall_95": _interval(hits, int(truth.sum())),
        "fired_collapse": int((alarm & asked["collapse"]).sum()),
        "fired_failure": int((alarm & asked["failure"]).sum()),
        "healthy": int(asked["healthy"].sum()),
        "fired_healthy": int((alarm & asked["healthy"]).sum()),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _interval(part: int, whole: int) -> list[float] | None:
    found = wilson_interval(part, whole)
    return None if found is None else [round(end, 4) for end in found]


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


def verdict_table(runs: pd.DataFrame, histories: list[pd.DataFrame], *, outputs: bool) -> dict[str, dict[str, int]]:
    """Verdict -> counts of main-corpus runs by label, from the two losses or with D's outputs and G's gradient."""
    counts: dict[str, Counter[str]] = {verdict: Counter() for verdict in VERDICTS}
    for run, history in zip(runs.to_dict("records"), histories, strict=True):
        if run["dataset"] not in MAIN:
            continue
        seen = history if outputs else history[["step", *LOSSES]]
        verdict = decide(examine(make_track(seen, FACTS[run["loss"]])), run["family"])
        counts[verdict].update({"n": 1, **{label: int(run[label]) for label in COUNTS[1:]}})
    return {verdict: {label: count[label] for label in COUNTS} for verdict, count in counts.items()}


def measure(folder: Path) -> dict[str, Any]:
    """The content of sign_rates.json."""
    runs, histories = read_corpus(folder)
    main = runs[runs["dataset"].isin(MAIN)]
    return {
        "corpus": {
            "sha256": {name: digest_file(folder / name) for name in FILES},
            "runs": len(runs),
            "main": {"n": len(main), **{k: int(main[k].sum()) for k in ("diverged", "collapse", "healthy", "still")}},
        },
        "signs": {sign.name: sign_rates(sign, runs, histories) for sign in SIGNS},
        "verdicts": {
            "losses": verdict_table(runs, histories, outputs=False),
            "losses_and_outputs": verdict_table(runs, histories, outputs=True),
        },
    }


def show(rates: dict[str, Any]) -> None:
    """Print the pooled rates and the verdicts."""
    lines = {name: found["pooled"] for name, found in rates["signs"].items()}
    columns = ["target", "n", "base_rate", "fired", "right", "precision", "precision_95", "recall", "recall_95"]
    print(pd.DataFrame.from_dict(lines, orient="index")[[*columns, "fired_healthy", "healthy"]].to_string())
    for signals, verdicts in rates["verdicts"].items():
        print(f"\nverdicts from {signals}, main corpus")
        print(pd.DataFrame.from_dict(verdicts, orient="index").to_string())


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
