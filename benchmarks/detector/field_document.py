"""Tables in Markdown about the field detector, which judges logs that have only the losses."""

from collections import Counter
from collections.abc import Mapping
from statistics import median
from typing import Any

from field_cases import CASES
from field_judging import Result, rates
from field_learning import CHOICES, Choice

from gan_bench.collapse.field_rules import SIGNS
from gan_bench.stats.estimate.intervals import wilson_interval

#: (answers, choice of models for each group of logs) of detectors whose models were chosen without the judged group.
#: None if this was not computed.
Choices = tuple[list[Result], dict[str, Choice]] | None
#: Aims: smallest AUROC, largest share of alarms among fine logs, smallest share of failures found.
GOALS = {"auroc": 0.9, "alarms": 0.1, "found": 0.7}
#: Whether the detector knows the loss -> results of the previous detector on the same logs: alarms, failures found,
#: AUROC.
BEFORE = {False: ((11, 50), (7, 23), 0.656), True: ((17, 50), (12, 23), 0.760)}
GROUPS_TEXT = "Names such as g01 and t00 stand for sources. The other names are models of StudioGAN.\n"
WRONG_TEXT = "In brackets: outcome, number of rows, probability p of a failure, threshold of an alarm, and status.\n"
NAMED = {False: "loss not named", True: "loss named"}


def table(head: list[str], rows: list[list[str]]) -> str:
    return "".join("| " + " | ".join(line) + " |\n" for line in [head, ["---"] * len(head), *rows])


def share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    low, high = wilson_interval(part, whole) or (0.0, 1.0)
    return f"{part}/{whole} = {part / whole:.2f} [{low:.2f}, {high:.2f}]"


def _spread(counts: tuple[int, int], ends: list[float] | None) -> str:
    if not counts[1]:
        return "-"
    shown = f"{counts[0]}/{counts[1]} = {counts[0] / counts[1]:.2f}"
    return shown if ends is None else f"{shown} [{ends[0]:.2f}, {ends[1]:.2f}]"


def rate_row(title: list[str], rows: list[Result]) -> list[str]:
    found = rates(rows)
    ends = found["intervals"]
    area = "-" if found["auroc"] != found["auroc"] else f"{found['auroc']:.3f}"
    if ends["auroc"] is not None and area != "-":
        area += f" [{ends['auroc'][0]:.2f}, {ends['auroc'][1]:.2f}]"
    return [*title, area, _spread(found["alarms"], ends["alarms"]), _spread(found["found"], ends["found"])]


def main_table(answers: dict[bool, list[Result]], choices: Choices, before: bool) -> str:
    rows = []
    for named, results in answers.items():
        if before:
            alarms, found, area = BEFORE[named]
            rows.append([NAMED[named], "before", f"{area:.3f}", _spread(alarms, None), _spread(found, None)])
        rows.append(rate_row([NAMED[named], "now"], results))
    if choices is not None:
        rows.append(rate_row([NAMED[False], "now, models chosen on the other groups"], choices[0]))
    text = table(["logs", "detector", "AUROC", "alarms among fine", "failures found"], rows)
    return text if choices is None else text + "\n" + _choices_text(choices[1])


def _choices_text(choices: Mapping[str, Choice]) -> str:
    counts = Counter(choices.values()).most_common()
    words = [f"{'once' if count == 1 else f'{count} times'} {_choice_words(choice)}" for choice, count in counts]
    return (
        f'In the last row, one of {len(CHOICES)} combinations of the two models (see "How it works") was chosen for '
        f"each of the {len(choices)} left-out\ngroups: {', '.join(words)}.\n"
    )


def _choice_words(choice: Choice) -> str:
    forest = f"the forest on {choice.forest} features"
    return {
        (1.0, 1.0): f"the line together with {forest}",
        (1.0, 0.0): "the line alone",
        (0.0, 1.0): f"{forest} alone",
    }[choice.weights]


def parts_table(results: list[Result]) -> str:
    """Table of rates by source, by length of the log, by what else is logged, and by loss."""
    parts = {
        "StudioGAN": lambda row: row["source"] == "StudioGAN",
        "other sources": lambda row: row["source"] != "StudioGAN",
        "below 50 rows": lambda row: row["rows"] < 50,
        "50 to 499 rows": lambda row: 50 <= row["rows"] < 500,
        "500 rows or more": lambda row: row["rows"] >= 500,
        "losses alone": lambda row: not row["outputs"],
        "D's outputs logged too": lambda row: row["outputs"],
        "other terms inside D's loss": lambda row: (
            "other terms" in str(row["d_loss_is"]) or "penalty" in str(row["d_loss_is"])
        ),
    }
    parts |= {f"loss {loss}": (lambda row, loss=loss: row["loss"] == loss)
              for loss in sorted({str(row["loss"]) for row in results})}  # fmt: skip
    rows = []
    for name, holds in parts.items():
        inside = [row for row in results if holds(row)]
        if any(row["failed"] is not None for row in inside):
            rows.append(rate_row([name], inside))
    return table(["logs", "AUROC", "alarms among fine", "failures found"], rows)


