"""Watching a run while it trains, so that one that has collapsed for good costs no more."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.collapse.inputs import loss_facts
from gan_bench.collapse.learned import predict
from gan_bench.registry import component
from gan_bench.train.loop import Halt
from gan_bench.train.run import Watch

#: The run is looked at every so often, from then on: before, what has collapsed recovers too often.
EVERY, FROM = 0.05, 0.4
#: Looks in a row at which the detector must be sure.
LOOKS = 3
LEAST_ROWS = 20


def watcher(settings: Mapping[str, Any]) -> Watch | None:
    """What watches a run with these settings; None for one that is not to be stopped, or plays no game."""
    if settings.get("early_stop") is None or not component("methods", settings["method"]["name"]).facts["adversarial"]:
        return None
    loss = loss_facts(settings["loss"])

    def watch(rows: Sequence[Mapping[str, float]], planned: int) -> Halt | None:
        return look(rows, planned, loss)

    return watch


def look(rows: Sequence[Mapping[str, float]], planned: int, loss: Mapping[str, Any]) -> Halt | None:
    """Why to stop a run of `planned` G steps with this history so far, or None.

    It is stopped where the detector answers "collapse" (not merely suspects it) now and at the looks before. That is a
    function of the history alone, so that a run that is interrupted stops where an uninterrupted one does.
    """
    looks = _looks([row["step"] / planned for row in rows])
    if len(looks) < LOOKS or looks[-1] != len(rows):
        return None
    history = pd.DataFrame(rows)
    found = []
    for end in reversed(looks[-LOOKS:]):
        found.append(predict(history.iloc[:end], loss, rows[end - 1]["step"] / planned))
        if found[-1]["answer"] != "collapse":
            return None
    low, high = found[0]["interval"]
    step = int(rows[-1]["step"])
    return Halt(
        f"stopped at step {step} of {planned}: the detector is sure of a collapse (probability "
        f"{found[0]['p_collapse']:.2f} [{low:.2f}, {high:.2f}] from {found[0]['level']}) at {LOOKS} looks"
    )


def _looks(shares: Sequence[float]) -> list[int]:
    """Numbers of rows at which a run is looked at: the first row at or after each multiple of EVERY, from FROM on."""
    ends, due = [], FROM
    for count, share in enumerate(shares, 1):
        if share >= due - 1e-9:
            while due <= share + 1e-9:
                due += EVERY
            if count >= LEAST_ROWS:
                ends.append(count)
    return ends
