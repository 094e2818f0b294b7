"""Stops a run in training if the collapse detector reports a lasting collapse."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.collapse.learned import predict
from gan_bench.collapse.loss_facts import run_loss_facts
from gan_bench.registry import component
from gan_bench.train.loop import Halt
from gan_bench.train.unfinished import Watch

#: Shares of the training: a run is first examined at FROM, then at FROM + EVERY, FROM + 2 EVERY and so on. Before FROM,
#: collapsed runs recover too often.
EVERY, FROM = 0.05, 0.4
#: Number of consecutive examinations at which the detector must answer "collapse".
LOOKS = 3
LEAST_ROWS = 20


def watcher(settings: Mapping[str, Any]) -> Watch | None:
    """The function that watches a run; None if `early_stop` is not "on_collapse" or the method is not adversarial."""
    if (
        settings.get("early_stop") != "on_collapse"
        or not component("methods", settings["method"]["name"]).facts["adversarial"]
    ):
        return None
    loss = run_loss_facts(settings)

    def watch(rows: Sequence[Mapping[str, float]], planned: int) -> Halt | None:
        return look(rows, planned, loss)

    return watch


def look(rows: Sequence[Mapping[str, float]], planned: int, loss: Mapping[str, Any]) -> Halt | None:
    """The reason to stop a run of `planned` G steps with this history so far, or None.

    A run stops if its latest row is examined, and if the detector answers "collapse" at the last LOOKS examinations.
    This depends only on the history, so an interrupted and resumed run stops at the same step as an uninterrupted run.
    """
    looks = _looks([row["step"] / planned for row in rows])
    if len(looks) < LOOKS or looks[-1] != len(rows):
        return None
    history = pd.DataFrame(rows)
    predictions: list[dict[str, Any]] = []
    for end in reversed(looks[-LOOKS:]):
        predictions.append(predict(history.iloc[:end], loss, rows[end - 1]["step"] / planned))
        if predictions[-1]["answer"] != "collapse":
            return None
    latest = predictions[0]
    low, high = latest["interval"]
    step = int(rows[-1]["step"])
    return Halt(
        f"stopped at step {step} of {planned}: the detector answered collapse at {LOOKS} examinations in a row "
        f"(probability now {latest['p_collapse']:.2f} [{low:.2f}, {high:.2f}] from {latest['level']})"
    )


def _looks(shares: Sequence[float]) -> list[int]:
    """The numbers of rows after which a run is examined.

    An examination takes place at the first row at or after each share FROM, FROM + EVERY and so on. It is left out if
    there are fewer than LEAST_ROWS rows.
    """
    ends, due = [], FROM
    for count, share in enumerate(shares, 1):
        if share >= due - 1e-9:
            while due <= share + 1e-9:
                due += EVERY
            if count >= LEAST_ROWS:
                ends.append(count)
    return ends