def groups_table(results: list[Result]) -> str:
    rows = []
    for group in sorted({row["group"] for row in results}):
        known = [row for row in results if row["group"] == group and row["failed"] is not None]
        fine, failed = ([row["alarm"] for row in known if row["failed"] is label] for label in (False, True))
        if known:
            rows.append([group, f"{sum(fine)}/{len(fine)}", f"{sum(failed)}/{len(failed)}"])
    return table(["source or model", "alarms among fine", "failures found"], rows)


def scope_text(results: list[Result]) -> str:
    long = [row for row in results if row["rows"] >= 50]
    out = [row for row in results if row["status"] == "out_of_scope"]
    known_out = [row for row in out if row["failed"] is not None]
    short = [row for row in results if row["status"] == "too_short"]
    inside = sum(row["status"] == "out_of_scope" for row in long)
    return (
        f'{len(short)} logs are `too_short`. {len(out)} logs are `out_of_scope` (see "How it works", point 5); '
        f"{len(known_out)} of the latter have a known\noutcome. Of the logs with 50 rows or more, "
        f"{share(inside, len(long))} are out of scope. The list names\nthe logs that are out of scope.\n\n"
        + "".join(f"- {row['id']}: {row['status']} ({row['outcome']}, {row['rows']} rows)\n" for row in out)
    )


def time_text(rows: list[dict[str, Any]]) -> str:
    """Section on breakdowns over time."""
    broke, rest = [row for row in rows if row["broke"]], [row for row in rows if not row["broke"] and not row["failed"]]
    noticed = [row["delay"] for row in broke if row["delay"] is not None]
    middle = f"{median(noticed):.2f}" if noticed else "-"
    lines = [[row["id"], "-" if row["delay"] is None else f"{row['delay']:.2f}", str(row["early"]), str(row["looks"])]
             for row in broke]  # fmt: skip
    false = [row for row in rest if row["alarms"]]
    return (
        "This section uses the logs that also record FID. "
        "An evaluation of FID is bad if FID is at least 1.5 times the best FID\nup to then, and at least 15 above it. "
        "A run breaks down at the first evaluation from which all evaluations to the end\nare bad. "
        "At each evaluation of FID, the log up to that step is judged.\n\n"
        f"- Of the runs that broke down, {share(len(noticed), len(broke))} cause an alarm at or after the breakdown.\n"
        f"- Of the runs that did not fail, {share(len(false), len(rest))} cause an alarm at any evaluation.\n"
        f'- "Delay" is the time from the breakdown to the next alarm, as a share of the training; its median is '
        f"{middle}.\n"
        '- "Alarms before" counts alarms before the breakdown.\n\n'
        + table(["run that broke down", "delay", "alarms before", "evaluations"], lines)
        + "".join(f"- false alarm: {row['id']}, {row['alarms']} of {row['looks']} evaluations\n" for row in false)
    )


def signs_table(document: dict[str, Any]) -> str:
    rows = []
    for sign in SIGNS:
        both = document["signs"][sign.name]["rates"]
        cells = [f"{share(r['right'], r['fired'])}; finds {r['right']}/{r['failures']}" for r in both.values()]
        rows.append([sign.name, sign.says, "yes" if sign.decides else "no", *cells])
    return table(["sign", "says", "decides", "right on public logs", "right on small runs"], rows)


def wrong_list(results: list[Result]) -> str:
    lines = []
    for row in results:
        if row["failed"] is None or row["failed"] == row["alarm"]:
            continue
        kind = "missed" if row["failed"] else "false alarm"
        p = "no probability" if row["p_failure"] is None else f"p {row['p_failure']:.2f}, threshold {row['threshold']}"
        why = CASES.get(row["id"], row["note"] if isinstance(row["note"], str) else row["d_loss_is"])
        lines.append(f"- {kind}: {row['id']} ({row['outcome']}, {row['rows']} rows, {p}, {row['status']}): {why}.\n")
    return "".join(sorted(lines))


def report(answers: dict[bool, list[Result]], times: list[dict[str, Any]], choices: Choices, before: bool) -> str:
    """All tables about the answers of the field detector on a folder of logs."""
    results = answers[False]
    return "\n".join(
        [
            "## All logs\n", main_table(answers, choices, before),
            "## By kind of log (loss not named)\n", parts_table(results),
            "## By source or model\n", GROUPS_TEXT, groups_table(results),
            "## What is not judged\n", scope_text(results),
            "## Breakdown over time\n", time_text(times),
            "## Logs that are judged wrongly\n", WRONG_TEXT, wrong_list(results),
        ]
    )  # fmt: skip
