"""Finds names and numbers in the lines that a training program prints."""

import re
from collections.abc import Iterable, Mapping

from gan_bench.logs.log import Table
from gan_bench.logs.names import meaning

_NUMBER = r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf(?:inity)?)(?![\w:]|-\d)"
_KEY = r"[A-Za-z_][\w./#()-]*(?: [A-Za-z][\w./()-]*){0,3}?"
#: If a name ends like this, its number may follow without a separator: "Loss_D 0.36", "disc cost 0.36".
_LOSS_ENDS = r"(?:(?<=loss)|(?<=loss[_ ][dg])|(?<=loss[dg])|(?<=err[dg])|(?<=cost)"
_LOSS_ENDS += r"|(?<=\bgen)|(?<=\bdis)|(?<=\bdisc))"
#: A name, a separator, and one or several numbers: "D(G(z)): 0.14 / 0.05", "Gen. (-1.2)", "Loss -> 0.3".
_PAIR = re.compile(
    rf"({_KEY})(?:\s*[:=]\s*|{_LOSS_ENDS}\s+|\s+is\s+|\s*[-=]>\s*|(?<=\.)\s+(?=\())"
    r"(?:(?:tensor|array|np\.float\d+)?\(|\[)?\s*"
    rf"({_NUMBER})%?(?:\s*/\s*|\s+)?((?:{_NUMBER}(?:\s*/\s*|\s+|(?=[^\w.]|$)))*)",
    re.IGNORECASE,
)
#: A counter with a name: "Epoch 3/20", "[Batch 3/94]", "Epoch: [ 3]", "step=100". Group 3 is the total, here 20 or 94.
_COUNTER = re.compile(
    r"\b(epochs?|global step|steps?|iter(?:ation)?s?|batch|kimg|it(?=\s*[:=]))\b\s*[:=#]?\s*[\[(]?\s*"
    r"(\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)"
    r"(?:\s*/\s*(\d+))?",
    re.IGNORECASE,
)
#: Counters without a name: "[50/1583]" anywhere, and "12 [" or "63/63 " at the start of a line.
_BRACKET = re.compile(r"\[\s*(\d+)\s*/\s*(\d+)(?:\s*\(.*?\))?\s*\]")
_LEADING = re.compile(r"\s*(\d+)(?:\s*/\s*(\d+))?(?=\s*[\[(:|]|\s+\S*\D)")
#: Removes quotes, such as the quotes around the keys of a printed dictionary.
_QUOTES = str.maketrans("", "", "\"'")
#: A line of loss_log.txt of CycleGAN or pix2pix. CycleGAN logs D_A and D_B, the losses of its two discriminators. Each
#: is the mean of the losses on real and on generated images.
_LOSS_LOG = re.compile(r"\(epoch: \d+, iters: \d+, time: [\d.]+, data: [\d.]+\)")


def losses_in(line: str) -> bool:
    """Whether a line has the name of a loss of D or G, followed by a number."""
    return any(meaning(key).kind == "loss" for key in pairs_in(line))


def pairs_in(line: str) -> dict[str, list[float]]:
    """Name -> the numbers after it in the line."""
    pairs = dict[str, list[float]]()
    for key, first, more in _PAIR.findall(line.translate(_QUOTES)):
        name = _without_counter(key)
        if name and name not in pairs:
            pairs[name] = [float(number) for number in [first, *re.findall(_NUMBER, more, re.IGNORECASE)]]
    return pairs


def counters_in(line: str) -> tuple[dict[str, float], dict[str, int]]:
    """Counters in a line, such as "epoch 3/20": name -> number, and name -> total if the line states it."""
    counters, totals = dict[str, float](), dict[str, int]()
    rest = line = line.translate(_QUOTES)
    for match in _COUNTER.finditer(line):
        name = match.group(1).lower().rstrip("s").replace("iteration", "iter")
        name = "iter" if name == "it" else name
        if name not in counters:
            counters[name] = float(match.group(2).replace(",", ""))
            if match.group(3):
                totals[name] = int(match.group(3))
            rest = rest.replace(match.group(0), " ", 1)
    free = [match.groups() for match in _BRACKET.finditer(rest)]
    leading = _LEADING.match(rest)
    if not free and leading:
        free = [(leading.group(1), leading.group(2) or "")]
    names = (
        ["epoch", "batch"]
        if len(free) > 1 and "epoch" not in counters
        else ["batch" if free and free[0][1] else "step"]
    )
    for name, (number, total) in zip(names, free, strict=False):
        if name not in counters:
            counters[name] = float(number)
            if total:
                totals[name] = int(total)
    return counters, totals


def table_of_lines(lines: Iterable[str]) -> Table:
    """A table with a row for each record that has a loss.

    A record consists of one or several consecutive lines. A new record begins at a line that repeats a name of the
    current record. It also begins at a line with an epoch and no values, such as "Epoch 3/20", if the current record
    already has a loss. A record without an epoch gets the last epoch that was printed before it.
    """
    records, totals, d_loss_is = list[dict[str, float]](), dict[str, int](), "sum"
    record, last = dict[str, float](), dict[str, float]()
    for line in lines:
        counters, line_totals = counters_in(line)
        values = _columns(pairs_in(line))
        values = {name: value for name, value in values.items() if meaning(name).kind != "step"}
        if not values and not counters:
            continue
        headline = not values and "epoch" in counters and any(meaning(name).kind == "loss" for name in record)
        if headline or record.keys() & (values.keys() | counters.keys()):
            _close(records, record, last)
            record = {}
        record |= counters | values
        totals |= {name: max(total, totals.get(name, 0)) for name, total in line_totals.items()}
        if values and _LOSS_LOG.search(line):
            d_loss_is = "mean"
    _close(records, record, last)
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    words = "lines of CycleGAN's loss_log" if d_loss_is == "mean" else "printed lines"
    return Table(columns, words, totals, d_loss_is)


def _close(records: list[dict[str, float]], record: dict[str, float], last: dict[str, float]) -> None:
    """Add a record to the list if it has a loss. A record without an epoch gets the epoch in `last`.

    `last` holds the last epoch. It is updated if the record has an epoch.
    """
    if any(meaning(name).kind == "loss" for name in record):
        records.append({**last, **record})
    last |= {name: value for name, value in record.items() if name == "epoch"}


def _columns(pairs: Mapping[str, list[float]]) -> dict[str, float]:
    """Column -> number, from name -> numbers.

    A loss with several numbers becomes several columns: "D: 0.2 0.3" gives "D 1" and "D 2". The two numbers in
    "D(G(z)): 0.14 / 0.05" are D's outputs before and after D's step; they become the columns "D(G(z))" and "D(G(z2))".
    For other names, only the first number is used.
    """
    columns = dict[str, float]()
    for name, values in pairs.items():
        if len(values) == 1 or meaning(name).kind != "loss":
            columns[name] = values[0]
            if len(values) == 2 and meaning(name).role == "d_fake":
                columns["D(G(z2))"] = values[1]
        else:
            columns |= {f"{name} {number}": value for number, value in enumerate(values, 1)}
    return columns


def _without_counter(key: str) -> str:
    """The key without the name of a counter at its start: "batch D loss" -> "D loss"."""
    return re.sub(r"^(?:batch|epoch|step|iter)\s+(?=\S+ )", "", key.strip(), flags=re.IGNORECASE)
