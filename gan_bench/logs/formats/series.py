"""Files with one curve each: TensorBoard's CSV of one scalar, or lines "step: value" as BigGAN-PyTorch writes them.

The name of the curve is taken from the file name. The other losses of the same pair of networks are read from other
files in the folder.
"""

import re
from pathlib import Path

from gan_bench.errors import UserError
from gan_bench.logs.log import Table
from gan_bench.logs.names import meaning
from gan_bench.logs.source import Source
from gan_bench.words import plural

NAME = "a file for each curve (TensorBoard's CSV of one scalar, lines 'step: value')"

_HEADER = re.compile(r'"?wall time"?,"?step"?,"?value"?\s*', re.IGNORECASE)
#: A line "time,step,value" or "step: value"; the group "wall" is the time.
_LINE = re.compile(r"\s*(?:(?P<wall>[\d.eE+-]+),)?(?P<step>[\d.eE+]+)\s*(?(wall),|:)\s*(?P<value>[-+.\w]+)\s*")


def score(source: Source) -> float:
    return 0.95 if _is_series(source) and meaning(_curve(source.path)).kind == "loss" else 0.0


def read(source: Source) -> Table:
    """A row for each step that is in any of the files. If a curve has no value at a step, its cell is empty."""
    this_curve = meaning(_curve(source.path))
    curves = {_curve(source.path): _values(source)}
    for path in sorted(source.path.parent.iterdir()):
        says = meaning(_curve(path))
        if path != source.path and path.is_file() and says.kind == "loss" and says.pair == this_curve.pair:
            other = Source(path, source.growing)
            if _is_series(other):
                curves.setdefault(_curve(path), _values(other))
    steps = sorted({step for values in curves.values() for step in values})
    columns = {name: [values.get(step, "") for step in steps] for name, values in curves.items()}
    return Table({"step": steps, **columns}, f"{plural(len(curves), 'file')} of one curve each")


def _curve(path: Path) -> str:
    """Name of the curve: the file name without its suffix. For TensorBoard's "run-RUN-tag-TAG.csv", it is TAG."""
    return re.sub(r"^run-.*?-?tag-", "", path.stem)


def _is_series(source: Source) -> bool:
    lines = [line for line in source.first_lines[:4] if line.strip()]
    if lines and _HEADER.fullmatch(lines[0]):
        return True
    return len(lines) > 1 and all((match := _LINE.fullmatch(line)) and not match["wall"] for line in lines)


def _values(source: Source) -> dict[float, str]:
    """Step -> value. If a step occurs twice, its last value counts."""
    values = dict[float, str]()
    for number, line in enumerate(source.text.splitlines(), 1):
        if not line.strip() or (number == 1 and _HEADER.fullmatch(line)):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise UserError(f"{source.path}: line {number} does not hold a step and a value: {line.strip()[:60]!r}.")
        values[float(match["step"])] = match["value"]
    return values
