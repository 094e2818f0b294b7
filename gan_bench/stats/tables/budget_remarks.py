"""Remarks in the rows of the comparison: budgets where they differ, and models that are given class labels."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from gan_bench.errors import UserError
from gan_bench.registry import component

BUDGET = ["g_steps", "d_steps", "images"]
CONDITIONAL = "conditional: given class labels"


def is_conditional(settings: Mapping[str, Any]) -> bool:
    """Whether the generator of a run is given class labels; False where a user's trick can no longer be read."""
    try:
        return any(component("tricks", ref["name"]).facts.get("conditions") for ref in settings.get("tricks") or ())
    except UserError:
        return False


def with_budgets(table: pd.DataFrame, runs: pd.DataFrame, conditional: Collection[tuple[str, str]]) -> pd.DataFrame:
    """The comparison with the budget of each variant, and with `remark`.

    The budget is the largest of the variant's runs, as a run that was lost stopped early. It is in the remark where
    trained variants of a data set differ in it.

    Args:
        table: the comparison.
        runs: the table runs.csv.
        conditional: (data set, cell) of models that are given class labels.
    """
    cell_keys = ["dataset", "cell"]
    budgets = runs.groupby(cell_keys, sort=False)[BUDGET].max()
    trained = budgets[budgets["images"].fillna(0) > 0].fillna(0)
    distinct = trained.reset_index().groupby("dataset")[BUDGET].apply(lambda part: len(part.drop_duplicates()))
    remarks = {}
    for key in budgets.index:
        parts = [CONDITIONAL] if key in conditional else []
        if key in trained.index and distinct[key[0]] > 1:
            g_steps, d_steps, images = (int(count) for count in trained.loc[key])
            parts.append(f"{g_steps:,} G steps, {d_steps:,} D steps, {images:,} images")
        remarks[key] = "; ".join(parts) or None
    keys = list(zip(table["dataset"], table["cell"], strict=True))
    joined = table[cell_keys].join(budgets, on=cell_keys)
    remark = pd.Series([remarks.get(key) for key in keys], index=table.index, dtype=object)
    return table.assign(**{name: joined[name] for name in BUDGET}, remark=remark)
