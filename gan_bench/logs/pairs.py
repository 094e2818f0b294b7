"""Chooses the columns of each pair of a discriminator and a generator, by the names of the columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gan_bench.errors import UserError, first_of
from gan_bench.logs.log import LOSSES, OWN_NAMES, NoLossesError, Table
from gan_bench.logs.names import Meaning, meaning

#: Separates the name of a run from the name of a metric in a table exported from Weights & Biases.
RUN_MARK = " - "


@dataclass(frozen=True)
class Chosen:
    """Columns of one pair.

    d_loss: the columns whose sum is D's loss. g_loss: those whose sum is G's loss.
    others: this suite's name -> column, for D's outputs and the signals in SIGNALS.
    d_total: column of D's whole loss. It is set if `d_loss` has the columns of D's loss on real and on generated images
        and the file also has a column of D's whole loss.
    """

    pair: str
    d_loss: tuple[str, ...]
    g_loss: tuple[str, ...]
    others: Mapping[str, str] = field(default_factory=dict)
    d_total: str | None = None


def choose_pairs(path: Path, table: Table, named: Mapping[str, str]) -> list[Chosen]:
    """The pairs of a table.

    Args:
        named: this suite's name -> column, as the user gave it. These names take precedence over recognised names.

    Raises:
        UserError: a loss is missing, a name given by the user is unknown, or it is unclear which D and G play together.
    """
    explicit = {name: _parts(path, table, name, column) for name, column in named.items()}
    others = {name: parts[0] for name, parts in explicit.items() if name not in LOSSES}
    if set(LOSSES) <= set(explicit):
        return [Chosen("", explicit["d_loss"], explicit["g_loss"], _signals(table, "", others))]
    d, g = _candidates(table, "D"), _candidates(table, "G")
    d_columns = {pair: _d_columns(table, columns) for pair, columns in d.items()}
    g_columns: dict[str, tuple[str, ...]] = {pair: (_best(table, columns, columns),) for pair, columns in g.items()}
    if "d_loss" in explicit:
        d_columns = {"": (explicit["d_loss"], None)}
    if "g_loss" in explicit:
        g_columns = {"": explicit["g_loss"]}
    d_columns = {pair: columns for pair, columns in d_columns.items() if columns[0]}
    if set(d_columns) == {"1", "2"} and set(g_columns) == {""}:  # d1, d2: D on real and on generated images
        d_columns = {"": (d_columns["1"][0] + d_columns["2"][0], None)}
    if not d_columns or not g_columns:
        raise _missing(path, table, bool(d_columns), bool(g_columns))
    return [
        Chosen(d_pair or g_pair, d_columns[d_pair][0], g_columns[g_pair], _signals(table, d_pair, others),
               d_columns[d_pair][1])
        for d_pair, g_pair in _matched(path, list(d_columns), list(g_columns))
    ]  # fmt: skip


def _parts(path: Path, table: Table, name: str, column: str) -> tuple[str, ...]:
    """The columns that the user asks for in `column`. "REAL+FAKE" is one column if it exists, else REAL and FAKE."""
    if name not in OWN_NAMES:
        raise UserError(f"--columns: unknown signal {name!r}; valid: {', '.join(OWN_NAMES)}.")
    if column in table.columns:
        return (column,)
    parts = tuple(part.strip() for part in column.split("+"))
    for part in parts:
        if part not in table.columns:
            names = ", ".join(map(str, table.columns)) or "none"
            raise UserError(f"{path}: no column {part!r}, which --columns names for {name!r}; found: {names}.")
    return parts


def _candidates(table: Table, role: str) -> dict[str, dict[str, Meaning]]:
    """Pair -> column -> meaning, for the columns that may be the loss of `role` ("D" or "G").

    Columns of rank 10 or above, such as losses on held-out data, are candidates only if there is no other candidate.
    """
    runs = {name.rpartition(RUN_MARK)[0] for name in table.columns if RUN_MARK in name}
    several_runs, candidates = len(runs) > 1, dict[str, dict[str, Meaning]]()
    for name in table.columns:
        run, _, metric = name.rpartition(RUN_MARK)
        says = meaning(metric)
        if says.kind == "loss" and says.role == role:
            pair = " ".join(part for part in (run if several_runs else "", says.pair) if part)
            candidates.setdefault(pair, {})[name] = says
    if any(says.rank < 10 for columns in candidates.values() for says in columns.values()):
        candidates = {p: {n: s for n, s in columns.items() if s.rank < 10} for p, columns in candidates.items()}
    return {pair: columns for pair, columns in candidates.items() if columns}


def _d_columns(table: Table, columns: Mapping[str, Meaning]) -> tuple[tuple[str, ...], str | None]:
    """The columns whose sum is D's loss; and the column `d_total` of `Chosen`, or None.

    The first choice that the table has is used:

    1. The column "d_loss".
    2. The columns of D's loss on real and on generated images, because their sum has no other terms in it. If the table
       also has a column of D's whole loss, this column is `d_total`.
    3. The column of D's whole loss.
    """
    best = dict[str, str | None]()
    for half in ("", "real", "fake"):
        names = [name for name, says in columns.items() if says.half == half]
        best[half] = _best(table, columns, names) if names else None
    if best[""] == "d_loss":
        return ("d_loss",), None
    if best["real"] is not None and best["fake"] is not None:
        return (best["real"], best["fake"]), best[""]
    return ((best[""],), None) if best[""] is not None else ((), None)


def _best(table: Table, columns: Mapping[str, Meaning], names: Iterable[str]) -> str:
    """The name of the column with the lowest rank. Among columns of this rank, it has the fewest empty cells.

    So a value logged at every step is preferred to a mean logged once per epoch.
    """

    def empty(name: str) -> int:
        return sum(cell is None or cell == "" for cell in table.columns[name])

    return min(names, key=lambda name: (columns[name].rank, empty(name)))


def _matched(path: Path, d_pairs: list[str], g_pairs: list[str]) -> list[tuple[str, str]]:
    """(name of the pair in D's columns, name of the pair in G's columns) for each D and G that play together.

    The name is "" for columns that state none. Names that D and G have in common are matched; other names are left out.
    If there is no common name, a single G plays against every named D, or a single D against every named G:

        D's names "a", "b"; G's names "a", "b" -> ("a", "a"), ("b", "b")
        D's names "a", "b"; G's name "" -> ("a", ""), ("b", "")

    UserError if D and G both have several names, and have no name in common except "".
    """
    common = [pair for pair in d_pairs if pair in g_pairs]
    if common and not (len(common) == 1 and common[0] == "" and max(len(d_pairs), len(g_pairs)) > 1):
        return [(pair, pair) for pair in common]
    named = [pair for pair in d_pairs if pair], [pair for pair in g_pairs if pair]
    if len(g_pairs) == 1 or (common and not named[1]):
        return [(pair, g_pairs[0]) for pair in (named[0] or d_pairs)] if not common else [("", "")]
    if len(d_pairs) == 1 or (common and not named[0]):
        return [(d_pairs[0], pair) for pair in (named[1] or g_pairs)] if not common else [("", "")]
    raise UserError(
        f"{path}: it is not clear which D plays against which G: D's losses {', '.join(d_pairs)}, "
        f"G's {', '.join(g_pairs)}; name one pair with --columns d_loss=NAME,g_loss=NAME."
    )


def _signals(table: Table, pair: str, named: Mapping[str, str]) -> dict[str, str]:
    """This suite's name -> column, for D's outputs and for signals.

    The columns in `named`, which the user gave, take precedence. If the pair has a name, only the columns in `named`
    are returned, because it is unknown to which pair a recognised column belongs.
    """
    signals = dict[str, str]()
    for name in table.columns:
        says = meaning(name)
        if not pair and says.kind in ("signal", "output") and (says.kind == "signal" or says.role not in signals):
            signals[says.role] = name
    return {**signals, **named}


def _missing(path: Path, table: Table, has_d: bool, has_g: bool) -> UserError:
    columns = [name for name in table.columns if meaning(name).kind != "step"]
    shown = first_of(list(map(str, columns)), 20, ", ")
    if has_d or has_g:
        present, absent = ("D", "G") if has_d else ("G", "D")
        name = f"{absent.lower()}_loss"
        return UserError(
            f"{path}: no column {name!r}; only a loss of {present} is recognised, but a verdict needs both, "
            f"found: {shown}. Log the loss of {absent} too, or name its column with --columns {name}=NAME."
        )
    sentence = (
        f"{path}: no column 'd_loss' and 'g_loss'; a loss of D and a loss of G are needed, found: {shown or 'none'}. "
        "If they are among these: --columns d_loss=NAME,g_loss=NAME."
    )
    rows = len(next(iter(table.columns.values()), ()))
    return NoLossesError(sentence) if rows and len(table.columns) > 1 else UserError(sentence)
