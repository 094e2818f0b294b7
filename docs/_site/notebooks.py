"""A Jupyter notebook as a page: cells as Markdown and code blocks, outputs as text and pictures."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def page(notebook: Path, place: str) -> dict[str, str | bytes]:
    """Place on the site -> content, for the Markdown page at `place` and its pictures in the same folder."""
    contents: dict[str, str | bytes] = {}
    parts: list[str] = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for kind, content in _outputs(cell):
            if kind == "text":
                parts.append(f"``` {{ .text .output }}\n{content.rstrip()}\n```")
            else:
                picture = f"{place.removesuffix('.md')}-{len(contents)}.png"
                contents[picture] = base64.b64decode(content)
                parts.append(f"![Output of the cell above]({Path(picture).name})")
    contents[place] = "\n\n".join(parts) + "\n"
    return contents


def _outputs(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for output in cell["outputs"]:
        data = output.get("data", {})
        if "image/png" in data:
            yield "png", "".join(data["image/png"])
        elif text := "".join(output.get("text", data.get("text/plain", []))):
            yield "text", text
