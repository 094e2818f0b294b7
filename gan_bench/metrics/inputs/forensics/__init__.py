"""Checks of the real, generated and training set before scores are computed. Each file of this folder is one check.

The first line of a file's docstring says what its check finds. The file also has

    READS = "images"        # or "any": the check also reads features
    def find(sets: Sets) -> list[str]     # one sentence for each finding, with counts and up to two example names

Files whose name starts with an underscore are helpers. docs/inputs.md has the measured rates of false alarms. That
page also says how much the detected faults change each metric.
"""

import importlib
from pathlib import Path

from gan_bench.metrics.inputs.forensics._sets import Sets
from gan_bench.metrics.inputs.load import Points


def names() -> list[str]:
    """Names of all checks, sorted."""
    files = (file for folder in __path__ for file in Path(folder).glob("*.py"))
    return sorted(file.stem for file in files if not file.stem.startswith("_"))


def examine(real: Points, fake: Points, train: Points | None) -> list[dict[str, str]]:
    """All findings in these sets: {"finding": name of the check, "text": sentence}."""
    sets = Sets(real, fake, train)
    findings = []
    for name in names():
        module = importlib.import_module(f"{__name__}.{name}")
        if real.images or module.READS == "any":
            findings += [{"finding": name, "text": text} for text in module.find(sets)]
    return findings
