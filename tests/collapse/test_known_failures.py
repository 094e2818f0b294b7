"""Artificial logs of kinds that detectors often judge wrongly, and the correct answers for each."""

from pathlib import Path

import numpy as np
import pytest
from test_field import noise, write

from gan_bench.collapse.answer import MOST_LINES, answer
from gan_bench.collapse.inputs import Logged, judge_logs

ROWS = 400
T = np.linspace(0, 1, ROWS)


def low(median: float, spread: float, seed: int) -> np.ndarray:
    return median + np.abs(noise(ROWS, 0.0, spread, seed))


def closed(before: float, open_to: float, after: float, seed: int) -> np.ndarray:
    """A curve that goes from `before` to `open_to` at 30 % of the log and to `after` at 50 %, and then stays there."""
    return np.interp(T, [0, 0.3, 0.5, 1], [before, open_to, after, after]) + noise(ROWS, 0.0, 0.08, seed)


#: Name -> D's loss, G's loss, loss function given by the user, correct verdicts (None: any), words of the answer.
CASES = {
    "scissors that closed long before the end": (
        closed(1.39, 0.34, 1.34, 5), closed(0.8, 2.6, 0.9, 6), "ns", {"no_sign_found"}, "very unlikely"),
    "D fooled, with a moderate loss": (
        noise(ROWS, 5.0, 0.1, 1), low(0.03, 0.02, 2), None, None, "D is fooled, or the columns are swapped"),
    "columns that are swapped": (
        13 + noise(ROWS, 0.0, 2.5, 1), low(0.03, 0.02, 2), "ns", None, "D is fooled, or the columns are swapped"),
    "D's loss near zero for life: samples may be varied or not": (
        low(0.03, 0.02, 7), noise(ROWS, 13.0, 2.5, 8), None, {"failure_suspected"},
        "some runs with such losses have good samples"),
    "a collapse at healthy losses": (
        noise(ROWS, 1.25, 0.1, 9), noise(ROWS, 0.9, 0.1, 10), None, {"no_sign_found"},
        "a collapsed run can have healthy losses"),
    "class terms that hide the game": (
        2.4 + 2.2 * np.exp(-2 * T) + noise(ROWS, 0.0, 0.12, 11), 0.8 + 2.2 * np.exp(-2 * T) + noise(ROWS, 0, 0.1, 12),
        "ns", {"no_sign_found"}, "is a penalty or a class loss in it"),
    "a dead critic": (noise(ROWS, 0.0, 1e-9, 1), noise(ROWS, 0.01, 0.001, 2), "wgan", {"failure_suspected"},
                      "separates nothing"),
    "a finite explosion": (noise(ROWS, -8.6, 0.1, 1), np.geomspace(400, 1e12, ROWS), "wgan", {"diverged"},
                           "stays above 10,000"),
    "NaN in eight rows": (np.append(noise(7, -0.4, 0.1, 1), np.nan), np.append(noise(7, -2.9, 0.1, 2), np.nan), None,
                          {"diverged"}, "not finite"),
    "a diffusion model's training and validation loss": (
        0.03 + 0.3 * np.exp(-15 * T), 1.05 * (0.03 + 0.3 * np.exp(-15 * T)), None, {"not_judged"},
        "not the log of a D and a G"),
    "D's loss at 1 % of its equilibrium, as BigGAN's best run has it": (
        low(0.02, 0.012, 1), 6 + noise(ROWS, 0.0, 0.7, 2), "hinge", {"d_overpowering", "failure_suspected"},
        "Look at samples"),  # most such runs are failures
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_sensible(tmp_path: Path, name: str) -> None:
    d, g, loss, verdicts, words = CASES[name]
    path = write(tmp_path, "log.csv", {"step": 100 * np.arange(len(d)), "d_loss": d, "g_loss": g})
    (judged,) = judge_logs(path, Logged(loss))
    text = answer(judged.document)
    assert words in text and len(text.splitlines()) <= MOST_LINES, text
    assert verdicts is None or judged.document["verdict"] in verdicts, text
