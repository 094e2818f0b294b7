"""Scales on which scores are averaged and compared, so that intervals transformed back stay in the metric's range."""

import math
from dataclasses import dataclass, replace

import numpy as np

#: Names of scales: log for distances and divergences, logit for shares, identity for everything else.
SCALES = ("log", "logit", "identity")
#: Assumed number of images behind a share (a score in [0, 1]) if the protocol does not state the number.
IMAGES = 1000


def default_scale(low: float | None, high: float | None) -> str:
    """Scale of a metric that declares none, from its range: log for [0, infinity), logit for [0, 1], else identity."""
    if low == 0 and high is None:
        return "log"
    return "logit" if (low, high) == (0, 1) else "identity"


@dataclass(frozen=True)
class Scale:
    """A monotone transform of a metric's values.

    Attributes:
        name: one of SCALES.
        low, high: range of the metric; on the identity scale, intervals are cut there.
        edge: smallest distance from 0 and 1 at which a logit is taken. A share nearer to 0 or 1 is first moved to this
            distance.
    """

    name: str = "identity"
    low: float = -math.inf
    high: float = math.inf
    edge: float = 0.5 / IMAGES

    def fitted(self, values: np.ndarray, images: float | None) -> "Scale":
        """The scale for the scores of one data set: identity instead of log if a score is 0 or less.

        For logit, `edge` is 0.5 / `images`: a share of 0 or 1 is moved inwards by the share of half an image (Haldane
        1956 adds one half to each count). `images`: number of images from which the shares were computed; None means
        IMAGES.
        """
        if self.name == "log" and (values <= 0).any():
            return replace(self, name="identity")
        return replace(self, edge=0.5 / (images or IMAGES))

    def to(self, values: np.ndarray) -> np.ndarray:
        if self.name == "log":
            return np.asarray(np.log(values))
        if self.name == "logit":
            inside = np.clip(values, self.edge, 1 - self.edge)
            return np.asarray(np.log(inside) - np.log1p(-inside))
        return values

    def back(self, values: np.ndarray) -> np.ndarray:
        """Inverse of `to`. On the identity scale, values are cut at the range of the metric."""
        if self.name == "log":
            with np.errstate(over="ignore"):
                return np.asarray(np.exp(values))
        if self.name == "logit":
            with np.errstate(over="ignore"):
                return np.asarray(1 / (1 + np.exp(-values)))
        return np.clip(values, self.low, self.high)


IDENTITY = Scale()
