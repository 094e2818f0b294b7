"""Tables of a search: all trials, best score by number of trials, importance of settings, and chosen settings."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.files import canonical_json
from gan_bench.metrics import badness
from gan_bench.stats.estimate.intervals import mean_interval
from gan_bench.stats.estimate.rank_tests import holm
from gan_bench.stats.estimate.search import expected_best, expected_best_interval, groups_of, rank_share
from gan_bench.stats.tables.budget import budgets_up_to

Document = Mapping[str, Any]
"""The document of a search's last stage, a part of that document, or the entry "search" of a plan."""

TRIAL_COLUMNS = [
    *("dataset", "variant", "trial", "round", "settings", "metric", "validation_score", "n_seeds", "n_lost"),
    *("pruned", "chosen", "cell"),
]
CURVE_COLUMNS = [
    *("dataset", "variant", "metric", "direction", "trials", "how", "expected_best", "expected_low", "expected_high"),
    *("p_none", "n_trials", "n_lost", "n_pruned"),
]
IMPORTANCE_COLUMNS = [
    *("dataset", "variant", "metric", "setting", "share", "share_by_chance", "p", "p_holm", "n_groups", "n_trials"),
    "note",
]
CHOSEN_COLUMNS = [
    *("dataset", "variant", "metric", "direction", "trial", "settings", "n_trials", "n_pruned", "selected_score"),
    *("final_validation_score", "test_score", "n_seeds", "n_lost", "optimism", "optimism_low", "optimism_high", "note"),
]

#: Values of the column `how` in the table of curves.
EXPECTED, SO_FAR = "expected best of trials drawn at random", "best of the first trials"


