"""Runs of one study that were not made by the same code: they stand in one table only with a mark."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Card = Mapping[str, Any]
Key = tuple[str, str, int]

#: Runs that a caveat names; the rest are counted.
NAMED = 5


class Made(NamedTuple):
    """What a run says that it was made with; None where it says nothing."""

    key: Key
    core: str | None = None
    code: str | None = None
    torch: str | None = None
    numpy: str | None = None


def made_with(card: Card) -> Made:
    """The little of a card that is compared here. Equal words are one object, as there may be very many runs."""
    key, status = (card["dataset"], card["cell"], card["seed"]), card["status_document"] or {}
    if "identity" not in status or "provenance" not in status:
        return Made(key)
    identity = status["identity"]
    said = (status["provenance"].get("code"), *(identity.get(name) for name in ("code", "torch", "numpy")))
    return Made(key, *(None if value is None else sys.intern(str(value)) for value in said))


def code_marks(made: Sequence[Made]) -> dict[Key, str]:
    """(dataset, cell, seed) -> what a run was trained with, where that is not what most runs were.

    Compared over the whole study: torch, NumPy and the training code without the runs' components; over a cell, whose
    runs have the same components: all code that trains them. Of two halves the one whose run comes first counts as
    most. Runs that say nothing of it, as those that failed, are not marked.
    """
    found: dict[Key, list[str]] = {}
    for name, of, group in (
        ("training code", lambda one: one.core, lambda _one: None),
        ("training code", lambda one: one.code, lambda one: one.key[:2]),
        ("torch", lambda one: one.torch, lambda _one: None),
        ("numpy", lambda one: one.numpy, lambda _one: None),
    ):
        for key, value, usual in _odd(made, of, group):
            if not any(text.startswith(name) for text in found.get(key, ())):
                found.setdefault(key, []).append(f"{name} {value}, {usual} in most runs")
    return {key: f"trained with other software: {'; '.join(texts)}" for key, texts in found.items()}


def _odd(
    made: Sequence[Made], of: Callable[[Made], str | None], group: Callable[[Made], Any]
) -> list[tuple[Key, str, str]]:
    """(run, its value, the usual value) of the runs whose value is not the usual one of their group."""
    told: dict[Any, list[tuple[Key, str]]] = {}
    for one in made:
        value = of(one)
        if value is not None:
            told.setdefault(group(one), []).append((one.key, value))
    found = []
    for runs in told.values():
        # Counter keeps the order of first sight among equals.
        usual = Counter(value for _, value in runs).most_common(1)[0][0]
        found += [(key, value, usual) for key, value in runs if value != usual]
    return found


def caveat(made: Sequence[Made]) -> str:
    """A paragraph that says which runs are marked; empty where none is."""
    marks = code_marks(made)
    if not marks:
        return ""
    names = [f"`{dataset}/{cell}/seed{seed}`" for dataset, cell, seed in marks]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"**Caveat**: {len(marks)} of {len(made)} runs were trained with other software than the rest "
        f"({', '.join(names[:NAMED])}{more}); numbers of both stand below. `note` in runs.csv says what differs.\n\n"
    )
