"""A pair of variants is decided in three feature spaces, which agree, disagree, or decide nothing."""

import numpy as np
import pandas as pd
import pytest

from gan_bench.stats.tables.pairwise import pairwise_table
from gan_bench.stats.tables.score_matrix import score_matrices
from gan_bench.stats.tables.space_decisions import space_decisions
from gan_bench.stats.write.names import RUN_COLUMNS
from gan_bench.stats.write.space_markdown import space_markdown

METRICS = pd.DataFrame([{"metric": "fid", "label": "Fréchet distance", "low": 0.0, "high": None}])
SEEDS = 5


def scores(means, extractor):
    """Rows of runs.csv: scores of each variant around its mean."""
    spread = np.linspace(-1, 1, SEEDS)
    rows = [
        {"study": "made", "dataset": "digits", "cell": f"{name}-cell", "variant": name, "seed": seed, "status": "ok"}
        | {"metric": "fid", "value": mean + spread[seed], "direction": "lower", "extractor": extractor}
        | {"n_real": 100, "n_fake": 100, "split": "test", "method": "adversarial"}
        for name, mean in means.items()
        for seed in range(SEEDS)
    ]
    return pd.DataFrame(rows, columns=[name for name in RUN_COLUMNS if name in rows[0]])


def decisions(main, *others):
    runs = scores(main, "classifier (digits, 98.0 % test accuracy)")
    spaces = pd.concat([scores(means, f"space{i} (digits, 8-d)") for i, means in enumerate(others)])
    pairs = pairwise_table(score_matrices(runs, {}))
    return space_decisions(runs, spaces.drop(columns=["status", "method"]), METRICS, pairs)


@pytest.mark.parametrize(
    ("others", "decision", "changes"),
    [
        (({"A": 10, "B": 30}, {"A": 10, "B": 30}), "a better: decided in 3 of 3 spaces", False),
        (({"A": 10, "B": 30}, {"A": 10, "B": 10.1}), "a better: decided in 2 of 3 spaces", False),
        (
            ({"A": 10, "B": 10.1}, {"A": 10.1, "B": 10}),
            "a better: decided in 1 of 3 spaces; in some spaces the means have the opposite order",
            True,
        ),
        (
            ({"A": 30, "B": 10}, {"A": 10, "B": 10.1}),
            "order changes with the space: a better in 1 and b better in 1 of 3 spaces",
            True,
        ),
    ],
)
def test_spaces_that_decide_a_pair_are_counted(others, decision, changes):
    (row,) = decisions({"A": 10, "B": 20}, *others).to_dict("records")
    assert (row["decision"], row["order_changes"], row["n_spaces"]) == (decision, changes, 3)
    assert row["label"] == "Fréchet distance"
    assert row["spaces"].startswith("classifier: a better: 5 and 5 seeds")


def test_nothing_decided_and_the_page_of_it():
    table = decisions({"A": 10, "B": 10.1, "C": 30}, {"A": 10, "B": 10.1, "C": 5})
    by = {(row["a"], row["b"]): row["decision"] for row in table.to_dict("records")}
    assert by["A", "B"] == "decided in 0 of 2 spaces"
    text = space_markdown(table, "made")
    assert "3 pairs: 1 decided in 0 of 2 spaces; 2 decided in opposite ways" in text
    assert "The order of the means differs between spaces in 2." in text
    assert "| A | C | order changes with the space" in text and "| A | B |" not in text


def test_a_run_that_a_space_did_not_score_is_no_score_there():
    runs = scores({"A": 10, "B": 20}, "classifier")
    space = scores({"A": 10, "B": 20}, "pixels").drop(columns=["status", "method"])
    pairs = pairwise_table(score_matrices(runs, {}))
    (row,) = space_decisions(runs, space[space["variant"] == "A"], METRICS, pairs).to_dict("records")
    assert row["decision"] == "a better: decided in 1 of 2 spaces"
    assert "pixels: cannot be decided: b has no score" in row["spaces"]