def search_tables(
    plan: Mapping[str, Any], document: Document, runs: pd.DataFrame, validation: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables by name: trials, curves, importance, chosen.

    The scores of trials are validation scores. Only the table "chosen" also uses test scores. Test scores are the
    scores that a study reports.

    Args:
        plan: plan.json of a study with a search.
        document: JSON document that the last stage of the search writes, with all trials and the chosen settings.
        runs: the table runs.csv, with runs of the chosen settings.
        validation: the table validation.csv, with runs of the chosen settings.
    """
    search = plan["search"]
    spaces: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for trial in document["trials"]:
        spaces.setdefault((trial["dataset"], trial["variant"]), []).append(trial)
    chosen = {(row["dataset"], row["variant"]): row for row in document["chosen"]}
    tables = {
        "trials": (TRIAL_COLUMNS, [row for key, of in spaces.items() for row in _trials(of, search, chosen[key])]),
        "curves": (CURVE_COLUMNS, [row for of in spaces.values() for row in _curve(of, search)]),
        "importance": (IMPORTANCE_COLUMNS, [row for of in spaces.values() for row in _importance(of, search)]),
        "chosen": (
            CHOSEN_COLUMNS,
            [_chosen(chosen[key], of, search, runs, validation) for key, of in spaces.items()],
        ),
    }
    return {name: pd.DataFrame(rows, columns=columns) for name, (columns, rows) in tables.items()}


def in_metric(value: float | None, direction: str) -> float | None:
    """Badness converted to a score of the metric. For the direction "half" it stays the distance from 1/2."""
    return None if value is None or not math.isfinite(value) else -value if direction == "higher" else value


def _of(trials: Sequence[Document], search: Document) -> dict[str, Any]:
    return {"dataset": trials[0]["dataset"], "variant": trials[0]["variant"], "metric": search["metric"]}


def _badness(trials: Sequence[Document]) -> np.ndarray:
    """Mean badness (trials,) of each trial; inf for a trial with a run that has no score."""
    return np.array([math.inf if t["mean_badness"] is None else t["mean_badness"] for t in trials], dtype=np.float64)


def _lost(trial: Mapping[str, Any]) -> int:
    return sum(score["value"] is None for score in trial["scores"])


def _trials(trials: Sequence[Document], search: Document, chosen: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for trial in trials:
        yield {
            **_of(trials, search),
            "trial": trial["number"],
            "round": trial["round"],
            "settings": settings_text(trial["values"]),
            "validation_score": in_metric(trial["mean_badness"], search["direction"]),
            "n_seeds": len(trial["scores"]),
            "n_lost": _lost(trial),
            "pruned": trial["pruned"],
            "chosen": trial["number"] == chosen["number"],
            "cell": trial["cell"],
        }


def settings_text(values: Mapping[str, Any]) -> str:
    """The values of a trial on one line: "optimizer.lr=0.0003 d_steps=5"."""
    shown = ((name, value if isinstance(value, str) else canonical_json(value)) for name, value in values.items())
    return " ".join(f"{name}={value}" for name, value in shown)


def _curve(trials: Sequence[Document], search: Document) -> Iterator[dict[str, Any]]:
    """Rows by number of trials: expected best score of a random sampler, or best score so far of an adaptive sampler.

    A random sampler has a row for each number in `budgets_up_to`. An adaptive sampler has a row for each number of
    trials. The trials of an adaptive sampler depend on each other, and an expectation over random draws of trials would
    be wrong.
    """
    bad, n = _badness(trials), len(trials)
    lost = ~np.isfinite(bad)
    head = {
        **_of(trials, search),
        "direction": search["direction"],
        "n_trials": n,
        "n_lost": int(lost.sum()),
        "n_pruned": sum(trial["pruned"] for trial in trials),
    }
    random = search["sampler"] == "random"
    budgets = budgets_up_to(n) if random else np.arange(1, n + 1)
    best = expected_best(bad, budgets) if random else np.minimum.accumulate(bad)
    ends = expected_best_interval(bad, budgets) if random else np.full((2, n), np.nan)
    for i, budget in enumerate(budgets):
        ends_of = sorted(x for end in ends if (x := in_metric(float(end[i]), search["direction"])) is not None)
        none = expected_none(n, int(lost.sum()), int(budget)) if random else float(not np.isfinite(best[i]))
        yield {
            **head,
            "trials": int(budget),
            "how": EXPECTED if random else SO_FAR,
            "expected_best": in_metric(float(best[i]), search["direction"]),
            **(dict(zip(("expected_low", "expected_high"), ends_of, strict=True)) if len(ends_of) == 2 else {}),
            "p_none": none,
        }


def expected_none(n: int, lost: int, budget: int) -> float:
    """Probability that none of `budget` trials, drawn without replacement from n, has a score."""
    return math.comb(lost, budget) / math.comb(n, budget)


def _importance(trials: Sequence[Document], search: Document) -> Iterator[dict[str, Any]]:
    """One row for each setting of one variant, from the trials that have a value of this setting."""
    bad, rows = _badness(trials), []
    for setting in search["settings"]:
        active = [i for i, trial in enumerate(trials) if setting in trial["values"]]
        values = [trials[i]["values"][setting] for i in active]
        number = bool(values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        if not values:
            continue
        groups = groups_of(values if number else [canonical_json(v) for v in values], number=number)
        result = rank_share(bad[active], groups)
        row = {**_of(trials, search), "setting": setting, "n_groups": len(set(groups)), "n_trials": len(active)}
        if result is None:
            row["note"] = "too few different trials"
        else:
            row |= dict(zip(("share", "share_by_chance", "p"), result, strict=True))
            if search["sampler"] != "random":
                row |= {"p": None, "note": "no test: the sampler chose the values by earlier scores"}
        rows.append(row)
    adjusted = holm(np.array([row.get("p") if row.get("p") is not None else np.nan for row in rows], dtype=float))
    for row, p in zip(rows, adjusted, strict=True):
        yield {**row, "p_holm": None if np.isnan(p) else float(p)}


def _chosen(
    row: Document,
    trials: Sequence[Document],
    search: Document,
    runs: pd.DataFrame,
    validation: pd.DataFrame,
) -> dict[str, Any]:
    """Row of a variant: the chosen settings, the scores of runs with new seeds, and the optimism of the choice.

    optimism = mean test badness of the new seeds - badness by which the trial was chosen. The Student interval of the
    optimism comes from the new seeds. The badness by which the trial was chosen counts as a constant.
    """
    direction, selected = search["direction"], row["mean_badness"]
    own = runs[(runs["dataset"] == row["dataset"]) & (runs["variant"] == row["variant"])]
    test = own[own["metric"] == search["metric"]]
    scores = _finite(test["value"], direction)
    aside = validation[(validation["dataset"] == row["dataset"]) & (validation["variant"] == row["variant"])]
    aside = aside[(aside["metric"] == search["metric"]) & aside["step"].isna()]
    again = _finite(aside["value"], direction)
    notes = [] if search["equal_budget"] else ["trials train for the search's budget, new seeds for the study's budget"]
    notes += [] if len(test) else ["another variant has the same chosen settings, and their runs are listed there"]
    result = {
        **_of(trials, search),
        "direction": direction,
        "trial": row["number"],
        "settings": settings_text(row["values"]),
        "n_trials": len(trials),
        "n_pruned": sum(trial["pruned"] for trial in trials),
        "selected_score": in_metric(selected, direction),
        "final_validation_score": in_metric(float(again.mean()), direction) if len(again) else None,
        "test_score": in_metric(float(scores.mean()), direction) if len(scores) else None,
        "n_seeds": len(test),
        "n_lost": len(test) - len(scores),
        "note": "; ".join(notes) or None,
    }
    if len(scores) and selected is not None:
        differences = scores - selected
        result["optimism"] = float(differences.mean())
        if (interval := mean_interval(differences.tolist())) is not None:
            result |= dict(zip(("optimism_low", "optimism_high"), interval, strict=True))
    return result


def _finite(values: pd.Series, direction: str) -> np.ndarray:
    numbers = np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(badness(numbers[np.isfinite(numbers)], direction))
