"""Knock-out: finds the units of a generator that are associated with an attribute, and draws samples without them.

The method is that of Radford et al. 2016 (arXiv 1511.06434), section 6.3.1. A logistic regression on a hidden layer, by
default the last one, predicts whether an image shows the attribute. Units with a positive weight are dropped, that is,
set to zero. New samples are made with and without these units. Dropping any units changes an image. For comparison, the
same samples are therefore also made without an equal number of random units.

In the paper, the attribute is a window in the picture of a room. Windows were marked by hand in 150 images, and each
position was an example. Here a classifier labels whole images, and an image is one example, described by the mean of
each unit over all positions.
"""

from dataclasses import dataclass

import numpy as np

from gan_bench.errors import UserError
from gan_bench.explore.hidden import activations, images_without, layer_at
from gan_bench.explore.subject import FEWEST, Share, Subject
from gan_bench.seeds import generator

#: RANDOM_DRAWS: number of random sets of units for each number of dropped units. SHOWN: largest number of samples in a
#: row of images.
RANDOM_DRAWS, SHOWN = 5, 12


@dataclass(frozen=True)
class Dropped:
    """Share of samples that still show the attribute after `n_units` units are dropped.

    `share`: the units with the largest weights are dropped. `at_random`: random units are dropped; there are
    RANDOM_DRAWS shares, one for each random set of units.
    """

    n_units: int
    share: Share
    at_random: list[Share]


@dataclass(frozen=True)
class KnockOut:
    """Result of a knock-out.

    Attributes:
        units: indices of units with a positive weight, the largest weight first.
        weights: weights of all units.
        accuracy: accuracy of the regression on new samples.
        majority: accuracy of always giving the more frequent answer (with or without the attribute).
        before: share of new samples with the attribute if no unit is dropped.
        curve: an entry for each number of dropped units: the first 1, 2, 4, ... of `units`, and last all of them. [] if
            no unit has a positive weight.
        images: "attribute" -> new samples that show the attribute; "others" -> new samples that do not. Each has three
            arrays (n, C, H, W) of the same samples: no unit dropped, `units` dropped, as many random units dropped.
    """

    attribute: str
    units: np.ndarray
    weights: np.ndarray
    accuracy: float
    majority: float
    before: Share
    curve: list[Dropped]
    images: dict[str, list[np.ndarray]]


def knock_out(subject: Subject, attribute: str, n: int, layer: int = 1) -> KnockOut:
    """Drop the units that are associated with `attribute`, and measure the effect.

    The regression is fitted to `n` samples. The accuracy and all shares are measured on `n` new samples.

    Raises:
        UserError: there is no such class or layer. Also if fewer than FEWEST of the samples for the fit show the
            attribute, or fewer than FEWEST do not show it.
    """
    module, number = layer_at(subject, layer), subject.class_number(attribute)
    z, z_new = subject.draw(n, 3), subject.draw(n, 4)
    has, images = subject.classes(subject.images(z)) == number, subject.images(z_new)
    has_new = subject.classes(images) == number
    if min(has.sum(), (~has).sum()) < FEWEST:
        raise UserError(
            f"{has.sum()} of {n} samples show {attribute}; {FEWEST} with it and {FEWEST} without are needed."
        )
    features, features_new = (activations(subject, module, latents) for latents in (z, z_new))
    weights, predicted = logistic_weights(features, has, features_new)
    units = np.argsort(-weights, kind="stable")[: int((weights > 0).sum())]
    rng = generator(subject.seed, "bootstrap")

    def share_without(dropped: np.ndarray) -> Share:
        without = images_without(subject, module, dropped, z_new)
        return Share(int((subject.classes(without) == number).sum()), n)

    def random_units(count: int) -> np.ndarray:
        return rng.permutation(len(weights))[:count]

    counts = [*(2**k for k in range(len(units).bit_length()) if 2**k < len(units)), len(units)]
    curve = [
        Dropped(count, share_without(units[:count]), [share_without(random_units(count)) for _ in range(RANDOM_DRAWS)])
        for count in counts
        if count
    ]
    rows = {"attribute": np.flatnonzero(has_new)[:SHOWN], "others": np.flatnonzero(~has_new)[:SHOWN]}
    control = random_units(len(units))
    shown = {
        name: [images[row], *(images_without(subject, module, drop, z_new[row]) for drop in (units, control))]
        for name, row in rows.items()
    }
    right = float((predicted == has_new).mean())
    majority = float(max(has_new.mean(), 1 - has_new.mean()))
    return KnockOut(attribute, units, weights, right, majority, Share(int(has_new.sum()), n), curve, shown)


def logistic_weights(features: np.ndarray, has: np.ndarray, features_new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logistic regression to standardised features. Returns weights (units,) and predictions for `features_new`.

    The L2 penalty has C = 1. A unit with the same value for all samples has weight 0.
    """
    from sklearn.linear_model import LogisticRegression

    mean, sd = features.mean(axis=0), features.std(axis=0)
    active = sd > 1e-12
    scaled = [(part[:, active] - mean[active]) / sd[active] for part in (features, features_new)]
    model = LogisticRegression(C=1.0, tol=1e-6, max_iter=10_000).fit(scaled[0], has)
    weights = np.zeros(features.shape[1])
    weights[active] = model.coef_[0]
    return weights, np.asarray(model.predict(scaled[1]))
