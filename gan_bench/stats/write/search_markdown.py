"""Write the results of a search of settings as Markdown.

The text shows the chosen settings, the optimism of the choice, the best score by number of trials, and how important
each setting is.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.stats.write.markdown import ARROW, between, escape, markdown_table, number
from gan_bench.words import plural

CHOICE = (
    "The chosen settings are from the best trial of their variant: a trial that was not pruned, with the fewest lost "
    'runs and then the best validation score (column "chosen by"). They were trained again with new seeds. Test = the '
    "test score of the new seeds. Validation again = the validation score of the new seeds. Optimism = how much worse "
    "the test score is than the validation score by which the settings were chosen, in the metric's unit, with a 95 % "
    "interval over the new seeds. If a trial trains as long as a run of the study, the difference between "
    '"chosen by" and "validation again" is due to the choice only.'
)
CURVE = (
    "Expected best validation score of k trials drawn at random, without replacement, from the trials of the search "
    "(Lucic et al. 2018; Dodge et al. 2019), with a 95 % bootstrap interval over the trials. search_curves.csv has "
    "more values of k."
)
SO_FAR = "Best validation score of the first k trials. There is no interval, because the trials depend on each other."
IMPORTANCE = (
    "Share of the variance of the trials' ranks that one setting explains (Kruskal and Wallis 1952), and the share "
    "expected by chance. More than four values of a numeric setting are grouped into four ranges with about equally "
    "many trials. p is adjusted by Holm's method within a variant."
)


def search_markdown(tables: Mapping[str, pd.DataFrame], plan: Mapping[str, Any]) -> str:
    """The text search.md, from the tables of `search_tables`."""
    search, chosen, curves = plan["search"], tables["chosen"], tables["curves"]
    parts = [f"# {escape(plan['study'])}: search of settings", _counts(search, chosen)]
    direction = f"{escape(search['metric'])} {ARROW[search['direction']]}"
    if search["direction"] == "half":
        direction += ", as distance from one half"
    parts += [f"## Chosen settings, {direction}", CHOICE, _table(_chosen_rows(chosen))]
    random = search["sampler"] == "random"
    parts += [
        f"## Best score by number of trials, {direction}",
        CURVE if random else SO_FAR,
        _table(_curve_rows(curves)),
    ]
    parts += ["## Importance of settings", IMPORTANCE, _table(_importance_rows(tables["importance"]))]
    return "\n\n".join(parts) + "\n"


def _counts(search: Mapping[str, Any], chosen: pd.DataFrame) -> str:
    counts = sorted(set(chosen["n_trials"]))
    equal = (
        plural(counts[0], "trial") if len(counts) == 1 else f"unequal numbers of trials ({', '.join(map(str, counts))})"
    )
    cells = len(search["cells"])
    total, pruned = int(chosen["n_trials"].sum()), int(chosen["n_pruned"].sum())
    return (
        f"Sampler {search['sampler']}, {equal} for each of {plural(len(chosen), 'pair')} of variant and data set: "
        f"{total} trials, {cells} with different settings, {pruned} pruned (pruner {search['pruner']})."
    )


def _chosen_rows(chosen: pd.DataFrame) -> list[list[str]]:
    rows = [["data set", "variant", "settings", "chosen by", "validation again", "test", "seeds", "optimism", "note"]]
    for row in chosen.to_dict("records"):
        lost = f" ({row['n_lost']} lost)" if row["n_lost"] else ""
        rows.append(
            [
                *map(str, (row["dataset"], row["variant"], row["settings"])),
                *(number(row[name]) for name in ("selected_score", "final_validation_score", "test_score")),
                f"{row['n_seeds']}{lost}",
                interval_text(row, "optimism", "optimism_low", "optimism_high"),
                "" if pd.isna(row["note"]) else str(row["note"]),
            ]
        )
    return rows


def _curve_rows(curves: pd.DataFrame) -> list[list[str]]:
    most = int(curves["n_trials"].max())
    shown = sorted({k for k in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000) if k < most} | {most})
    rows = [["data set", "variant", *(f"k = {k}" for k in shown)]]
    for (dataset, variant), part in curves.groupby(["dataset", "variant"], sort=False):
        by_number = {row["trials"]: row for row in part.to_dict("records")}
        nearest = [by_number.get(k) for k in shown]
        texts = [
            "–" if row is None else interval_text(row, "expected_best", "expected_low", "expected_high")
            for row in nearest
        ]
        rows.append([str(dataset), str(variant), *texts])
    return rows


def _importance_rows(importance: pd.DataFrame) -> list[list[str]]:
    rows = [["data set", "variant", "setting", "share", "by chance", "p (Holm)", "trials", "note"]]
    for row in importance.to_dict("records"):
        rows.append(
            [
                *(str(row[name]) for name in ("dataset", "variant", "setting")),
                *(number(row[name]) for name in ("share", "share_by_chance", "p_holm")),
                str(row["n_trials"]),
                "" if pd.isna(row["note"]) else str(row["note"]),
            ]
        )
    return rows


def interval_text(row: Mapping[Any, Any], middle: str, low: str, high: str) -> str:
    """A number with its interval in brackets, if it has one."""
    if pd.isna(row[low]):
        return number(row[middle])
    return " ".join(between(row[middle], row[low], row[high]))


def _table(rows: list[list[str]]) -> str:
    return markdown_table(map(escape, row) for row in rows)
