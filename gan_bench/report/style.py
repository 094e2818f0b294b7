"""The style of all figures (colours, marks, fonts), and output whose bytes depend only on the data.

Colours are based on the Okabe-Ito set (Okabe & Ito 2008, "Color Universal Design"), which readers with any common
colour blindness can tell apart. Lines also differ in their dashes, and states of runs also differ in their symbols, so
a grey print shows the same differences.
"""

import functools
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

#: Keyword arguments of a matplotlib artist.
Look = dict[str, Any]

INK = "#222222"
MUTED = "#595959"
FAINT = "#D9D9D9"
#: Colour of text that reports a failure, on a white background.
ALARM = "#A63C00"

#: Lines: D's curve, G's curve, and the score of real images (FLOOR).
DISCRIMINATOR: Look = {"color": "#0072B2", "linestyle": "-"}
GENERATOR: Look = {"color": "#D55E00", "linestyle": (0, (4, 1.6))}
FLOOR: Look = {"color": "#007A5A", "linestyle": (0, (5, 2)), "linewidth": 1.1}

#: Largest length of the longer side of a picture, in pixels.
LARGEST_SIDE = 60_000

#: Width in inches of a printed column and of the text of a printed page. TEXT: font size in points of most text in a
#: figure before the figure is scaled for print.
PRINT_WIDTH = {"column": 3.3, "page": 6.9}
TEXT = 7.5

_room: ContextVar[float | None] = ContextVar("room", default=None)


@contextmanager
def printed(width: str | None, font: float = 8.0) -> Iterator[None]:
    """Context that limits the width of figures.

    Most text of a figure then has at least `font` points when the figure is printed at `width`.
    """
    token = _room.set(None if width is None else PRINT_WIDTH[width] * TEXT / font)
    try:
        yield
    finally:
        _room.reset(token)


def fitting(columns: int, one: float, rest: float = 0.0) -> int:
    """Number of columns, from 1 to `columns`, that fit into the print width; `columns` without a print width.

    Each column takes `one` inches, and all other parts together take `rest` inches.
    """
    room = _room.get()
    return columns if room is None else max(1, min(columns, int((room - rest) / one)))


@dataclass(frozen=True)
class Mark:
    """How the state of a run is drawn: a filled tile with the symbol `sign` in it."""

    label: str
    fill: str
    ink: str
    sign: str


#: Drawn in the tile of a run that shows no failure. A check mark would claim success, which losses cannot prove.
NO_SIGN = "\N{MIDDLE DOT}"

#: State of a run -> its mark. "missing": a planned run that left no status.
STATUS = {
    "ok": Mark("ok", "#CFE6F5", INK, ""),
    "diverged": Mark("diverged", "#D55E00", "#FFFFFF", "\N{MULTIPLICATION X}"),
    "failed": Mark("failed", "#333333", "#FFFFFF", "!"),
    "timeout": Mark("timeout", "#F0E442", INK, "T"),
    "missing": Mark("missing", "#FFFFFF", MUTED, "\N{EN DASH}"),
}

#: Verdict -> (letter, words). Other verdicts are shown by their name.
VERDICT = {
    "no_sign_found": (NO_SIGN, "no sign found"),
    "collapse_suspected": ("C", "collapse suspected"),
    "d_overpowering": ("D", "D overpowering"),
    "generator_stalled": ("S", "generator stalled"),
    "collapse_confirmed": ("K", "collapse confirmed"),
    "mode_hopping_suspected": ("H", "mode hopping suspected"),
    "diverged": ("\N{MULTIPLICATION X}", "diverged"),
    "poor_quality": ("Q", "poor quality"),
    "failure_suspected": ("F", "failure suspected"),
    "not_judged": ("?", "not judged"),
}

#: Settings of seaborn's style "whitegrid" in the context "paper", copied because importing seaborn takes longer than
#: drawing most figures. A test compares them with seaborn's.
_SEABORN: Any = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "xtick.bottom": False,
    "ytick.left": False,
    "lines.solid_capstyle": "round",
    "lines.markersize": 4.8,
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "patch.linewidth": 0.8,
    "xtick.minor.width": 0.8,
    "ytick.minor.width": 0.8,
    "xtick.minor.size": 3.2,
    "ytick.minor.size": 3.2,
    "legend.title_fontsize": 9.6,
}

#: Background of the parts of a figure in which a failure is suspected.
SUSPECT = "#FBD9BF"

