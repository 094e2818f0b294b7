"""Recent metrics agree with closed forms, with their definitions, and with other packages.

The metrics are: Vendi score, CMMD, probabilistic precision and recall, realism, authenticity with C_T, FLD.
"""

import math

import numpy as np
import pytest
import torch
from golden_inputs import walk
from scipy.linalg import eigvalsh
from scipy.stats import mannwhitneyu, norm

from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics.authenticity import authentic_percent, u_score
from gan_bench.metrics.cmmd import cmmd
from gan_bench.metrics.evaluate import evaluate_sets
from gan_bench.metrics.fld import fitted_widths, negative_log_likelihood
from gan_bench.metrics.probabilistic_precision_recall import support_probability
from gan_bench.metrics.realism import realism_scores
from gan_bench.metrics.vendi import vendi_score

NEW = ["vendi", "cmmd", "probabilistic_precision_recall", "realism", "authenticity", "fld"]


def rows(seed, n=300, d=8, shift=0.0, scale=1.0):
    return (np.random.default_rng(seed).standard_normal((n, d)) * scale + shift).astype(np.float32)


def values(real, fake, *families, train=None, seed=0, notes=False):
    table = evaluate_sets(
        Features(real),
        Features(fake),
        [resolve("metrics", name) for name in families or NEW],
        seed=seed,
        extractor_label="",
        split=None,
        train=None if train is None else Features(train),
    )
    return {row["name"]: row["note"] if notes else row["value"] for row in table}


def double(array):
    return torch.from_numpy(np.asarray(array, dtype=np.float64))


# Vendi score


def test_vendi_counts_directions():
    eye = torch.eye(6, dtype=torch.float64)
    assert vendi_score(eye) == pytest.approx(6)
    assert vendi_score(eye[[0, 1, 1, 0, 2, 2]] * 7) == pytest.approx(3)
    assert vendi_score(torch.ones(5, 3, dtype=torch.float64)) == pytest.approx(1, abs=1e-12)
    p = np.array([3, 1]) / 4
    assert vendi_score(eye[[0, 0, 0, 1]]) == pytest.approx(math.exp(-(p * np.log(p)).sum()))


