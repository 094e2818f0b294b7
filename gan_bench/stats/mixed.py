"""Runs of one study that were not made by the same code: they stand in one table only with a mark."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Card = Mapping[str, Any]
Key = tuple[str, str, int]

#: Runs that a caveat names; the rest are counted.
NAMED = 5


def code_marks(cards: Sequence[Card]) -> dict[Key, str]:
    """(dataset, cell, seed) -> what a run was trained with, where that is not what most runs were.

    Compared over the whole study: torch, NumPy and the training code without the runs' components; over a cell, whose
    runs have the same components: all code that trains them. Of two halves the one whose run comes first counts as
    most. Runs that say nothing of it, as those that failed, are not marked.
    """
    found: dict[Key, list[str]] = {}
    for name, of, group in (
        ("training code", lambda status: status["provenance"].get("code"), lambda _card: None),
        ("training code", lambda status: status["identity"].get("code"), lambda card: (card["dataset"], card["cell"])),
        ("torch", lambda status: status["identity"].get("torch"), lambda _card: None),
        ("numpy", lambda status: status["identity"].get("numpy"), lambda _card: None),
    ):
        for key, value, usual in _odd(cards, of, group):
            if not any(text.startswith(name) for text in found.get(key, ())):
                found.setdefault(key, []).append(f"{name} {value}, {usual} in most runs")
    return {key: f"trained with other software: {'; '.join(texts)}" for key, texts in found.items()}


def _odd(
    cards: Sequence[Card], of: Callable[[Mapping[str, Any]], Any], group: Callable[[Card], Any]
) -> list[tuple[Key, str, str]]:
    """(run, its value, the usual value) of the runs whose value is not the usual one of their group."""
    told: dict[Any, list[tuple[Key, str]]] = {}
    for card in cards:
        status = card["status_document"] or {}
        if "identity" in status and "provenance" in status:
            value = of(status)
            if value is not None:
                told.setdefault(group(card), []).append(((card["dataset"], card["cell"], card["seed"]), str(value)))
    found = []
    for runs in told.values():
        # Counter keeps the order of first sight among equals.
        usual = Counter(value for _, value in runs).most_common(1)[0][0]
        found += [(key, value, usual) for key, value in runs if value != usual]
    return found


def caveat(cards: Sequence[Card]) -> str:
    """A paragraph that says which runs are marked; empty where none is."""
    marks = code_marks(cards)
    if not marks:
        return ""
    names = [f"`{dataset}/{cell}/seed{seed}`" for dataset, cell, seed in marks]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"**Caveat**: {len(marks)} of {len(cards)} runs were trained with other software than the rest "
        f"({', '.join(names[:NAMED])}{more}); numbers of both stand below. `note` in runs.csv says what differs.\n\n"
    )
