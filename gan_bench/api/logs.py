"""Verdicts on loss histories. A history comes from a log file, a data frame, lists of losses, or a running training."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench.api.show import Picture, Text
from gan_bench.errors import UserError
from gan_bench.words import plural

if TYPE_CHECKING:
    import pandas as pd

    from gan_bench.collapse.inputs import Judged, Logged

Numbers = Sequence[Any]


def detect(
    history: "Path | str | pd.DataFrame | Mapping[str, Numbers] | None" = None,
    *,
    d_loss: Numbers | None = None,
    g_loss: Numbers | None = None,
    loss: str | None = None,
    d_loss_is: str | None = None,
    penalty_inside: bool = False,
    columns: str | Mapping[str, str] | None = None,
    seen: float = 1.0,
    plot: Path | str | None = None,
    **signals: Numbers,
) -> "Verdict | Verdicts":
    """Judge a loss history, like `gan-bench detect`.

    Args:
        history: a log file in any usual format, a folder of logs, a data frame, or a dictionary of columns by name.
        d_loss, g_loss: the two losses, instead of `history`.
        signals: further columns beside `d_loss` and `g_loss`, such as step or d_real.
        loss: name or alias of a loss (ns, minimax, lsgan, hinge, wgan, wgangp), or the file of a user's loss.
        d_loss_is: whether D's loss is the "sum" or the "mean" of its losses on real and generated images. Default: as
            the log states, or "sum" if the log does not state it.
        plot: file for a picture; only for a single log with one pair of networks.

    All other arguments are options of the command. Returns one verdict; for a folder, and for a log of several pairs of
    networks, several verdicts. Raises UserError for a mistake in the arguments, and for a log that cannot be judged.
    In a folder, such a log raises no error: `Verdicts.unread` says why it could not be judged. Tables without losses
    are left out.
    """
    from gan_bench.collapse.inputs import Logged, judge_logs, parse_columns
    from gan_bench.collapse.picture import draw

    named = parse_columns(columns) if isinstance(columns, str) or columns is None else dict(columns)
    logged = Logged(loss, d_loss_is, penalty_inside, named, seen)
    if history is None:
        if d_loss is None or g_loss is None:
            raise UserError("detect: give a log, or both d_loss and g_loss.")
        history = {**signals, "d_loss": d_loss, "g_loss": g_loss}
    elif d_loss is not None or g_loss is not None or signals:
        more = [*(["d_loss"] if d_loss is not None else []), *(["g_loss"] if g_loss is not None else []), *signals]
        raise UserError(f"detect: give either a log or {more[0]}, not both.")
    if isinstance(history, str | Path) and Path(history).is_dir():
        if plot is not None:
            raise UserError("plot draws a single log, not a folder; name one file.")
        return _judge_folder(Path(history), logged)
    is_file = isinstance(history, str | Path)
    judged = judge_logs(history, logged) if is_file else _judge_columns(history, logged)  # type: ignore[arg-type]
    if plot is not None:
        if len(judged) != 1:
            raise UserError(
                f"plot draws one pair of networks, but the log has {len(judged)}; use `picture` of each verdict."
            )
        draw(judged[0], Path(plot))
    verdicts = [Verdict(pair) for pair in judged]
    return verdicts[0] if len(verdicts) == 1 else Verdicts(verdicts)


def _judge_folder(folder: Path, logged: "Logged") -> "Verdicts":
    """The verdicts on all logs below a folder. Tables in which no column is recognised as a loss are left out."""
    from gan_bench.collapse.inputs import judge_folder
    from gan_bench.logs.log import NoLossesError

    verdicts, unread = list[Verdict](), list[str]()
    for _, judged in judge_folder(folder, logged):
        if not isinstance(judged, UserError):
            verdicts += [Verdict(pair) for pair in judged]
        elif not isinstance(judged, NoLossesError):
            unread += judged.sentences
    return Verdicts(verdicts, unread)


def _judge_columns(columns: Any, logged: "Logged") -> "list[Judged]":
    """Judge columns in memory. UserError if their lengths differ."""
    import pandas as pd

    from gan_bench.collapse.inputs import judge_frame

    if isinstance(columns, Mapping):
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise UserError(f"detect: all columns must have the same length; lengths: {shown}.")
        columns = pd.DataFrame({name: [_number(value) for value in values] for name, values in columns.items()})
    return judge_frame(columns, logged)


class Verdict(Text):
    """The verdict on one history.

    document: the JSON document that `gan-bench detect --json` prints. history: the columns that were judged.
    """

    def __init__(self, judged: "Judged") -> None:
        self._judged = judged
        self.document, self.history = judged.document, judged.history

    @property
    def verdict(self) -> str:
        return str(self.document["verdict"])

    @property
    def probability(self) -> tuple[str, float] | None:
        """The event whose probability is printed with the verdict, and this probability; None if it is unknown.

        The event is "collapse" or "failure". If the history has only losses, it is "failure", because losses alone do
        not show the kind of failure.
        """
        from gan_bench.collapse.answer import stated_probability

        stated = stated_probability(self.document)
        return None if stated is None else (stated[0], float(stated[1]))

    @property
    def failed(self) -> bool:
        """Whether the verdict is a failure. If False, the run may still have failed without a sign in its losses."""
        from gan_bench.collapse.answer import NO_FAILURE

        return self.verdict not in NO_FAILURE

    @property
    def picture(self) -> Picture:
        """A picture of the losses, the signs, and the probability over time."""
        from gan_bench.collapse.picture import picture

        return Picture(picture(self._judged), self.verdict)

    def __str__(self) -> str:
        from gan_bench.collapse.answer import answer

        return answer(self.document)


class Verdicts(Sequence[Verdict], Text):  # type: ignore[misc]
    """Several verdicts, printed as a table.

    `unread`: a sentence for each log that could not be judged. Tables without losses are not named.
    """

    def __init__(self, verdicts: Sequence[Verdict], unread: Sequence[str] = ()) -> None:
        self._verdicts, self.unread = list(verdicts), list(unread)

    def __getitem__(self, k: Any) -> Any:
        return self._verdicts[k]

    def __len__(self) -> int:
        return len(self._verdicts)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self._verdicts)

    def __str__(self) -> str:
        from gan_bench.collapse.answer import table

        lines = [table([verdict.document for verdict in self._verdicts])]
        return "\n".join([*lines, *(f"not read: {sentence}" for sentence in self.unread)])


class Watch:
    """Judges a training loop while it runs. The loop calls `log` after each step.

    A row of the history is the mean over `every` steps. The history is judged when it has `from_rows` rows, and again
    each time it has grown by a tenth since the last verdict. At a loss that is not finite, the row ends, and the
    history is judged at once.

    Attributes:
        verdict: the latest verdict; None before the first verdict.
        failed: whether each of the last `looks` verdicts is a failure, or the latest verdict is "diverged".
    """

    def __init__(
        self,
        loss: str | None = None,
        *,
        total: int | None = None,
        every: int = 10,
        from_rows: int = 20,
        looks: int = 3,
        d_loss_is: str | None = None,
        penalty_inside: bool = False,
        out: Path | str | None = None,
    ) -> None:
        """Create a watch.

        Args:
            loss: like the argument of `detect`.
            total: planned number of steps, from which the detector knows which share of the training is done.
            out: CSV file to which the rows are written; `gan-bench watch` can follow this file.
        """
        self.loss, self.total, self.every, self.from_rows, self.looks = loss, total, every, from_rows, looks
        self.d_loss_is, self.penalty_inside = d_loss_is, penalty_inside
        self.out = None if out is None else Path(out)
        self.step, self.rows = 0, list[dict[str, float]]()
        self.verdict: Verdict | None = None
        self._window, self._looked, self._failures = list[dict[str, float]](), 0, 0

    @property
    def failed(self) -> bool:
        verdict = None if self.verdict is None else self.verdict.verdict
        return verdict == "diverged" or self._failures >= self.looks

    def log(self, d_loss: Any, g_loss: Any, **signals: Any) -> Verdict | None:
        """Add the losses of one step, which are numbers or tensors with one element.

        Returns the new verdict if it differs from the one before; otherwise None. `signals` are further columns, such
        as d_real and d_fake. Each call must give the same columns.
        """
        values = {name: _number(value) for name, value in {"d_loss": d_loss, "g_loss": g_loss, **signals}.items()}
        self.step += 1
        self._window.append(values)
        finite = math.isfinite(values["d_loss"]) and math.isfinite(values["g_loss"])
        if finite and len(self._window) < self.every:
            return None
        row = {name: sum(step[name] for step in self._window) / len(self._window) for name in values}
        self._window = []
        self.rows.append({"step": self.step, **row})
        self._write()
        if finite and (len(self.rows) < self.from_rows or len(self.rows) < 1.1 * self._looked):
            return None
        return self._look()

    def _look(self) -> Verdict | None:
        columns = {name: [row[name] for row in self.rows] for name in self.rows[0]}
        seen = 1.0 if self.total is None else min(1.0, self.step / self.total)
        options = {"d_loss_is": self.d_loss_is, "penalty_inside": self.penalty_inside, "seen": seen}
        verdict = detect(columns, loss=self.loss, **options)  # type: ignore[arg-type]
        assert isinstance(verdict, Verdict)
        before = None if self.verdict is None else self.verdict.verdict
        self.verdict, self._looked = verdict, len(self.rows)
        self._failures = self._failures + 1 if verdict.failed else 0
        return verdict if verdict.verdict != before else None

    def _write(self) -> None:
        if self.out is None:
            return
        first = len(self.rows) == 1
        with self.out.open("w" if first else "a", encoding="utf-8") as file:
            if first:
                print(*self.rows[0], sep=",", file=file)
            print(*self.rows[-1].values(), sep=",", file=file)

    def __repr__(self) -> str:
        return (
            f"<Watch: {plural(self.step, 'step')}, {plural(len(self.rows), 'row')}; {self.verdict or 'no verdict yet'}>"
        )


def _number(value: Any) -> Any:
    """The value as a number, if it is a tensor or array with one element; else unchanged."""
    return value.item() if hasattr(value, "item") else value