_RC: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 7.5,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#8C8C8C",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.pad": 2,
    "ytick.major.pad": 2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.5,
    "lines.linewidth": 0.9,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Labels are users' text: a dollar sign in them does not start mathematics.
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    # Without a salt, identifiers in an SVG are random. Text drawn as outlines looks the same on every machine.
    "svg.hashsalt": "gan-bench",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


def size_in_words(shape: Sequence[int]) -> str:
    """Size of images (C, H, W) in words: "28 × 28 px, 1 channel", or "points in 2 dimensions"."""
    channels, height, width = shape
    if (height, width) == (1, 1):
        return f"points in {channels} dimensions"
    return f"{width} × {height} px, {channels} channel{'s' if channels > 1 else ''}"


def in_words(name: str) -> str:
    """The printed text of a verdict or status."""
    return VERDICT[name][1] if name in VERDICT else name.replace("_", " ")


@contextmanager
def applied(*, text: bool = False) -> Iterator[None]:
    """Context in which figures have this style; the machine's matplotlibrc is ignored.

    `text`: whether text in an SVG is stored as characters, which printed documents need, and not as outlines of
    letters.
    """
    with matplotlib.rc_context():
        with warnings.catch_warnings():
            # In some versions of matplotlib, the reset warns of deprecated keys.
            warnings.simplefilter("ignore", matplotlib.MatplotlibDeprecationWarning)
            matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SEABORN)
        matplotlib.rcParams.update(_RC)
        if text:
            matplotlib.rcParams["svg.fonttype"] = "none"
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` inches with an Agg canvas; it needs neither pyplot nor a display."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def to_bytes(figure: Figure, kind: str, dpi: int) -> bytes:
    """The figure as bytes, without a date and a software version. `kind`: "svg", "pdf" or "png"."""
    bare = {"svg": ("Date", "Creator"), "pdf": ("CreationDate", "Creator", "Producer"), "png": ("Software",)}
    metadata: dict[str, Any] = dict.fromkeys(bare[kind])
    # Agg draws at most 2^16 pixels per side, so a larger sheet gets a lower resolution.
    dpi = min(dpi, int(LARGEST_SIDE / max(figure.get_size_inches())))
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata)
    return buffer.getvalue()


@functools.lru_cache(maxsize=1)
def _font_path() -> str:
    return str(findfont(FontProperties(family="DejaVu Sans"), fallback_to_default=False))


@functools.lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """`text` as one line, with a white square for each character that the font lacks."""
    font = get_font(_font_path())
    line = " ".join(str(text).split())
    return "".join(c if font.get_char_index(ord(c)) else "\N{WHITE SQUARE}" for c in line)


@functools.lru_cache(maxsize=16384)
def text_width(text: str, points: float) -> float:
    """Width of one line in inches at a font size in points, with 4 % added for the rounding to pixels."""
    font = FontProperties(fname=_font_path(), size=points)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) / 72.0 * 1.04


def fit(text: str, inches: float, points: float, lines: int = 1) -> str:
    """Printable `text` in at most `lines` lines, each at most `inches` wide. An ellipsis replaces omitted text."""
    rest = printable(text)
    done: list[str] = []
    while rest and len(done) < lines:
        last = len(done) == lines - 1
        head, rest = _take(rest, inches, points, last)
        done.append(head)
    return "\n".join(done)


def _take(text: str, inches: float, points: float, last: bool) -> tuple[str, str]:
    """The first line of `text`, and the rest of `text`.

    `last`: whether this is the last line. All of `text` must then fit into it. A longer `text` is shortened in the
    middle, where names differ least.
    """
    if text_width(text, points) <= inches:
        return text, ""
    if last:
        return _ellipsis(text, inches, points), ""
    cut = max(1, sum(text_width(text[: i + 1], points) <= inches for i in range(len(text))))
    # Break after a space, else after a punctuation mark, but not in the first third of the line.
    for marks in (" ", "-_/,."):
        ends = [i + 1 for i, c in enumerate(text[:cut]) if c in marks and i >= cut // 3 and text[i + 1 : i + 2] != "·"]
        if ends:
            cut = ends[-1]
            break
    return text[:cut].rstrip(), text[cut:].lstrip()


def _ellipsis(text: str, inches: float, points: float) -> str:
    for kept in range(len(text) - 1, 0, -1):
        tail = kept // 3
        short = text[: kept - tail].rstrip() + "\N{HORIZONTAL ELLIPSIS}" + (text[len(text) - tail :] if tail else "")
        if text_width(short, points) <= inches:
            return short
    return "\N{HORIZONTAL ELLIPSIS}"
