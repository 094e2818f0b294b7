"""Write docs/collapse.md: pictures of healthy and failed runs with the modes of their samples, and the rates of signs.

    python benchmarks/collapse_page.py --corpus FOLDER

FOLDER holds trajectories.npz and runs.parquet. The script writes docs/collapse.md and docs/collapse_types.{svg,png}. It
reads the results of collapse_signs.py and train_detector.py; run these two scripts before. The script takes about a
minute.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from collapse_signs import FACTS, LAST, MAIN, read_corpus
from collapse_text import ANSWER, END, SIGNS_HEADING
from matplotlib.figure import Figure

from gan_bench.collapse.rates import all_rates
from gan_bench.collapse.signs import SIGNS
from gan_bench.collapse.verdict import judge
from gan_bench.files import write_bytes, write_text
from gan_bench.report import style

sys.path.insert(0, str(Path(__file__).resolve().parent / "detector"))
from detector_corpus import facts

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: Kind of run -> pandas query for such runs. The columns are those of the corpus, of `read_corpus` and of `Shown`.
KINDS = {
    "healthy": "healthy and hq_rel > .8 and coverage > .9",
    "diverged": "diverged and first_nonfinite_step > 1000",
    "D has won": "blocked and collapse and loss == 'ns'",
    "collapse, few modes for good": "collapse and coverage < .4 and not hopping and not blocked and hq_rel > .6",
    "mode hopping": "hopping and coverage < .35 and hq_rel > .3",
    "late collapse": "late and coverage < .45",
    "stalled": "still and loss == 'wgan'",
    "blind D": "blind and not hopping and coverage < .4",
    "never learned": "not healthy and not collapse and not diverged and hq_rel < .2 and not blind",
}


class Shown:
    """The corpus, with the data for the pictures."""

    def __init__(self, folder: Path) -> None:
        stored = np.load(folder / "trajectories.npz")
        self.runs, _ = read_corpus(folder)
        self.channels, names = list(stored["channels"]), list(stored["gt_names"])
        self.values = stored["traj"].astype(np.float64)
        self.modes = stored["hist"].astype(np.float64)
        truth = stored["gt"].astype(np.float64)
        self.coverage = truth[:, :, names.index("eff_modes")] / self.runs["ref_eff_modes"].to_numpy()[:, None]
        level = np.array([(FACTS[loss]["equilibrium"] or {"d_loss": np.nan})["d_loss"] for loss in self.runs["loss"]])
        tail = self.values[:, -60:, self.channels.index("d_loss")].mean(axis=1)
        self.runs["blocked"] = tail < 0.1 * level
        over = self.coverage[:, 5:-LAST].max(axis=1) >= 0.9
        self.runs["late"] = over & self.runs["collapse"] & ~self.runs["hopping"]

    def first(self, query: str) -> int:
        """Index of the first matching run of the main corpus, or of any data set if the main corpus has none."""
        matches = self.runs.query(query)
        main = matches[matches["dataset"].isin(MAIN)]
        return int((main if len(main) else matches).index[0])

    def history(self, run: int) -> pd.DataFrame:
        every = int(self.runs["g_steps"].iloc[run]) // self.values.shape[1]
        frame = pd.DataFrame(self.values[run], columns=self.channels)
        return frame.assign(step=every * np.arange(1, len(frame) + 1))

    def verdict(self, run: int) -> dict[str, Any]:
        loss = self.runs["loss"].iloc[run]
        return judge(self.history(run), facts(loss))


def draw(shown: Shown) -> tuple[Figure, list[dict[str, str]]]:
    """(figure, rows of the table below the figure). The figure has a row of four panels for each kind of run."""
    figure = style.new_figure(9.2, 1.2 * len(KINDS) + 0.6)
    grid = figure.subplots(
        len(KINDS), 4, squeeze=False, gridspec_kw={"width_ratios": [1.6, 1.0, 1.0, 0.8], "hspace": 0.62, "wspace": 0.3}
    )
    figure.subplots_adjust(left=0.055, right=0.99, top=0.955, bottom=0.045)
    lines = []
    for axes, (kind, query) in zip(grid, KINDS.items(), strict=True):
        run = shown.first(query)
        row, verdict = shown.runs.iloc[run], shown.verdict(run)
        _put_losses(axes[0], shown.history(run), verdict, kind)
        _put_signals(axes[1], shown.history(run))
        _put_coverage(axes[2], shown, run)
        _put_modes(axes[3], shown.modes[run], int(row["n_modes"]))
        p = "-" if verdict["p_collapse"] is None else f"{verdict['p_collapse']:.2f}"
        began = "-" if verdict["began_step"] is None else str(verdict["began_step"])
        cells = {"kind": kind, "run": f"{row['dataset']}, {row['loss']}, {row['optimizer']}"}
        lines.append(cells | {"verdict": verdict["verdict"], "p": p, "began": began, "e": f"{row['coverage']:.2f}"})
    titles = (
        "losses, shaded from where the evidence begins",
        "signals",
        "truth: modes in use",
        "truth: at the end",
    )
    for axis, title in zip(grid[0], titles, strict=True):
        axis.annotate(title, (0, 1), (0, 17), "axes fraction", "offset points", fontsize=7, weight="bold")
    return figure, lines


def _put_losses(axis: Any, history: pd.DataFrame, verdict: dict[str, Any], title: str) -> None:
    for name, colour, dash in (("d_loss", "#0072B2", "-"), ("g_loss", "#D55E00", (0, (4, 1.2)))):
        finite = history[np.isfinite(history[name])]
        axis.plot(finite["step"], finite[name], color=colour, linestyle=dash, linewidth=0.8, label=name)
    if verdict["began_step"] is not None:
        axis.axvspan(verdict["began_step"], history["step"].iloc[-1], color="#999999", alpha=0.25, linewidth=0)
    low, high = np.nanquantile(history[["d_loss", "g_loss"]].to_numpy(), [0.01, 0.99])
    margin = 0.1 * (high - low) or 0.1
    axis.set_ylim(low - margin, high + margin)
    axis.set_title(title, fontsize=6.5, loc="left", pad=2.5)
    axis.legend(
        fontsize=5,
        frameon=False,
        loc="lower right",
        bbox_to_anchor=(1, 0.97),
        ncols=2,
        handlelength=1.8,
        borderaxespad=0,
    )
    axis.tick_params(labelsize=5.5)


def _put_signals(axis: Any, history: pd.DataFrame) -> None:
    with np.errstate(all="ignore"):
        spread = history["lg_fake_sd"] / history["lg_real_sd"]
    axis.plot(history["step"], np.clip(spread, 0, 1.6), color="#CC79A7", linewidth=0.7, label="spread of D")
    axis.plot(
        history["step"], np.clip(history["div_pair"], 0, 1.6), color="#009E73", linewidth=0.9, label="pair distance"
    )
    axis.axhline(0.6, color="#009E73", linewidth=0.5, linestyle=":")
    axis.set_ylim(0, 1.65)
    axis.legend(
        fontsize=5,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 0.97),
        ncols=2,
        handlelength=1.8,
        borderaxespad=0,
    )
    axis.tick_params(labelsize=5.5)


def _put_coverage(axis: Any, shown: Shown, run: int) -> None:
    share = shown.coverage[run]
    steps = np.linspace(0, shown.runs["g_steps"].iloc[run], len(share))
    axis.plot(steps, share, color="#000000", linewidth=0.9, marker="o", markersize=1.6)
    axis.axhline(0.5, color="#D55E00", linewidth=0.6, linestyle="--")
    axis.set_ylim(0, 1.08)
    axis.tick_params(labelsize=5.5)


def _put_modes(axis: Any, modes: np.ndarray, n: int) -> None:
    last = np.nan_to_num(modes[-1][:n])
    axis.bar(np.arange(len(last)), last / max(last.sum(), 1e-9), color="#56B4E9", width=0.85)
    axis.axhline(1 / n, color="#000000", linewidth=0.5, linestyle=":")
    axis.set_xticks([])
    axis.tick_params(labelsize=5.5)


def document(lines: list[dict[str, str]]) -> str:
    rates = all_rates()
    main = rates["corpus"]["main"]
    early = "\n".join(
        f"- of {r['n']} runs that had collapsed at {float(at):.0%} of training, {r['collapsed'] / r['n']:.0%} ended "
        f"collapsed and {r['healthy'] / r['n']:.1%} healthy;"
        for at, r in rates["recovery"].items()
    )
    early = early[:-1] + "."
    table = _table(
        [["run", "data set, loss, optimizer", "verdict", "p(collapse)", "began", "modes in use"]]
        + [[line[k] for k in ("kind", "run", "verdict", "p", "began", "e")] for line in lines]
    )
    answer = ANSWER.format(n=main["n"], collapse=main["collapse"], healthy=main["healthy"], early=early)
    return "\n".join([answer + table, SIGNS_HEADING, _signs()]) + END


def _signs() -> str:
    families = sorted({name for rates in all_rates()["signs"].values() for name in rates["families"]})
    head = ["sign", "of", "base rate", "right alarms", "finds", "healthy runs alarmed", *families]
    rows = [head]
    for sign in SIGNS:
        rates = all_rates()["signs"][sign.name]
        pooled = rates["pooled"]
        right = _share(pooled["right"], pooled["fired"], pooled["precision_95"])
        cells = [sign.name.replace("_", " "), sign.target, f"{pooled['base_rate']:.2f}"]
        cells += [right if sign.supports else f"**{right}**", f"{pooled['recall']:.2f}"]
        cells.append(f"{pooled['fired_healthy']}/{pooled['healthy']}")
        cells += [_family(rates["families"].get(name)) for name in families]
        rows.append(cells)
    sources = "\n".join(
        f"- *{sign.name.replace('_', ' ')}*: {sign.measure}, {sign.comparison} "
        f"{'-' if sign.threshold is None else f'{sign.threshold:g}'}. Source: {sign.source}."
        for sign in SIGNS
    )
    return _table(rows) + "\n\n" + sources + "\n"


def _family(rate: dict[str, Any] | None) -> str:
    return "-" if rate is None else f"{rate['right']}/{rate['fired']}"


def _share(hits: int, of: int, interval: list[float] | None) -> str:
    return (
        f"{hits}/{of}" if interval is None else f"{hits}/{of} = {hits / of:.2f} [{interval[0]:.2f}, {interval[1]:.2f}]"
    )


def _table(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder with trajectories.npz and runs.parquet")
    arguments = parser.parse_args()
    shown = Shown(arguments.corpus)
    with style.applied():
        figure, lines = draw(shown)
        for kind in ("svg", "png"):
            write_bytes(DOCS / f"collapse_types.{kind}", style.to_bytes(figure, kind, 130))
    write_text(DOCS / "collapse.md", document(lines))


if __name__ == "__main__":
    main()
