"""Histories of any training, read from CSV, parquet or TensorBoard events, and judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench import losses, registry
from gan_bench.collapse.events import is_events
from gan_bench.collapse.field_verdict import with_failure
from gan_bench.collapse.history_file import read_history
from gan_bench.collapse.verdict import judge
from gan_bench.errors import UserError, unknown_name
from gan_bench.registry import component

SUFFIXES = (".csv", ".parquet")
REDUCTIONS = {"sum": 1.0, "mean": 2.0}


@dataclass(frozen=True)
class Logged:
    """How a log was written.

    loss: a component of the losses axis, one of its aliases, or the path of a user's file; None if unknown.
    d_loss: whether D's loss is the "sum" or the "mean" of its terms on real and on generated images.
    penalty_inside: D's loss contains a penalty. Without a column "penalty" its level is then not interpretable.
    columns: our column name -> the log's.
    seen: share of the planned training that the log covers, in (0, 1].
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
    """ "d_loss=Loss/D,g_loss=Loss/G" as a dictionary.

    Raises:
        UserError: a part is not of the form NAME=NAME.
    """
    names = {}
    for part in (text or "").split(",") if text else ():
        name, equals, log_name = part.partition("=")
        if not (equals and name.strip() and log_name.strip()):
            raise UserError(f"--columns: {part!r} is not of the form d_loss=NAME.")
        names[name.strip()] = log_name.strip()
    return names


def detect_file(path: Path | str, logged: Logged | str | None = None) -> dict[str, Any]:
    """Judge the history in a file: the document of `judge` plus "file", "loss", "rows" and "reading" (notes of the
    reader).

    Args:
        logged: how it was logged, or the name of the loss. Without a loss, signs that need its equilibrium are left
            out.

    Raises:
        UserError: the file is not a readable history, or the loss is unknown.
    """
    logged = logged if isinstance(logged, Logged) else Logged(loss=logged)
    history, notes = read_history(path, logged.columns)
    facts, name = (None, None) if logged.loss is None else named_loss(logged.loss)
    history, facts, conversion_notes = _convert_d_loss(history, facts, logged)
    document = with_failure(judge(history, facts, seen=logged.seen), history, facts)
    return {"file": str(path), "loss": name, "rows": len(history), "reading": notes + conversion_notes, **document}


def detect_files(folder: Path | str, logged: Logged) -> Iterator[dict[str, Any]]:
    """Judge every history below a folder, in the order of their paths: documents as of `detect_file`.

    The document of a file that cannot be judged is {"file", "verdict": None, "p_collapse": None, "error"}.

    Raises:
        UserError: the loss is unknown, or the folder has no history.
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
    """Every .csv, .parquet and event file below a folder. UserError if there is none."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and (p.suffix.lower() in SUFFIXES or is_events(p)))
    if not files:
        raise UserError(f"{folder}: no history below it; valid: .csv, .parquet and TensorBoard event files.")
    return files


def named_loss(name: str) -> tuple[dict[str, Any], str]:
    """FACTS and name of a loss, given its name, an alias or a path. UserError if it is unknown."""
    if name.endswith(".py"):
        return loss_facts({"name": name}), name
    names_by_alias = {loss_name: loss_name for loss_name in registry.names("losses")}
    for loss_name in list(names_by_alias):
        names_by_alias |= dict.fromkeys(component("losses", loss_name).facts.get("aliases", ()), loss_name)
    if name.lower() not in names_by_alias:
        raise UserError(unknown_name("loss", name, sorted(names_by_alias)))
    return loss_facts({"name": names_by_alias[name.lower()]}), names_by_alias[name.lower()]


def loss_facts(ref: Mapping[str, Any]) -> dict[str, Any]:
    """FACTS of the loss of a resolved reference, with the equilibrium under its settings, as `judge` reads them."""
    facts = component("losses", ref["name"]).facts
    return {**facts, "equilibrium": losses.equilibrium(ref)}


def _convert_d_loss(
    history: pd.DataFrame, facts: dict[str, Any] | None, logged: Logged
) -> tuple[pd.DataFrame, dict[str, Any] | None, list[str]]:
    """Convert D's loss to our convention: the sum of its two terms, without a penalty. Returns history, facts and
    notes.
    """
    notes = []
    if logged.d_loss != "sum":
        history = history.assign(d_loss=REDUCTIONS[logged.d_loss] * history["d_loss"])
        notes.append("D's loss was read as the mean of its two terms, and doubled.")
    if logged.penalty_inside and "penalty" in history.columns:
        history = history.assign(d_loss=history["d_loss"] - np.nan_to_num(history["penalty"]))
        notes.append("The column penalty was subtracted from D's loss.")
    elif logged.penalty_inside and facts is not None:
        facts = {**facts, "equilibrium": None}
        notes.append("D's loss contains a penalty of unknown size: its level is not compared with the equilibrium.")
    return history, facts, notes
