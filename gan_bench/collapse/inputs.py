"""Histories of any training, ours or not, read from CSV, parquet or TensorBoard events and judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench import losses, registry
from gan_bench.collapse.events import is_events
from gan_bench.collapse.history_file import read_history
from gan_bench.collapse.verdict import judge
from gan_bench.errors import UserError, unknown_name
from gan_bench.registry import component

SUFFIXES = (".csv", ".parquet")
REDUCTIONS = {"sum": 1.0, "mean": 2.0}


@dataclass(frozen=True)
class Logged:
    """How a log came about. `loss`: a component of the losses axis, one of its aliases, or the path of a user's file.

    `d_loss`: "sum" or "mean" of D's halves on real and generated images; `penalty_inside`: D's loss holds a penalty,
    so that its level says nothing unless a column "penalty" says how much; `columns`: our name -> the log's; `seen`:
    the share of the planned training that the log covers.
    """

    loss: str | None = None
    d_loss: str = "sum"
    penalty_inside: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    seen: float = 1.0

    def __post_init__(self) -> None:
        if self.d_loss not in REDUCTIONS:
            raise UserError(f"--d-loss is {self.d_loss!r}; valid: {', '.join(REDUCTIONS)}.")
        if not 0 < self.seen <= 1:
            raise UserError(f"--seen is {self.seen}; valid: above 0, at most 1.")


def parse_columns(text: str | None) -> dict[str, str]:
    """ "d_loss=Loss/D,g_loss=Loss/G" as a dictionary. UserError where a part is no such pair."""
    found = {}
    for part in (text or "").split(",") if text else ():
        ours, equals, theirs = part.partition("=")
        if not (equals and ours.strip() and theirs.strip()):
            raise UserError(f"--columns: {part!r} is not of the form d_loss=NAME.")
        found[ours.strip()] = theirs.strip()
    return found


def detect_file(path: Path | str, logged: Logged | str | None = None) -> dict[str, Any]:
    """Judge the history in a file: the document of `judge` with "file", "loss", "rows", "reading".

    `logged`: how it was logged, or the name of the loss; without a loss the rules are left out that compare with its
    equilibrium. UserError for a file that cannot be read as a history, or an unknown loss.
    """
    how = logged if isinstance(logged, Logged) else Logged(loss=logged)
    history, notes = read_history(path, how.columns)
    facts, name = (None, None) if how.loss is None else named_loss(how.loss)
    history, facts, more = _as_ours(history, facts, how)
    document = judge(history, facts, seen=how.seen)
    return {"file": str(path), "loss": name, "rows": len(history), "reading": notes + more, **document}


def detect_files(folder: Path | str, logged: Logged) -> Iterator[dict[str, Any]]:
    """Judge every history below a folder, in the order of their paths: documents as of `detect_file`.

    A file that cannot be judged has the document {"file", "verdict": None, "p_collapse": None, "error"}. UserError for
    an unknown loss, and for a folder without a history.
    """
    files = history_files(Path(folder))
    if logged.loss is not None:
        named_loss(logged.loss)
    for path in files:
        try:
            yield detect_file(path, logged)
        except UserError as error:
            yield {"file": str(path), "verdict": None, "p_collapse": None, "error": str(error)}


def history_files(folder: Path) -> list[Path]:
    """Every .csv, .parquet and event file below a folder. UserError where there is none."""
    found = sorted(p for p in folder.rglob("*") if p.is_file() and (p.suffix.lower() in SUFFIXES or is_events(p)))
    if not found:
        raise UserError(f"{folder}: no history below it; valid: .csv, .parquet and TensorBoard event files.")
    return found


def named_loss(name: str) -> tuple[dict[str, Any], str]:
    """FACTS of a loss by its name, one of its aliases or its path, and its name. UserError for an unknown one."""
    if name.endswith(".py"):
        return loss_facts({"name": name}), name
    known = {own: own for own in registry.names("losses")}
    for own in list(known):
        known |= dict.fromkeys(component("losses", own).facts.get("aliases", ()), own)
    if name.lower() not in known:
        raise UserError(unknown_name("loss", name, sorted(known)))
    return loss_facts({"name": known[name.lower()]}), known[name.lower()]


def loss_facts(ref: Mapping[str, Any]) -> dict[str, Any]:
    """What `judge` needs of the loss of a resolved reference: family, and the equilibrium under its settings."""
    facts = component("losses", ref["name"]).facts
    return {**facts, "equilibrium": losses.equilibrium(ref)}


def _as_ours(
    history: pd.DataFrame, facts: dict[str, Any] | None, how: Logged
) -> tuple[pd.DataFrame, dict[str, Any] | None, list[str]]:
    """D's loss as the sum of its halves without a penalty, as our histories have it."""
    notes = []
    if how.d_loss != "sum":
        history = history.assign(d_loss=REDUCTIONS[how.d_loss] * history["d_loss"])
        notes.append("D's loss was taken as the mean of its halves, and doubled.")
    if how.penalty_inside and "penalty" in history.columns:
        history = history.assign(d_loss=history["d_loss"] - np.nan_to_num(history["penalty"]))
        notes.append("The column penalty was taken off D's loss.")
    elif how.penalty_inside and facts is not None:
        facts = {**facts, "equilibrium": None}
        notes.append("D's loss holds a penalty of unknown size: its level is not compared with the equilibrium.")
    return history, facts, notes
