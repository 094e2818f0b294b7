"""Checks whether the numbers of a log can come from the stated loss.

If D and the latents are the same in both losses, d_loss + g_loss has a lower bound in most families. Below, t is D's
output on a generated sample, and p is its probability D(G(z)). In the first four families, the term of d_loss on real
samples is not negative.

- Non-saturating: -log(1 - p) - log p is at least 2 log 2, its value at p = 1/2.
- Least squares: t^2 + (1 - t)^2 is at least 1/2, its value at t = 1/2.
- Hinge: max(0, 1 + t) - t is at least 1.
- Minimax: log(1 - p) cancels, so the bound is 0.
- Wasserstein: there is no bound.
"""

import math
from dataclasses import dataclass

import numpy as np

from gan_bench.logs.numbers import Array

LEAST_SUM = {
    "non_saturating": 2 * math.log(2),
    "relativistic": 2 * math.log(2),
    "least_squares": 0.5,
    "hinge": 1.0,
    "minimax": 0.0,
}
#: An average sum counts as too low only below this share of the bound, because the two losses come from different
#: batches and logs are rounded.
SLACK = 0.95
#: The share of the bound if the bound comes from D's outputs, which are rounded too.
SLACK_OUTPUTS = 0.9
#: Loss -> families in which it cannot be negative.
NOT_NEGATIVE = {
    "d_loss": {"non_saturating", "relativistic", "least_squares", "hinge", "minimax"},
    "g_loss": {"non_saturating", "relativistic", "least_squares"},
}
#: Largest tolerated share of negative values if the family allows none.
WRONG_SIDE = 0.01
#: If the 5 % quantile of d_loss is at least this multiple of its equilibrium, d_loss probably contains other terms.
FAR_ABOVE = 1.5
#: The losses are uneven if, in the last 30 % of the rows, the median of D's loss is at least HIGH and the median of G's
#: loss at most LOW.
HIGH, LOW = 3.0, 0.1


@dataclass(frozen=True)
class Plausibility:
    """problem: how the numbers contradict the loss; "" if they do not. suggestions: possible explanations."""

    problem: str = ""
    suggestions: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return not self.problem


def check_loss(d_loss: Array, g_loss: Array, family: str, level: float | None, likely: str | None) -> Plausibility:
    """Compare a log with the stated family of its loss.

    Args:
        d_loss: (rows,), the sum of both halves unless the log is known to have their mean.
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

    By Jensen's inequality, the mean of -log D(x) is at least -log of the mean of D(x). The same holds for 1 - D(G(z)).
    Nothing is compared if an output is not in [0, 1].
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
    """A suggestion if D's loss is high and G's is near zero at the end.

    The cause may be a failure of the run or a mistake, such as swapped columns.
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
    """Why two columns are probably the training loss and the validation loss of one network; else "".

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
