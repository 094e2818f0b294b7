"""Writes the files of a comparison of models: CSV, JSON, a Markdown table and a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench.files import write_bytes, write_json, write_text
from gan_bench.report import style
from gan_bench.stats.write.markdown import ARROW, markdown_table, number
from gan_bench.stats.write.table_files import write_csv

Row = dict[str, Any]


def write_comparison(folder: Path, result: dict[str, Any]) -> str:
    """Write comparison.csv, .json, .md and .png into a folder, and return the Markdown text."""
    folder.mkdir(parents=True, exist_ok=True)
    floors = [
        {"metric": row["name"], "model": "floor (real)", "value": row["value"], "n": row["n_real"], "note": row["note"]}
        for row in result["floor"]
    ]
    table = pd.DataFrame([*floors, *result["rows"]], columns=list(result["rows"][0]))
    table["extractor"] = result["protocol"]["extractor"]
    write_csv(folder / "comparison.csv", table)
    write_json(folder / "comparison.json", result)
    text = markdown(result)
    write_text(folder / "comparison.md", text)
    write_bytes(folder / "comparison.png", picture(result))
    return text


def markdown(result: dict[str, Any]) -> str:
    """Markdown text: findings, a table (one row per model, one column per metric value), conclusions, and protocol."""
    rows, protocol = result["rows"], result["protocol"]
    metrics = {row["metric"]: f"{row['label']} {ARROW[row['direction']]}" for row in rows}
    lines = [f"- {finding['model']}: {finding['finding']}: {finding['text']}" for finding in result["findings"]]
    lines += [""] if lines else []
    floors = {row["name"]: row["value"] for row in result["floor"]}
    cells = [["model", *metrics.values()], ["floor (real)", *(number(floors.get(metric)) for metric in metrics)]]
    for model in dict.fromkeys(row["model"] for row in rows):
        cells.append([model, *(_cell(row) for row in rows if row["model"] == model)])
    lines.append(markdown_table(cells))
    count, space = protocol["n_real"], protocol["extractor"]
    lines += ["", *(f"- {sentence}" for sentence in result["said"]), ""]
    lines.append(
        f"{count} real images and {count} generated samples of each model; feature space: {space}; "
        f"floor: {protocol['floor']}. In brackets: the interval that contains 95 % of the values of other samples of "
        "this size. Bold: not excluded as the best. Second line of a cell: difference to the best model on the "
        "metric's scale (log for distances, logit for shares), with simultaneous 95 % intervals; positive is worse."
    )
    if protocol["adapted"]:
        lines.append(f"Images were adapted: {protocol['adapted']}.")
    return "\n".join(lines) + "\n"


def _cell(row: Row) -> str:
    value = number(row["value"])
    value = f"**{value}**" if row["top"] else value
    if row["low"] is None:
        return value
    text = f"{value} [{row['low']:.3g}, {row['high']:.3g}]"
    if row["difference"]:
        text += f"<br>{row['difference']:+.2g} [{row['difference_low']:.2g}, {row['difference_high']:.2g}]"
    return text


def picture(result: dict[str, Any]) -> bytes:
    """PNG with one panel per metric value: a point with its interval for each model, and a line at the floor."""
    rows = result["rows"]
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    models = list(dict.fromkeys(row["model"] for row in rows))
    floors = {row["name"]: row["value"] for row in result["floor"]}
    with style.applied():
        figure = style.new_figure(2.0 + 2.0 * len(metrics), 1.1 + 0.32 * len(models))
        axes = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
        for ax, metric in zip(axes, metrics, strict=True):
            _panel(ax, [row for row in rows if row["metric"] == metric], floors.get(metric))
        axes[0].set_yticks(range(len(models)), [style.fit(model, 1.6, 8) for model in models])
        axes[0].invert_yaxis()
        return style.to_bytes(figure, "png", 150)


def _panel(ax: Any, rows: Sequence[Row], floor: float | None) -> None:
    for i, row in enumerate(rows):
        if row["value"] is None:
            continue
        if row["low"] is not None:
            ax.plot([row["low"], row["high"]], [i, i], color=style.INK, linewidth=1.2)
        face = style.INK if row["top"] else "white"
        ax.plot([row["value"]], [i], marker="o", color=style.INK, markerfacecolor=face, linestyle="")
    if floor is not None:
        ax.axvline(floor, **style.FLOOR)
    ax.set_xlabel(f"{rows[0]['label']} {ARROW[rows[0]['direction']]}")
