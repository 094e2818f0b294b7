"""Text table of scores for the terminal."""

from typing import Any

HEADER = ("metric", "value", "floor", "n real", "n fake", "note")


def format_table(result: dict[str, Any]) -> str:
    """The feature space, then a line for each value with its real-against-real floor."""
    floors = {row["name"]: row["value"] for row in result["floor"]}
    rows = [
        (
            row["name"],
            _number(row["value"]),
            _number(floors.get(row["name"])),
            str(row["n_real"]),
            str(row["n_fake"]),
            row["note"] or "",
        )
        for row in result["metrics"]
    ]
    widths = [max(len(line[i]) for line in (HEADER, *rows)) for i in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (HEADER, *rows)]
    return "\n".join([f"feature space: {result['protocol']['extractor']}", *(line.rstrip() for line in lines)])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
