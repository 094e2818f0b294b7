"""What `early_stop: on_collapse` saves, and how often it errs, on data sets that the detector has not seen.

    python benchmarks/early_stop.py --corpus FOLDER

FOLDER holds trajectories.npz and runs.parquet of an older corpus, whose networks are small perceptrons. The runs of
this package come from results/reference/detector. The script writes docs/early_stop.md in about five minutes on one
core.

The runs of each data set are judged by a forest that was trained on the other data sets. Data sets that have the same
images count as one data set. Calibration, threshold, and the steps at which a run is examined are those of the package.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.collapse.learned import CONFIDENT, calibrated, detector
from gan_bench.collapse.trees import code, edge_table, read_forest
from gan_bench.files import write_text
from gan_bench.jobs.watch import EVERY, FROM, LEAST_ROWS, LOOKS
from gan_bench.stats.estimate.intervals import wilson_interval

sys.path.insert(0, str(Path(__file__).resolve().parent / "detector"))
from detector_corpus import Array, Corpus
from detector_learning import LEAF_DECIMALS, WHOLE, Task

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "early_stop.md"
MODELS = ("losses", "outputs", "diversity")
SHARES = [round(FROM + k * EVERY, 2) for k in range(round((1 - FROM) / EVERY))]

TEXT = """\
# What stopping collapsed runs saves

**Is early stopping worth it?** Yes, if the history has D's outputs and distances within minibatches, as in adversarial
runs of this package. Most collapsed runs are then stopped. From the losses alone, most collapsed runs are not found.

`early_stop: on_collapse` ends a run if the detector answers "collapse" (a probability of {confident:.0%} or more) at
{looks} checks in a row. The first check is after {start:.0%} of training, and a further check follows after every
{every:.0%} of training. No check is made while the log has fewer than {rows} rows.

The table is measured on {n} runs that did not diverge. At their end, {collapsed} had collapsed, {healthy} were healthy,
and the others had failed in other ways. Each run was judged by a forest trained without its data set and without other
data sets of the same images. The calibration and the threshold are those of the package.
The runs were trained to their end, and the rule was applied to their histories afterwards.

- *signals*: what the detector reads ([list](detector_small_runs.md#runs-and-signals)). Batch diversity includes the
  distances within minibatches. A + means that the signals of the rows above are read too.
- *runs*: number of runs in the row. They belong to an older corpus of small perceptrons, or to this suite (gan-bench).
- *stopped*: number of these runs that the rule stops.
- *of the collapsed*: among the runs that are collapsed at their end, the share that the rule stops.
- *wrongly*: among the stopped runs, the share that is not collapsed at its end.
- *of them healthy*: number of these wrongly stopped runs that are healthy at their end.
- *saved*: of the G steps of all runs in the row, the share that stopping saves.
- *median stop*: median share of the training after which the rule stops a run, over the stopped runs.

Intervals are Wilson's, at 95 %. `python benchmarks/early_stop.py --corpus FOLDER` writes this page.

"""


def stops(corpus: Corpus, model: str) -> Array:
    """(runs,) the share of training at which the detector's `model` stops each run; 1 if it does not stop the run."""
    task = Task(corpus, "collapse", model)
    shipped = detector()["models"][f"collapse/{model}"]
    stop_shares = np.ones(len(corpus.runs))
    if "yes" not in shipped["sides"]:
        return stop_shares
    images = corpus.runs["images"].to_numpy()
    for group in np.unique(images[task.main]):
        out = task.main & (images == group)
        edges, text = task.fit(task.main & ~out)
        forest, table = read_forest(text, LEAF_DECIMALS), edge_table(edges)
        sure = []
        for share in SHARES:
            values = np.where(WHOLE[model], corpus.features(share)[out], np.nan)
            raw = forest.predict(code(values, table))
            p = np.array([calibrated(float(r), shipped["calibration"]) for r in raw])
            sure.append((p >= CONFIDENT) & ~np.isnan(values).all(axis=1))
        stop_shares[out] = [_first(list(column)) for column in np.stack(sure, axis=1)]
    return stop_shares


def _first(sure: list[bool]) -> float:
    """The first share of training at which the detector was sure at the last LOOKS examinations; 1 if there is none."""
    for end in range(LOOKS, len(sure) + 1):
        if all(sure[end - LOOKS : end]):
            return SHARES[end - 1]
    return 1.0


def table(corpus: Corpus) -> tuple[str, Array]:
    """(table, mask of the runs that were judged). The table has two rows for each of the detector's models.

    One row is for the perceptrons of the older corpus, the other for the runs of this package.
    """
    runs = corpus.runs
    main = ~runs["diverged"].to_numpy()
    lines = ["| signals | runs | stopped | of the collapsed | wrongly | of them healthy | saved | median stop |"]
    lines.append("|" + " --- |" * 8)
    names = {"losses": "losses", "outputs": "+ D outputs", "diversity": "+ batch diversity"}
    for model in MODELS:
        at = stops(corpus, model)
        for kind, own in (("perceptrons", ~runs["suite"].to_numpy()), ("this suite", runs["suite"].to_numpy())):
            part = main & own
            stopped = part & (at < 1)
            collapsed, healthy = (runs[name].to_numpy() for name in ("collapse", "healthy"))
            steps = runs["g_steps"].to_numpy(dtype=float)
            saved = float((steps * (1 - at))[part].sum() / steps[part].sum())
            cells: list[Any] = [names[model], f"{int(part.sum())} {kind}", int(stopped.sum())]
            cells.append(_share(int((stopped & collapsed).sum()), int((part & collapsed).sum())))
            cells.append(_share(int((stopped & ~collapsed).sum()), int(stopped.sum())))
            cells.append(int((stopped & healthy).sum()))
            cells += [f"{saved:.0%}", f"{np.median(at[stopped]):.0%}" if stopped.any() else "-"]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n", main


def _share(hits: int, of: int) -> str:
    interval = wilson_interval(hits, of)
    if interval is None:
        return "0/0"
    return f"{hits}/{of} = {hits / of:.2f} [{interval[0]:.2f}, {interval[1]:.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder with trajectories.npz and runs.parquet")
    arguments = parser.parse_args()
    corpus = Corpus(arguments.corpus, ROOT / "results" / "reference" / "detector")
    lines, judged = table(corpus)
    runs = corpus.runs[judged]
    head = TEXT.format(
        confident=CONFIDENT,
        looks=LOOKS,
        rows=LEAST_ROWS,
        every=EVERY,
        start=FROM,
        n=len(runs),
        collapsed=int(runs["collapse"].sum()),
        healthy=int(runs["healthy"].sum()),
    )
    write_text(DOCUMENT, head + lines)
    print(lines)


if __name__ == "__main__":
    main()
