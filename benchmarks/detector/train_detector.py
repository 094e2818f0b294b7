"""Train the detector of failures from loss trajectories, and test it on groups of runs that are left out of training.

    python benchmarks/detector/train_detector.py --corpus FOLDER

FOLDER holds trajectories.npz and runs.parquet of the older corpus, whose networks are small perceptrons. The runs of
this suite (gan-bench) are read from results/reference/detector. The script writes gan_bench/collapse/detector.json and
docs/detector_small_runs.md. The same tables and the same version of scikit-learn give the same bytes. The script takes
about ten minutes on one core. The Snakefile in this folder trains the suite's runs again and then calls this script.

Diverged runs are left out, because a check for finite numbers finds them. Runs are cut at several
points, and copies of runs with fewer columns are added for training: detector_learning.py says where, which columns,
and how forests are trained. These settings are the same whichever
group is left out.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from detector_corpus import FILES, OWN_FILES, Array, Corpus
from detector_document import render
from detector_learning import ASKED_AT, CUTS, LEAF_DECIMALS, MODELS, Task, kept
from detector_noise import label_noise
from detector_tables import (
    DATA_SET,
    FAMILY,
    GROUP,
    apply,
    auroc,
    bins,
    calibrate,
    measure,
    on_unseen,
    operating,
    recall_at,
    sides,
)

from gan_bench.collapse.features import NAMES
from gan_bench.collapse.learned import DETECTOR_FILE
from gan_bench.collapse.normalisation import COLUMNS, DIVERSITY, OUTPUTS
from gan_bench.files import canonical_json, digest_file, write_text

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "detector_small_runs.md"
OWN = ROOT / "results" / "reference" / "detector"

#: Targets for which a model is also trained only on the older corpus and tested on this suite's runs.
UNSEEN_TARGETS = ("collapse", "failure")

#: Model -> name of a test -> columns. In the test, the model judges logs that have only these columns and the losses.
SUBSETS: dict[str, dict[str, tuple[str, ...]]] = {
    "outputs": {
        "both sds": ("lg_real_sd", "lg_fake_sd"),
        "lg_fake_sd": ("lg_fake_sd",),
        "both means": ("d_real", "d_fake"),
        "d_fake": ("d_fake",),
        "d_acc": ("d_acc",),
        "all but d_acc": tuple(name for name in OUTPUTS if name != "d_acc"),
        "all but lg_fake_sd": tuple(name for name in OUTPUTS if name != "lg_fake_sd"),
        "all": OUTPUTS,
    },
    "diversity": {
        **{name: (name,) for name in DIVERSITY},
        "div_pair and both sds": ("div_pair", "lg_real_sd", "lg_fake_sd"),
        "diversity alone": DIVERSITY,
        "all but div_pair": tuple(name for name in COLUMNS["diversity"] if name != "div_pair"),
        "all but lg_fake_sd": tuple(name for name in COLUMNS["diversity"] if name != "lg_fake_sd"),
        "all": COLUMNS["diversity"],
    },
}


def folds(task: Task, by: str) -> Array:
    """(runs,) number of the fold in which a run is left out.

    If (data set, loss) pairs are left out, each fold leaves out one pair for every data set. The loss in these pairs is
    not the same for all data sets.
    """
    if by != GROUP:
        return np.unique(task.runs[by].to_numpy(), return_inverse=True)[1]
    loss, data = (np.unique(task.runs[name].to_numpy(), return_inverse=True)[1] for name in ("loss", "dataset"))
    return np.asarray((loss + data) % (loss.max() + 1))


def left_out(task: Task, by: str, masks: dict[str, Array | None]) -> dict[str, Array]:
    """{name of a mask: scores of the runs in `task.main`}, each from a forest trained without the run's group."""
    places = folds(task, by)
    scores = {name: np.full(len(places), np.nan) for name in masks}
    for fold in np.unique(places[task.main]):
        out = task.main & (places == fold)
        fitted = task.fit(task.main & ~out)
        for name, mask in masks.items():
            scores[name][out] = task.ask(fitted, out, mask)
    return {name: own[task.main] for name, own in scores.items()}


