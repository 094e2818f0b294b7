"""Writes docs/detector_small_runs.md from the measured numbers of a detector."""

from typing import Any

from detector_words import (
    ANSWERS_TEXT,
    BINS_TEXT,
    HEAD,
    LABEL_TEXT,
    LOSS_TEXT,
    OLDER_TEXT,
    SUBSET_TEXT,
    WHY,
    WITHIN_TEXT,
)

TARGETS = {
    "collapse": "The run has collapsed",
    "failure": "The run has failed (it is not healthy: collapsed, too few modes, or poor samples)",
    "collapse_after_25": "After 25 % of training: the run will end collapsed",
    "collapse_after_50": "After 50 % of training: the run will end collapsed",
    "collapse_after_75": "After 75 % of training: the run will end collapsed",
}
LEVELS = {"losses": "losses", "outputs": "+ D outputs", "diversity": "+ batch diversity"}
SHAPE = {"shape": "losses of unknown scale", **LEVELS}
#: Aims that were set before training: (AUROC, recall at 10 % false alarms), for left-out (data set, loss) groups
#: ("group") and for left-out data sets ("images"). None: no aim.
AIMS: dict[str, dict[str, tuple[float, float | None]]] = {
    "collapse/losses": {"group": (0.90, 0.72), "images": (0.84, 0.60)},
    "collapse/outputs": {"group": (0.97, 0.92), "images": (0.95, 0.87)},
    "collapse/diversity": {"group": (0.985, 0.96), "images": (0.97, 0.92)},
    "collapse_after_50/losses": {"group": (0.86, None)},
    "collapse_after_50/outputs": {"group": (0.94, None)},
    "collapse_after_50/diversity": {"group": (0.95, None)},
    "failure/losses": {"images": (0.72, None)},
    "failure/outputs": {"images": (0.75, None)},
    "failure/diversity": {"images": (0.90, None)},
}
LOSS_AIMS = {"losses": 0.87, "outputs": 0.94, "diversity": 0.97}
CLIP_AIM = 0.78
PARTS = {"older": "428 perceptrons", "suite": "this suite"}
PROTOCOLS = {"group": "(data set, loss)", "family": "loss family", "images": "data set"}

#: Aims for a detector that is trained only on the older corpus: AUROC of collapse on this suite's runs.
CONV_AIMS = {"losses": 0.85, "outputs": 0.93, "diversity": 0.95}


def render(detector: dict[str, Any]) -> str:
    measured = detector["measured"]
    parts = [HEAD.format(**detector["corpus"], perceptrons=detector["corpus"]["runs"] - detector["corpus"]["suite"])]
    for target, title in TARGETS.items():
        parts.append(f"## {title}\n\n{_left_out(measured, target)}")
        if target in ("collapse", "failure"):
            parts.append(WITHIN_TEXT + _within(measured, target))
    parts.append("## Trained on the perceptrons alone\n\n" + OLDER_TEXT + _older_only(measured))
    parts.append("## Logs with only some of the columns: has collapsed\n\n" + SUBSET_TEXT + _subsets(measured))
    parts.append("## By loss: has collapsed\n\n" + LOSS_TEXT + _by_loss(measured))
    parts.append("## Answers and abstention\n\n" + ANSWERS_TEXT + _answers(measured, detector["models"]))
    parts.append("## Calibration\n\n" + BINS_TEXT + _bins(measured))
    parts.append("## The labels themselves\n\n" + LABEL_TEXT + _labels(measured["labels"]))
    parts.append(WHY)
    return "\n".join(parts)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _number(value: float | None, aim: float | None = None) -> str:
    if value is None:
        return "-"
    shown = f"{value:.3f}"
    return shown if aim is None or value >= aim else f"**{shown}** ({aim:g})"


def _span(ends: list[float] | None) -> str:
    return "" if ends is None else f" [{ends[0]:.2f}, {ends[1]:.2f}]"


def _share(share: dict[str, Any]) -> str:
    if not share["of"]:
        return "-"
    return f"{share['hits']}/{share['of']} = {share['hits'] / share['of']:.2f}{_span(share['share_95'])}"


def _left_out(measured: dict[str, Any], target: str) -> str:
    rows = []
    for level, title in SHAPE.items():
        name = f"{target}/{level}"
        for by, what in PROTOCOLS.items():
            if by not in measured[name]["left_out"]:
                continue
            own = measured[name]["left_out"][by]
            aim = AIMS.get(name, {}).get(by, (None, None))
            whole = own["all"]
            rows.append([title, what, _number(whole["auroc"], aim[0]) + _span(whole["auroc_95"]),
                         _number(whole["recall"], aim[1]) + _span(whole["recall_95"]),
                         *(_both(own[part]) for part in PARTS)])  # fmt: skip
    return _table(["signals", "left out", "AUROC", "recall at 10 % false alarms", *PARTS.values()], rows)


