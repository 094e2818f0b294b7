"""Checks whether the numbers of a log can come from the stated loss.

In most families of losses, d_loss + g_loss has a lower bound. The bound holds if both losses are computed with the same
D and the same generated samples. In the first four families below, d_loss is the sum of a term on real samples, which
is not negative, and a term on generated samples. So d_loss + g_loss is at least the second term plus g_loss. For one
generated sample, let t be D's output, and p the probability D(G(z)):

- Non-saturating: -log(1 - p) - log p is at least 2 log 2. The minimum is at p = 1/2.
- Least squares: t^2 + (1 - t)^2 is at least 1/2. The minimum is at t = 1/2.
- Hinge: max(0, 1 + t) - t is at least 1.
- Minimax: -log(1 - p) + log(1 - p) is 0.
- Relativistic: the bound is 2 log 2, as for non-saturating, with p = sigmoid(D(G(z)) - D(x)).
- Wasserstein: there is no bound.
"""

import math
from dataclasses import dataclass

import numpy as np

from gan_bench.logs.numbers import Array

#: Family -> lower bound of d_loss + g_loss.
LEAST_SUM = {
    "non_saturating": 2 * math.log(2),
    "relativistic": 2 * math.log(2),
    "least_squares": 0.5,
    "hinge": 1.0,
    "minimax": 0.0,
}
#: The average of d_loss + g_loss counts as too low only if it is below this share of the bound. The reason is that the
#: two losses of a row come from different batches, and that logged numbers are rounded.
SLACK = 0.95
#: The same share for the bound in `check_outputs`. It is lower, because this bound is computed from D's logged outputs,
#: which are rounded too.
SLACK_OUTPUTS = 0.9
#: Loss -> families in which it cannot be negative.
NOT_NEGATIVE = {
    "d_loss": {"non_saturating", "relativistic", "least_squares", "hinge", "minimax"},
    "g_loss": {"non_saturating", "relativistic", "least_squares"},
}
#: Largest tolerated share of negative values in a loss that cannot be negative.
WRONG_SIDE = 0.01
#: d_loss probably contains other terms if its 5 % quantile is at least this multiple of d_loss at equilibrium.
FAR_ABOVE = 1.5
#: The losses count as uneven if the median of D's loss is at least HIGH and the median of G's loss is at most LOW, both
#: in the last 30 % of the rows.
HIGH, LOW = 3.0, 0.1


@dataclass(frozen=True)
class Plausibility:
    """Result of a check.

    problem: how the numbers contradict the loss; "" if they do not.
    suggestions: possible explanations of the problem, or of numbers that are unusual but possible.
    """

    problem: str = ""
    suggestions: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return not self.problem


def check_loss(d_loss: Array, g_loss: Array, family: str, level: float | None, likely: str | None) -> Plausibility:
    """Compare a log with the stated family of its loss.

    Args:
        d_loss: (rows,), the sum of D's losses on real and generated images. If the log is known to have their mean, the
            caller has doubled it.
        g_loss: (rows,).
        level: D's loss at equilibrium; None if it is not known.
        likely: the family that the numbers suggest; None if there is none.
    """
    finite = np.isfinite(d_loss) & np.isfinite(g_loss)
    d, g = d_loss[finite], g_loss[finite]
    if not len(d):
        return Plausibility()
    problem = _problem(d, g, family)
    if not problem:
        return Plausibility("", _other_terms(d, level))
    alternatives = {
        "D's loss is the mean of its halves (--d-loss mean)": (2 * d, g),
        "the columns are swapped (--columns d_loss=..,g_loss=..)": (g, d),
        "the log has objectives that are maximised: change both signs": (-d, -g),
    }
    suggestions = [words for words, (new_d, new_g) in alternatives.items() if not _problem(new_d, new_g, family)]
    if likely is not None and likely != family:
        suggestions.append(f"it is another loss: {likely.replace('_', ' ')}")
    if not suggestions:
        suggestions.append("a loss contains other terms, or it is another loss")
    return Plausibility(problem, tuple(suggestions))


