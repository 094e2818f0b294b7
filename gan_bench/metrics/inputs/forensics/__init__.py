"""What is wrong with the inputs of a comparison, said before a score. One finding is one file of this folder.

A finding's file has a docstring whose first line says what it finds, and

    READS = "images"        # or "any": features too
    def find(sets: Sets) -> list[str]     # a sentence for each thing found, with counts and up to two example names

Files whose name starts with an underscore are helpers. benchmarks/forensics.py measures how often each finding is a
false alarm on photographs, and how much what it finds moves each metric (docs/inputs.md).
"""

import importlib
from pathlib import Path

from gan_bench.metrics.inputs.forensics._sets import Sets
from gan_bench.metrics.inputs.load import Points


def names() -> list[str]:
    """Names of all findings, sorted."""
    files = (file for folder in __path__ for file in Path(folder).glob("*.py"))
    return sorted(file.stem for file in files if not file.stem.startswith("_"))


def examine(real: Points, fake: Points, train: Points | None) -> list[dict[str, str]]:
    """{"finding": name, "text": sentence} of everything found in these sets."""
    sets = Sets(real, fake, train)
    findings = []
    for name in names():
        module = importlib.import_module(f"{__name__}.{name}")
        if real.images or module.READS == "any":
            findings += [{"finding": name, "text": text} for text in module.find(sets)]
    return findings