def _both(own: dict[str, Any]) -> str:
    return f"{_number(own['auroc'])} / {_number(own['recall'])}"


def _within(measured: dict[str, Any], target: str) -> str:
    found = {title: measured[f"{target}/{level}"]["unseen_data_sets"] for level, title in LEVELS.items()}
    first = next(iter(found.values()))
    head = [f"{name} ({own['positive']}/{own['n']})" for name, own in sorted(first.items())]
    return _table(["signals", *head], [
        [title, *(_number(own[name]["auroc"]) for name in sorted(own))] for title, own in found.items()
    ])  # fmt: skip


def _older_only(measured: dict[str, Any]) -> str:
    rows = []
    for target in ("collapse", "failure"):
        for level, title in LEVELS.items():
            for name, own in measured[f"{target}/{level}"]["older_only"].items():
                aim = CONV_AIMS[level] if (target, name) == ("collapse", "all") else None
                rows.append([name, target, title, f"{own['n']}/{own['positive']}",
                             _number(own["auroc"], aim) + _span(own["auroc_95"]), _number(own["recall"]),
                             str(own["answers"]["answered"]),
                             *(_share(own["answers"][side]) for side in ("yes", "no"))])  # fmt: skip
    head = [
        "data set",
        "target",
        "signals",
        "runs/positive",
        "AUROC",
        "recall",
        "answered",
        '"yes" right',
        '"no" right',
    ]
    return _table(head, sorted(rows, key=lambda row: row[0]))


def _subsets(measured: dict[str, Any]) -> str:
    rows = []
    for level in ("outputs", "diversity"):
        for name, own in measured[f"collapse/{level}"]["subsets"].items():
            rows.append([LEVELS[level], name, _number(own["auroc"]), _number(own["recall"])])
    return _table(["kind", "columns beside the losses", "AUROC", "recall at 10 % false alarms"], rows)


def _labels(found: dict[str, Any]) -> str:
    rows = [
        [way, label, f"{own['same']}/{own['of']} = {own['same'] / own['of']:.3f}", str(own["to_true"])]
        for way, labels in found.items()
        for label, own in labels.items()
    ]
    return _table(["against the mean of the last three checkpoints", "label", "agree", "became true"], rows)


def _by_loss(measured: dict[str, Any]) -> str:
    rows = []
    for level, title in LEVELS.items():
        for loss, own in measured[f"collapse/{level}"]["by_loss"].items():
            aim = CLIP_AIM if (loss, level) == ("wgan", "losses") else LOSS_AIMS[level]
            counts = f"{own['n']}/{own['positive']}"
            area = _number(own["auroc"], aim) + _span(own["auroc_95"])
            shares = [_share(own[name]) for name in ("recall", "precision", "false_alarms")]
            rows.append([title, loss, counts, area, *shares])
    return _table(["signals", "loss", "runs/collapsed", "AUROC", "recall", "precision", "false alarms"], rows)


def _answers(measured: dict[str, Any], models: dict[str, Any]) -> str:
    rows = []
    for target in ("collapse", "failure", "collapse_after_50"):
        for level, title in LEVELS.items():
            for by in ("group", "images"):
                own = measured[f"{target}/{level}"]["answers"][by]
                rows.append([target, title, PROTOCOLS[by], f"{own['answered']}/{own['n']}", _share(own["right"]),
                             _share(own["yes"]), _share(own["no"]), _number(own["auroc_tied"]),
                             " and ".join(models[f"{target}/{level}"]["sides"]) or "none"])  # fmt: skip
    head = [
        "target",
        "signals",
        "left out",
        "answered",
        "right",
        '"yes" right',
        '"no" right',
        "AUROC, abstentions tied",
        "given",
    ]
    return _table(head, rows)


def _bins(measured: dict[str, Any]) -> str:
    rows = []
    for target in ("collapse", "failure"):
        for level, title in LEVELS.items():
            for by in ("group", "images"):
                for own in measured[f"{target}/{level}"]["bins"][by]:
                    off = abs(own["hits"] / own["n"] - own["mean"]) > 0.15
                    share = f"{own['hits'] / own['n']:.2f}"
                    observed = (f"**{share}**" if off else share) + _span(own["interval"])
                    place = f"{own['from']:g} to {own['to']:g}"
                    rows.append([target, title, PROTOCOLS[by], place, f"{own['mean']:.2f}", str(own["n"]), observed])
    return _table(["target", "signals", "left out", "probability", "mean", "runs", "observed"], rows)