def check_outputs(d_loss: Array, g_loss: Array, real: Array, fake: Array) -> Plausibility:
    """Compare D's loss, a cross-entropy, with the mean probabilities that D gives to real and to generated images.

    `real` and `fake` have the mean of D(x) and of D(G(z)) in each row. By Jensen's inequality, D's loss in a row is at
    least -log(real) - log(1 - fake). The averages of both sides over the rows are compared. Nothing is compared if an
    output is not in [0, 1].
    """
    finite = np.isfinite(np.stack([d_loss, g_loss, real, fake])).all(axis=0)
    d, g, real, fake = d_loss[finite], g_loss[finite], real[finite], fake[finite]
    if not len(d) or min(real.min(), fake.min()) < 0 or max(real.max(), fake.max()) > 1:
        return Plausibility()
    least = float((-np.log(np.maximum(real, 1e-6)) - np.log(np.maximum(1 - fake, 1e-6))).mean())
    if d.mean() >= SLACK_OUTPUTS * least - 0.02:
        return Plausibility()
    alternatives = {
        "D's loss is the mean of its halves (--d-loss mean)": 2 * d.mean(),
        "the columns are swapped (--columns d_loss=..,g_loss=..)": g.mean(),
    }
    suggestions = [words for words, mean in alternatives.items() if mean >= SLACK_OUTPUTS * least]
    problem = f"d_loss is {d.mean():.3g} on average, but D's outputs give a cross-entropy of at least {least:.3g}"
    return Plausibility(problem, tuple(suggestions or ["it is another loss"]))


def _problem(d: Array, g: Array, family: str) -> str:
    name = family.replace("_", "-")
    for loss, values in (("d_loss", d), ("g_loss", g)):
        share = float((values < -1e-3).mean())
        if family in NOT_NEGATIVE[loss] and share > WRONG_SIDE:
            return f"{loss} is negative in {share:.0%} of the rows, which a {name} loss cannot be"
    with np.errstate(over="ignore"):
        average = float((d + g).mean())
    least = LEAST_SUM.get(family)
    if least is not None and average < SLACK * least - 1e-3:
        return f"d_loss + g_loss is {average:.3g} on average, but it is at least {least:.3g} for a {name} loss"
    return ""


def _other_terms(d: Array, level: float | None) -> tuple[str, ...]:
    if level is None or level <= 0 or float(np.quantile(d, 0.05)) < FAR_ABOVE * level:
        return ()
    return ("D's loss never comes near its equilibrium: is a penalty or a class loss in it (--penalty-inside)?",)


def uneven(d_loss: Array, g_loss: Array) -> Plausibility:
    """A suggestion if D's loss is high and G's loss is near zero at the end (see HIGH and LOW).

    The cause may be a failure of the run, or a mistake in the log, such as swapped columns.
    """
    late = slice(int(0.7 * len(d_loss)), None)
    d, g = d_loss[late], g_loss[late]
    finite = np.isfinite(d) & np.isfinite(g)
    if not finite.any() or (d[finite] < 0).any() or (g[finite] < 0).any():
        return Plausibility()
    if float(np.median(d[finite])) < HIGH or float(np.median(g[finite])) > LOW:
        return Plausibility()
    return Plausibility("", ("D's loss is high and G's near zero: D is fooled, or the columns are swapped.",))


def one_network(d_loss: Array, g_loss: Array) -> str:
    """A message if the two columns are probably the training loss and the validation loss of one network; else "".

    Such losses fall together, at nearly the same level. The losses of D and G usually do not.
    """
    finite = np.isfinite(d_loss) & np.isfinite(g_loss)
    a, b = d_loss[finite], g_loss[finite]
    if len(a) < 10 or min(a.min(), b.min()) <= 0:
        return ""
    log_a, log_b = np.log(a), np.log(b)
    if min(log_a.std(), log_b.std()) < 1e-3 or np.abs(np.median(log_a - log_b)) > 0.3:
        return ""
    both_fall = np.polyfit(np.arange(len(a)), np.stack([log_a, log_b], axis=1), 1)[0].max() < 0
    correlation = float(np.corrcoef(log_a, log_b)[0, 1])
    if not both_fall or correlation < 0.9:
        return ""
    return (
        f"Both columns fall together (correlation {correlation:.2f}) at the same level, as the training and validation "
        "loss of one network do: this is not the log of a D and a G, and was not judged."
    )
