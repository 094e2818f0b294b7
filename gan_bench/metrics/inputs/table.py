"""Text table of scores for the terminal."""

from typing import Any

HEADER = ("metric", "value", "floor", "n real", "n fake", "note")


def format_table(result: dict[str, Any]) -> str:
    """A result of `evaluate_files` as text.

    The text starts with the findings (if any), the feature space, the changes of images (if any) and the protocol of
    another package (if one is used). Then there is a line for each value with its floor (the score of real images in
    place of samples). The last line describes the floor.
    """
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
    protocol = result["protocol"]
    body = [line.rstrip() for line in lines]
    adapted = [f"adapted: {protocol['adapted']}"] if protocol["adapted"] else []
    adapted += [f"protocol: {protocol['name']}"] if "name" in protocol else []
    findings = [f"finding: {finding['text']}" for finding in result["findings"]]
    return "\n".join(
        [*findings, f"feature space: {protocol['extractor']}", *adapted, *body, f"floor: {protocol['floor']}"]
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