@pytest.mark.parametrize("shape", [(40, 5), (5, 40)])
def test_vendi_of_either_product_is_that_of_the_kernel_matrix(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    w = eigvalsh(unit @ unit.T / len(x))
    w = w[w > 1e-12]
    assert vendi_score(double(x)) == pytest.approx(math.exp(-(w * np.log(w)).sum()), rel=1e-10)


def test_vendi_falls_when_samples_repeat():
    real, fake = rows(0, d=64), rows(1, d=64)
    assert values(real, fake, "vendi")["vendi_share"] == pytest.approx(1, abs=0.02)
    assert values(real, fake[np.arange(300) % 5], "vendi")["vendi"] <= 5
    fake[3] = 0
    assert "no direction" in values(real, fake, "vendi", notes=True)["vendi"]


# CMMD


def test_cmmd_of_two_points_and_by_the_definition():
    x, y = torch.tensor([[1.0, 0.0]]).double(), torch.tensor([[0.0, 3.0]]).double()
    assert cmmd(x, y, 1.0) == pytest.approx(1000 * (2 - 2 * math.exp(-1)))
    a, b = double(rows(0, 40)), double(rows(1, 50, shift=0.3))
    u, v = (part / part.norm(dim=1, keepdim=True) for part in (a, b))
    gamma = 1 / (2 * 10**2)
    k = [torch.exp(-gamma * torch.cdist(p, q) ** 2).mean() for p, q in ((u, u), (v, v), (u, v))]
    assert cmmd(a, b) == pytest.approx(1000 * float(k[0] + k[1] - 2 * k[2]), rel=1e-8)
    assert cmmd(a, a) == 0 and cmmd(a, b) == pytest.approx(cmmd(b, a)) and cmmd(a * 5, b) == pytest.approx(cmmd(a, b))


# Probabilistic precision and recall


def test_support_probability_by_hand():
    centres, points = double([[0.0], [1.0]]), double([[0.5], [0.0], [1.75], [9.0]])
    # The values are 1 - (1/2)(1/2) midway between the centres, 1 at a centre, 1 - 1 * 3/4 at 1.75, and 0 outside all
    # balls.
    assert support_probability(centres, points, 1.0).tolist() == [0.75, 1.0, 0.25, 0.0]


def test_probabilistic_precision_by_the_definition_with_an_outlier():
    real, fake = rows(0, 60, 3), rows(1, 60, 3)
    d = torch.cdist(double(real), double(real)).sort(dim=1).values[:, 4]
    p = (1 - torch.cdist(double(fake), double(real)) / (1.2 * d.mean())).clamp(min=0)
    expected = float((1 - (1 - p).prod(dim=1)).mean())
    result = values(real, fake, "probabilistic_precision_recall")
    assert result["p_precision"] == pytest.approx(expected, rel=1e-9)
    assert values(fake, real, "probabilistic_precision_recall")["p_recall"] == result["p_precision"]
    far = values(real, rows(1, 60, 3, shift=50), "probabilistic_precision_recall")
    assert far == {"p_precision": 0.0, "p_recall": 0.0}


def test_a_set_of_equal_rows_has_no_radius():
    notes = values(rows(0, 20), np.ones((20, 8), np.float32), "probabilistic_precision_recall", notes=True)
    assert notes["p_precision"] is None and "the radius is 0" in notes["p_recall"]


# Realism


def test_realism_by_hand_and_what_one_means():
    real = double([[0.0], [1.0], [2.0], [3.0], [50.0]])
    # The radii to the first neighbour are 1, 1, 1, 1 and 47. The radius of 47 is above the median, so it is left out.
    assert realism_scores(real, double([[2.5], [3.5], [5.0], [49.0]]), 1).tolist() == pytest.approx([2, 2, 0.5, 1 / 46])


def test_realism_is_one_exactly_in_a_ball():
    real, fake = double(rows(0, 80, 3)), double(rows(1, 80, 3))
    distances = torch.cdist(real, real).sort(dim=1).values[:, 3]
    kept = distances <= distances.quantile(0.5)
    inside = (torch.cdist(fake, real[kept]) <= distances[kept]).any(dim=1)
    assert torch.equal(realism_scores(real, fake, 3) >= 1, inside)
    result = values(rows(0, 80, 3), rows(1, 80, 3), "realism")
    assert result["realism_share"] == pytest.approx(float(inside.double().mean()))
    copies = values(rows(0, 80, 3), rows(0, 80, 3), "realism", notes=True)
    assert "realism is infinite" in copies["realism"]


# Authenticity and C_T


def test_authentic_samples_by_hand():
    train = double([[0.0], [1.0], [10.0]])
    # The neighbour of the row at 0 is at a distance of 1, the neighbour of the row at 10 at a distance of 9. The
    # samples are at distances .5, 1 and 1.5 from 0, and 5 from 10. Only 1.5 is larger than the neighbour's distance.
    assert authentic_percent(train, double([[-0.5], [-1.0], [-1.5], [15.0]])) == 25.0
    assert authentic_percent(train, train) == 0.0


def test_the_u_score_is_scipys():
    a, b = (rows(seed, n, 1)[:, 0].astype(float).round(1) for seed, n in ((0, 40), (1, 50)))
    expected = mannwhitneyu(a, b, alternative="less", method="asymptotic", use_continuity=True)
    assert norm.cdf(u_score(double(a), double(b))) == pytest.approx(expected.pvalue, rel=1e-9)
    assert u_score(double([1.0, 1.0]), double([1.0])) == 0.0


def test_c_t_is_near_zero_for_new_samples_and_far_below_for_copies():
    train = rows(999, 600)
    scores = [values(rows(s, 200), rows(s + 100, 200), "authenticity", train=train)["c_t"] for s in range(30)]
    assert abs(np.mean(scores)) < 0.5 and max(np.abs(scores)) < 3
    copied = values(rows(0, 200), train[:200], "authenticity", train=train)
    assert copied["auth_pct"] == 0 and copied["c_t"] < -8
    poor = values(rows(0, 200), rows(1, 200, scale=3), "authenticity", train=train)
    assert poor["auth_pct"] > 90 and poor["c_t"] > 5
    assert "none given" in values(rows(0), rows(1), "authenticity", notes=True)["c_t"]


# Feature likelihood divergence


def test_the_likelihood_is_that_of_the_mixture():
    x, c, w = double(rows(0, 7, 3)), double(rows(1, 4, 3)), double([0.1, -0.3, 0.5, 0.0])
    normal = [
        torch.distributions.MultivariateNormal(m, v.exp() * torch.eye(3).double()) for m, v in zip(c, w, strict=True)
    ]
    density = torch.stack([part.log_prob(x).exp() for part in normal]).mean(dim=0)
    assert negative_log_likelihood(x, c, w) == pytest.approx(-float(density.log().mean()) / 3, rel=1e-12)


def test_one_centre_gets_the_width_of_the_rows():
    x = double(rows(0, 400, 6, scale=2.0))
    width = fitted_widths(torch.zeros(1, 6).double(), x, 400)
    assert float(width.exp()) == pytest.approx(4, rel=0.15)


def test_fld_is_near_zero_for_new_samples_and_sees_copies_shifts_and_collapse():
    train, real, new = rows(0, 600), rows(1), rows(2)
    good = values(real, new, "fld", train=train)
    assert abs(good["fld"]) < 8
    assert abs(good["fld_gap"]) < 25
    copies, shifted, few = (
        values(real, fake, "fld", train=train) for fake in (train[:300], new + 1.5, new[np.arange(300) % 3])
    )
    assert copies["fld"] > 50 and copies["fld_gap"] < -100
    assert shifted["fld"] > good["fld"] + 5 and few["fld"] > good["fld"] + 5


@pytest.mark.parametrize("name", ["cmmd", "probabilistic_precision_recall", "realism", "fld"])
def test_a_larger_shift_is_worse(name):
    train, real = rows(0, 600), rows(1)
    headline = next(iter(values(real, rows(2), name, train=train)))
    scores = [values(real, rows(2, shift=shift), name, train=train)[headline] for shift in (0, 0.5, 1, 2)]
    ordered = sorted(scores, reverse=name not in ("cmmd", "fld"))
    assert scores == ordered


# Other packages


def test_numbers_of_other_packages_on_equal_features():
    """Expected values from benchmarks/peers.py: vendi-score 0.0.3, clip-mmd 0.0.2, code of dgm-eval, fld and pp_pr."""
    real, fake, train = walk(1, 600, 24), walk(2, 500, 24, 1.1, -0.1), walk(3, 800, 24)
    ours = values(real, fake, train=train)
    assert ours["vendi"] == pytest.approx(5.3812453794, rel=1e-10)
    assert ours["cmmd"] == pytest.approx(0.386319651438, rel=1e-9)
    assert ours["p_precision"] == pytest.approx(0.639371880826, rel=1e-10)
    assert ours["p_recall"] == pytest.approx(0.867690706588, rel=1e-10)
    assert ours["auth_pct"] == pytest.approx(67.4, rel=1e-12)
    assert ours["fld_gap"] == pytest.approx(-3.91312815987, rel=1e-7)  # the package's widths are float32
    assert float(realism_scores(double(real), double(fake), 5).mean()) == pytest.approx(0.975124572997, rel=1e-10)
    one_cell = resolve("metrics", {"name": "authenticity", "cells": 1})
    sets = (Features(real), Features(fake), [one_cell])
    rows = evaluate_sets(*sets, seed=0, extractor_label="", split=None, train=Features(train))
    assert {row["name"]: row["value"] for row in rows}["c_t"] == pytest.approx(6.0752771054, rel=1e-10)
