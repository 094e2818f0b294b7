"""Read training logs of any GAN, check them for plausibility and judge whether training failed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.field_verdict import with_failure
from gan_bench.collapse.loss_facts import loss_facts
from gan_bench.collapse.named_loss import named_loss
from gan_bench.collapse.trajectory import LOSSES, UNKNOWN
from gan_bench.collapse.verdict import NOT_JUDGED, judge, not_judged
from gan_bench.errors import UserError
from gan_bench.logs.family import infer_family
from gan_bench.logs.folder import logs_below
from gan_bench.logs.log import Log, NoLossesError
from gan_bench.logs.plausible import Plausibility, check_loss, check_outputs, one_network, uneven
from gan_bench.logs.read import read_frame, read_logs

__all__ = ["Judged", "Logged", "detect_file", "detect_files", "judge_logs", "loss_facts", "named_loss", "parse_columns"]

REDUCTIONS = {"sum": 1.0, "mean": 2.0}


@dataclass(frozen=True)
class Logged:
    """How a log was written.

    loss: a component of the losses axis, one of its aliases, or the path of a user's file; None if unknown.
    d_loss: "sum" or "mean": how D's loss combines its terms on real and on generated images. None: as the log states,
        or "sum" if the log does not say.
    penalty_inside: whether D's loss contains a penalty. If it does and the log has no column "penalty", the level of
        D's loss is not interpreted.
    columns: name of a column in gan-bench -> its name in the log.
    seen: share of the planned training that the log covers, in (0, 1].
    """

    loss: str | None = None
    d_loss: str | None = None
    penalty_inside: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    seen: float = 1.0

    def __post_init__(self) -> None:
        if self.d_loss is not None and self.d_loss not in REDUCTIONS:
            raise UserError(f"--d-loss is {self.d_loss!r}; valid: {', '.join(REDUCTIONS)}.")
        if not 0 < self.seen <= 1:
            raise UserError(f"--seen is {self.seen}; valid: above 0, at most 1.")


@dataclass(frozen=True)
class Judged:
    """One log with its verdict.

    history: the log in gan-bench's convention, see `_convert_d_loss`.
    facts: FACTS of the loss, as used for the verdict; None if the loss is unknown or the log contradicts it.
    document: the verdict as `detect_file` returns it.
    """

    log: Log
    history: pd.DataFrame
    facts: Mapping[str, Any] | None
    document: dict[str, Any]


def parse_columns(text: str | None) -> dict[str, str]:
    """ "d_loss=Loss/D,g_loss=Loss/G" as a dictionary.

    Raises:
        UserError: a part is not of the form NAME=NAME.
    """
    names = {}
    for part in (text or "").split(",") if text else ():
        name, equals, log_name = part.partition("=")
        if not (equals and name.strip() and log_name.strip()):
            raise UserError(f"--columns: {part!r} is not of the form NAME=NAME, for example d_loss=Loss/D.")
        names[name.strip()] = log_name.strip()
    return names


def judge_logs(path: Path | str, logged: Logged, *, growing: bool = False) -> list[Judged]:
    """Judge the log of each pair of networks in a file or folder.

    Raises:
        UserError: the file is not a readable log, or the loss is unknown.
    """
    facts, name = (None, None) if logged.loss is None else named_loss(logged.loss)
    return [_judge_log(log, logged, facts, name) for log in read_logs(path, logged.columns, growing=growing)]


def judge_frame(frame: pd.DataFrame, logged: Logged) -> list[Judged]:
    """Judge the log of each pair of networks in a data frame. Raises UserError like `judge_logs`."""
    facts, name = (None, None) if logged.loss is None else named_loss(logged.loss)
    return [_judge_log(log, logged, facts, name) for log in read_frame(frame, logged.columns)]


def detect_file(path: Path | str, logged: Logged | str | None = None) -> dict[str, Any]:
    """Judge the log in a file with one pair of networks.

    Args:
        logged: how the log was written, or the name of the loss. If the loss is not named, signs that need the
            equilibrium of the loss are not computed.

    Returns a dictionary with the following keys, then those of `judge` and `with_failure`:
        "file", "pair" (name of the networks, or ""), "loss", "rows", "recognised" (where each column comes from),
        "reading" (changes made by the reader), "inferred_loss" (family -> probability) and "plausibility" ("problem",
        "suggestions").

    Raises:
        UserError: the file is not a readable log, the loss is unknown, or there are several pairs.
    """
    judged = judge_logs(path, logged if isinstance(logged, Logged) else Logged(loss=logged))
    if len(judged) > 1:
        pairs = ", ".join(pair.log.pair for pair in judged)
        raise UserError(f"{path}: the log has several pairs of networks ({pairs}); `judge_logs` returns them all.")
    return judged[0].document


def detect_files(folder: Path | str, logged: Logged) -> Iterator[dict[str, Any]]:
    """Judge every log below a folder, in order of path, and yield documents like that of `detect_file`.

    The document of a file that cannot be judged is {"file", "verdict": NOT_JUDGED, "p_collapse": None, "p_failure":
    None, "error"}; this document has "no_losses": True if the file is a table without a loss of D or G.

    Raises:
        UserError: the loss is unknown, or the folder has no log.
    """
    for path, judged in judge_folder(folder, logged):
        yield from _documents(path, judged)


def judge_folder(folder: Path | str, logged: Logged) -> Iterator[tuple[Path, list[Judged] | UserError]]:
    """Yield (file, its judged logs or the error) for every log below a folder, sorted by path.

    Raises UserError like `detect_files`.
    """
    paths = logs_below(Path(folder))
    if logged.loss is not None:
        named_loss(logged.loss)
    for path in paths:
        yield path, _judged_or_error(path, logged)


def documents_of(path: Path, logged: Logged) -> list[dict[str, Any]]:
    """The documents of one file, one for each pair of networks. If it cannot be judged, one document with the error."""
    return _documents(path, _judged_or_error(path, logged))


def _judged_or_error(path: Path, logged: Logged) -> list[Judged] | UserError:
    try:
        return judge_logs(path, logged)
    except UserError as error:
        return error


def _documents(path: Path, judged: list[Judged] | UserError) -> list[dict[str, Any]]:
    if not isinstance(judged, UserError):
        return [pair.document for pair in judged]
    empty = {"p_collapse": None, "p_failure": None}
    document = {"file": str(path), "verdict": NOT_JUDGED, **empty, "error": str(judged)}
    return [{**document, "no_losses": True} if isinstance(judged, NoLossesError) else document]


def _judge_log(log: Log, logged: Logged, facts: dict[str, Any] | None, name: str | None) -> Judged:
    history, facts, notes = _convert_d_loss(log, facts, logged)
    d_loss, g_loss = _numbers(history, *LOSSES)
    likely = infer_family(d_loss, g_loss)
    plausibility = _plausibility(history, facts, likely)
    if facts is not None and not plausibility.possible:
        facts = None
        notes.append(f"The log contradicts the loss {name}, so it was judged as if the loss were unknown.")
    no_game = one_network(d_loss, g_loss)
    document = not_judged(no_game, {}) if no_game else judge(history, facts, seen=logged.seen)
    document = with_failure(document, history, facts)
    return Judged(
        log,
        history,
        facts,
        {
            "file": str(log.path),
            "pair": log.pair,
            "loss": name,
            "rows": len(history),
            "recognised": dict(log.recognised),
            "reading": [*log.notes, *notes],
            "inferred_loss": likely,
            "plausibility": {"problem": plausibility.problem, "suggestions": list(plausibility.suggestions)},
            **document,
        },
    )


def _plausibility(history: pd.DataFrame, facts: Mapping[str, Any] | None, likely: Mapping[str, float]) -> Plausibility:
    """Check by up to three tests whether a log fits the named loss.

    The first compares the log with the family of this loss. The second compares D's loss with D's outputs, if the log
    has these outputs and the loss is a cross-entropy (as named, or as the numbers suggest). The third asks whether D's
    loss is high and G's loss near zero at the end (`uneven` in gan_bench.logs.plausible). It is left out if an earlier
    test finds a contradiction, or if no loss is named and the numbers suggest a Wasserstein loss.
    """
    d_loss, g_loss = _numbers(history, *LOSSES)
    family = next(iter(likely), UNKNOWN) if facts is None else str(facts.get("family", UNKNOWN))
    by_bound = Plausibility()
    if facts is not None:
        level = (facts.get("equilibrium") or {}).get("d_loss")
        by_bound = check_loss(d_loss, g_loss, family, level, next(iter(likely), None))
    if by_bound.possible and family in ("non_saturating", "minimax") and {"d_real", "d_fake"} <= set(history.columns):
        by_outputs = check_outputs(d_loss, g_loss, *_numbers(history, "d_real", "d_fake"))
        by_bound = by_bound if by_outputs.possible else by_outputs
    if by_bound.problem or (facts is None and family == "wasserstein"):
        return by_bound
    question = uneven(d_loss, g_loss)
    return question if question.suggestions else by_bound


def _numbers(history: pd.DataFrame, *names: str) -> list[np.ndarray]:
    return [history[name].to_numpy(dtype=np.float64) for name in names]


def _convert_d_loss(
    log: Log, facts: dict[str, Any] | None, logged: Logged
) -> tuple[pd.DataFrame, dict[str, Any] | None, list[str]]:
    """Convert a log to gan-bench's convention. Returns history, facts and notes.

    In this convention, D's loss is the sum of its two terms without a penalty. For a loss with a sigmoid, D's outputs
    are probabilities.
    """
    history, notes = log.history, list[str]()
    reduction = logged.d_loss or log.d_loss_is
    if reduction != "sum":
        history = history.assign(d_loss=REDUCTIONS[reduction] * history["d_loss"])
        notes.append("D's loss was read as the mean of its two terms, and doubled.")
    if logged.penalty_inside and "penalty" in history.columns:
        history = history.assign(d_loss=history["d_loss"] - np.nan_to_num(history["penalty"]))
        notes.append('The column "penalty" was subtracted from D\'s loss.')
    elif logged.penalty_inside and facts is not None:
        facts = {**facts, "equilibrium": None}
        notes.append(
            "D's loss contains a penalty of unknown size, so the level of D's loss is not compared with the "
            "equilibrium."
        )
    outputs = [name for name in ("d_real", "d_fake") if name in history.columns]
    values = history[outputs].to_numpy(dtype=np.float64)
    if facts is not None and facts.get("output") == "sigmoid" and ((values < 0) | (values > 1)).any():
        history = history.assign(**{name: 1 / (1 + np.exp(-np.clip(history[name], -50, 50))) for name in outputs})
        notes.append("D's outputs are logits; the sigmoid of each logged mean was used as the probability.")
    return history, facts, notes
