"""Answers of the field detector, which reads only the losses, on logs of other people, and how often they are right."""

from collections.abc import Callable
from typing import Any

import numpy as np
from detector_tables import auroc
from field_corpus import FieldLog

from gan_bench.collapse.field import Assessor

Result = dict[str, Any]
Judge = Callable[[FieldLog], Assessor]
DRAWS = 1000
#: In `over_time`, an alarm counts if it holds at this many evaluations of FID in a row.
IN_A_ROW = 1


def judge_logs(logs: list[FieldLog], judge: Judge) -> list[Result]:
    """One row for each log: its known facts, and the answer of the detector that `judge` returns for this log."""
    rows = []
    for log in logs:
        answer = judge(log).assess(log.d, log.g, critic=log.critic)
        fixed = {key: log.row[key] for key in ("id", "outcome", "loss", "d_loss_is", "note")}
        rows.append({**fixed, "group": log.group, "failed": log.failed, "rows": len(log.d), **answer,
                     "source": "StudioGAN" if log.row["group"] == "studiogan" else "others",
                     "outputs": log.row["outputs"]})  # fmt: skip
    return rows


def rates(rows: list[Result]) -> dict[str, Any]:
    """AUROC, alarms among fine logs, and failures found, over all logs with a known outcome; with bootstrap intervals.

    A log without a probability has no alarm. For AUROC, its probability is set to the share of failed logs.
    """
    known = [row for row in rows if row["failed"] is not None]
    failed = np.array([row["failed"] for row in known], dtype=bool)
    alarm = np.array([row["alarm"] for row in known], dtype=bool)
    base = float(failed.mean()) if known else 0.0
    p = np.array([base if row["p_failure"] is None else row["p_failure"] for row in known])
    groups = np.array([row["group"] for row in known])
    members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    rng, drawn = np.random.Generator(np.random.PCG64(0)), []
    for _ in range(DRAWS):
        at = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        if failed[at].any() and not failed[at].all():
            drawn.append([auroc(p[at], failed[at]), alarm[at][~failed[at]].mean(), alarm[at][failed[at]].mean()])
    ends = np.quantile(drawn, [0.025, 0.975], axis=0).T.tolist() if drawn else [None] * 3
    return {
        "n": len(known),
        "auroc": auroc(p, failed),
        "alarms": (int(alarm[~failed].sum()), int((~failed).sum())),
        "found": (int(alarm[failed].sum()), int(failed.sum())),
        "intervals": dict(zip(("auroc", "alarms", "found"), ends, strict=True)),
    }


def over_time(logs: list[FieldLog], judge: Judge) -> list[dict[str, Any]]:
    """One row for each log with FID over time. At each evaluation of FID, the log up to that step is judged.

    "looks": number of evaluations. "broke": whether the run broke down. "alarms": number of alarms; an alarm counts if
    the detector raises it at IN_A_ROW evaluations in a row. "early": number of alarms before the breakdown. "delay":
    time from the breakdown to the first alarm at or after it, as a share of the training; None without such an alarm.
    """
    rows = []
    for log in logs:
        if log.fid is None:
            continue
        reader, looks = judge(log), log.looks()
        answers = [reader.assess(log.d[:k], log.g[:k], critic=log.critic)["alarm"] for _, k in looks]
        held = [i for j, (i, _) in enumerate(looks) if all(answers[max(0, j - IN_A_ROW + 1) : j + 1])
                and j + 1 >= IN_A_ROW]  # fmt: skip
        steps, last = log.fid["step"].to_numpy(), float(log.step[-1])
        after = [i for i in held if log.broke_at is not None and i >= log.broke_at]
        delay = None if not after or log.broke_at is None else float(steps[after[0]] - steps[log.broke_at]) / last
        rows.append({"id": log.row["id"], "group": log.group, "looks": len(looks), "broke": log.broke_at is not None,
                     "delay": delay, "alarms": len(held),
                     "early": len([i for i in held if log.broke_at is not None and i < log.broke_at])})  # fmt: skip
    return rows
