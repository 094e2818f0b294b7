"""Choices by images set aside: scores against them, and what they choose reported on the images that nothing chose."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.collect.run_files import Found
from gan_bench.stats.tables.score_matrix import Scores, ranked_values

PROTOCOL = ("n_real", "n_fake", "extractor", "estimator", "note")
COLUMNS = ["study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction", *PROTOCOL]

#: What `what` says in selection.csv of a choice by images set aside.
VARIANT, STEP = "variant, by validation", "step, by validation"


def validation_rows(run: Found, direction: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A run's metric values against the images set aside: one row per generator and value; columns COLUMNS.

    `step` is empty for the generator that the run is reported by. Without rows where nothing was set aside.
    `direction`: of each metric value that was asked for.
    """
    aside = [(None, run.validation), *((kept["step"], kept.get("validation", ())) for kept in run.checkpoints)]
    for step, scored in aside:
        for row in scored:
            if row["name"] in direction:
                yield {
                    **{name: row.get(name) for name in ("value", *PROTOCOL)},
                    "study": run.asked.study,
                    **run.asked.key,
                    "step": step,
                    "metric": row["name"],
                    "direction": direction[row["name"]],
                }


def chosen_by_validation(
    scores: Iterable[Scores], curves: pd.DataFrame, table: pd.DataFrame, labels: Mapping[tuple[Any, Any], str]
) -> Iterator[dict[str, Any]]:
    """Rows of selection.csv: the choice that the images set aside make, reported on the others, and against the choice
    by the reported number itself. `table`: of `validation_rows`."""
    rows = ranked_values(table)
    final, kept = rows[rows["step"].isna()], rows[rows["step"].notna()]
    for score in scores:
        own = final[(final["dataset"] == score.key["dataset"]) & (final["metric"] == score.key["metric"])]
        if len(own):
            yield {**score.key, "what": VARIANT, **_variant(score, own)}
    yield from _steps(curves, kept, labels)


def _variant(score: Scores, own: pd.DataFrame) -> dict[str, Any]:
    """The variant with the best mean over its seeds on the images set aside; `optimism`: what the best on the reported
    images looks better by."""
    aside = np.full(score.badness.shape, np.nan)
    row = pd.Index(score.variants).get_indexer(pd.Index(own["variant"]))
    column = pd.Index(score.seeds).get_indexer(pd.Index(own["seed"].astype(int)))
    known = (row >= 0) & (column >= 0)
    aside[row[known], column[known]] = own["badness"].to_numpy(dtype=np.float64)[known]
    whole = ~np.isnan(score.scored).any(axis=1) & ~np.isnan(aside).any(axis=1)
    found: dict[str, Any] = {"n_choices": int(whole.sum()), "n_seeds": len(score.seeds)}
    if whole.sum() < 2:
        return {**found, "note": "fewer than two variants have both scores at every seed: nothing to choose"}
    reported, by = score.scored[whole].mean(axis=1), aside[whole].mean(axis=1)
    names = [name for name, one in zip(score.variants, whole, strict=True) if one]
    chosen = int(by.argmin())
    return {
        **found,
        **_told(score.in_metric, float(reported.min()), float(reported[chosen])),
        "variant": names[chosen],
        "n_splits": 1,
    }


def _steps(curves: pd.DataFrame, kept: pd.DataFrame, labels: Mapping[tuple[Any, Any], str]) -> Iterator[dict[str, Any]]:
    """Each run at the step that the images set aside choose, against its own best step on the reported images."""
    if curves.empty or kept.empty:
        return
    keys = ["dataset", "metric", "cell"]
    by = dict(iter(kept.groupby(keys, sort=False)))
    for key, part in ranked_values(curves).groupby(keys, sort=False):
        if key not in by:
            continue
        first = part.iloc[0]
        reported, aside = (_by_step(one) for one in (part, by[key]))
        # Only what has both numbers can be chosen.
        both = reported.index.intersection(aside.index), reported.columns.intersection(aside.columns)
        reported, aside = reported.loc[both], aside.loc[both]
        sign = -1.0 if first["direction"] == "higher" else 1.0
        row = {name: first[name] for name in ("study", "dataset", "metric", "direction", "variant")}
        row |= {"label": labels.get((first["dataset"], first["metric"]), first["metric"]), "what": STEP}
        yield {**row, **_chosen_steps(reported.to_numpy(), aside.to_numpy(), sign)}


def _by_step(part: pd.DataFrame) -> pd.DataFrame:
    """(seeds, steps) of badness, the seeds that have all of them."""
    return part.pivot_table(index="seed", columns="step", values="badness").dropna()


def _chosen_steps(reported: np.ndarray, aside: np.ndarray, sign: float) -> dict[str, Any]:
    n, steps = reported.shape
    row: dict[str, Any] = {"n_choices": steps, "n_seeds": n}
    if n == 0 or steps < 2:
        return {**row, "note": "fewer than two kept generators with both scores: nothing to choose"}
    chosen = reported[np.arange(n), aside.argmin(axis=1)]
    told = _told(lambda value: sign * value, float(reported.min(axis=1).mean()), float(chosen.mean()))
    return {**row, **told, "final_score": float(sign * reported[:, -1].mean()), "n_splits": n}


def _told(in_metric: Any, selected: float, held_out: float) -> dict[str, float]:
    return {
        "selected_score": float(in_metric(selected)),
        "held_out_score": float(in_metric(held_out)),
        "optimism": held_out - selected,
    }