def train(task: Task) -> tuple[dict[str, Any], dict[str, Any], list[list[float]]]:
    """(model for the package, results of such models on left-out groups, edges of the bins of each feature)."""
    runs, truth = task.runs[task.main], task.truth[task.main]
    subsets = SUBSETS.get(task.model, {}) if task.target == "collapse" else {}
    masks = {"": None, **{name: kept(columns) for name, columns in subsets.items()}}
    unseen = left_out(task, DATA_SET, masks)
    # Whole families of losses are left out only for models that judge the log up to its end, not for forecasts of a
    # later failure and not for the model "shape".
    families = (FAMILY,) if task.target not in ASKED_AT and task.model != "shape" else ()
    scores = {by: left_out(task, by, {"": None})[""] for by in (GROUP, *families)}
    scores[DATA_SET] = unseen[""]
    edges, trees = task.fit(task.main)
    # Probabilities are calibrated for unseen data sets, because users have data that the detector has not seen.
    line = calibrate(scores[DATA_SET], truth)
    p = apply(scores[DATA_SET], line)
    model = {"trees": trees, "calibration": line, "bins": bins(p, truth), "operating": operating(p, truth, runs)}
    measured = measure(scores, truth, runs)
    model["sides"] = sides(measured["answers"][DATA_SET])
    measured["subsets"] = {
        name: {"auroc": round(auroc(unseen[name], truth), 4), "recall": round(recall_at(unseen[name], truth), 4)}
        for name in subsets
    }
    measured["older_only"] = _older_only(task) if task.target in UNSEEN_TARGETS and task.model != "shape" else {}
    return model, measured, edges


def _older_only(task: Task) -> dict[str, Any]:
    """Train only on the older corpus and test on this suite's runs, whose networks, images and logs are all new."""
    suite = task.runs["suite"].to_numpy()
    older = task.main & ~suite
    fitted, images = task.fit(older), task.runs[DATA_SET].to_numpy()
    scores = np.full(len(older), np.nan)
    for name in np.unique(images[older]):
        out = older & (images == name)
        scores[out] = task.ask(task.fit(older & ~out), out)
    line = calibrate(scores[older], task.truth[older])
    found = {}
    for name in ("all", *np.unique(task.runs["dataset"][suite]).tolist()):
        part = task.main & suite & (True if name == "all" else (task.runs["dataset"] == name).to_numpy())
        found[name] = on_unseen(task.ask(fitted, part), task.truth[part], line)
    return found


def _train(corpus: Corpus, target: str, model: str) -> tuple[str, dict[str, Any], dict[str, Any], list[list[float]]]:
    task = Task(corpus, target, model)
    return task.name, *train(task)


def build(older: Path, own: Path, jobs: int = 1) -> dict[str, Any]:
    """The content of detector.json."""
    corpus = Corpus(older, own)
    for share in sorted({share for shares in CUTS.values() for share in shares}):
        corpus.features(share)  # computed once, before processes are forked
    models, measured, edges = {}, {}, {}
    tasks = [(corpus, target, model) for target in CUTS for model in MODELS]
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        for name, model, numbers, found in pool.map(_train, *zip(*tasks, strict=True)):
            models[name], measured[name] = model, numbers
            found_edges = dict(zip(NAMES, found, strict=True))
            if edges and edges != found_edges:
                raise ValueError("models of one corpus code its features differently")
            edges = found_edges
            print(name, measured[name]["left_out"], flush=True)
    used = corpus.runs[~corpus.runs["diverged"]]
    counts = {name: int(used[name].sum()) for name in ("collapse", "failure", "healthy", "suite")}
    return {
        "corpus": {
            "sha256": {
                "older": {name: digest_file(older / name) for name in FILES},
                "suite": {name: digest_file(own / name) for name in OWN_FILES},
            },
            "families": sorted(set(corpus.runs["family"])),
            "runs": len(used),
            **counts,
        },
        "leaf_decimals": LEAF_DECIMALS,
        "edges": edges,
        "models": models,
        "measured": {**measured, "labels": label_noise(corpus)},
    }


def text(detector: dict[str, Any]) -> str:
    """JSON with one line for each model, feature and table, so that a diff shows which of these changed."""
    parts = []
    for key in sorted(detector):
        value = detector[key]
        if isinstance(value, dict):
            lines = ",\n".join(f"{canonical_json(name)}:{canonical_json(value[name])}" for name in sorted(value))
            parts.append(f"{canonical_json(key)}:{{\n{lines}\n}}")
        else:
            parts.append(f"{canonical_json(key)}:{canonical_json(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder with trajectories.npz and runs.parquet")
    parser.add_argument("--own", type=Path, default=OWN, help="folder with trajectories.npz and runs.csv of this suite")
    parser.add_argument("--out", type=Path, default=DETECTOR_FILE, help="where to write the detector")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where to write the tables")
    parser.add_argument("--jobs", type=int, default=1, help="processes; they change no byte")
    arguments = parser.parse_args()
    detector = build(arguments.corpus, arguments.own, arguments.jobs)
    write_text(arguments.out, text(detector))
    write_text(arguments.document, render(detector))


if __name__ == "__main__":
    main()
