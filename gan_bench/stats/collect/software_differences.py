"""Find the runs of a study whose training code or library versions differ from those of most other runs."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gan_bench.errors import first_of

Card = Mapping[str, Any]
Key = tuple[str, str, int]
"""(data set, cell, seed)"""

#: Largest number of runs that a caveat names.
NAMED = 5


class RunSoftware(NamedTuple):
    """The software that trained a run, from its status document; None for facts that the document does not state.

    Attributes:
        key: the run.
        core: digest of the training code without the run's components.
        code: digest of all code that trained the run.
        torch, numpy: versions.
    """

    key: Key
    core: str | None = None
    code: str | None = None
    torch: str | None = None
    numpy: str | None = None


def run_software(card: Card) -> RunSoftware:
    """The software in a run's card. Equal strings share one object: this saves memory if there are very many runs."""
    key, status = (card["dataset"], card["cell"], card["seed"]), card["status_document"] or {}
    if "identity" not in status or "provenance" not in status:
        return RunSoftware(key)
    identity = status["identity"]
    values = (status["provenance"].get("code"), *(identity.get(name) for name in ("code", "torch", "numpy")))
    return RunSoftware(key, *(None if value is None else sys.intern(str(value)) for value in values))


def code_marks(software: Sequence[RunSoftware]) -> dict[Key, str]:
    """Run -> note on its software, for each run in which a digest or version is not the most frequent one.

    The versions of torch and NumPy, and the training code without components, are compared over the whole study. The
    code including components is compared only within a cell (one variant on one data set), because runs of different
    cells have different components. If two values are equally frequent, the value that appears first counts as the
    usual value. Runs without information on their software, such as failed runs, are not marked.
    """
    notes: dict[Key, list[str]] = {}
    for name, value_of, group_of in (
        ("training code", lambda run: run.core, lambda _run: None),
        ("training code", lambda run: run.code, lambda run: run.key[:2]),
        ("torch", lambda run: run.torch, lambda _run: None),
        ("numpy", lambda run: run.numpy, lambda _run: None),
    ):
        for key, value, usual in _deviations(software, value_of, group_of):
            if not any(text.startswith(name) for text in notes.get(key, ())):
                notes.setdefault(key, []).append(f"{name} {value}, {usual} in most runs")
    return {key: f"trained with other software: {'; '.join(texts)}" for key, texts in notes.items()}


def _deviations(
    software: Sequence[RunSoftware],
    value_of: Callable[[RunSoftware], str | None],
    group_of: Callable[[RunSoftware], Any],
) -> list[tuple[Key, str, str]]:
    """(run, its value, usual value) for each run whose value is not the most frequent value of its group."""
    groups: dict[Any, list[tuple[Key, str]]] = {}
    for run in software:
        value = value_of(run)
        if value is not None:
            groups.setdefault(group_of(run), []).append((run.key, value))
    deviations = []
    for runs in groups.values():
        # Counter keeps equally frequent values in the order of first appearance.
        usual = Counter(value for _, value in runs).most_common(1)[0][0]
        deviations += [(key, value, usual) for key, value in runs if value != usual]
    return deviations


def caveat(software: Sequence[RunSoftware]) -> str:
    """A Markdown paragraph on the marked runs, which names at most NAMED of them; "" if no run is marked."""
    marks = code_marks(software)
    if not marks:
        return ""
    names = [f"`{dataset}/{cell}/seed{seed}`" for dataset, cell, seed in marks]
    return (
        f"**Caveat**: {len(marks)} of {len(software)} runs were trained with other software than the rest "
        f"({first_of(names, NAMED, ', ')}). The tables below include both. `note` in runs.csv says what differs.\n\n"
    )
