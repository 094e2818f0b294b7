"""`Table`: the columns of a file. `Log`: the history of one pair of networks, made from a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench.errors import UserError

LOSSES = ("d_loss", "g_loss")
#: Columns of this suite's histories that the collapse detector reads, besides the step and the losses.
SIGNALS = (
    "d_real", "d_fake", "lg_real_sd", "lg_fake_sd", "d_acc", "gn_g",
    "div_pair", "div_nn", "div_std", "mean_shift", "cov_batch", "penalty",
)  # fmt: skip
OWN_NAMES = ("step", *LOSSES, *SIGNALS)


class NoLossesError(UserError):
    """The file is readable, but no column in it is recognised as a loss of D or of G."""


@dataclass(frozen=True)
class Table:
    """The columns of a file, with the names used in the file.

    columns: name -> cells, as numbers or text. An empty text or None is a missing cell.
    format: the format in words.
    totals: name of a counter -> its total if the file states it, such as the number of batches in an epoch.
    d_loss_is: "mean" if this format is known to log the mean of D's losses on real and generated images, else "sum".
    notes: sentences on what the reader changed or left out.
    """

    columns: Mapping[str, Any]
    format: str
    totals: Mapping[str, int] = field(default_factory=dict)
    d_loss_is: str = "sum"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Log:
    """The history of one pair of a discriminator and a generator.

    pair: name of the pair, taken from the names of the columns; "" if they contain none.
    history: columns step (increasing integers), d_loss, g_loss and any of SIGNALS.
    recognised: "format" -> the format; "step", "d_loss", "g_loss", ... -> where the column comes from, in words.
    d_loss_is: "mean" if d_loss is known to be the mean of D's losses on real and generated images, else "sum".
    notes: sentences on what was changed or left out.
    """

    path: Path
    pair: str
    history: pd.DataFrame
    recognised: Mapping[str, str]
    d_loss_is: str
    notes: tuple[str, ...]
