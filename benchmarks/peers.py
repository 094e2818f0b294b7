"""A table of numbers by other packages, each beside the same number by this package.

    python benchmarks/peers.py [--dgm-eval CHECKOUT] [--fld CHECKOUT] [--pp-pr CHECKOUT]      prints a Markdown table

The data are artificial correlated features (`walk` in tests/metrics/golden_inputs.py). The packages are torch-fidelity,
clean-fid, pytorch-fid, prdc, vendi-score and clip-mmd; a package that is not installed has a row that says so. Three
programs are in no package index: dgm-eval, FLD, and probabilistic precision and recall (--pp-pr). They are imported
from git checkouts. In the checkout of the last program, the undefined name f must first be changed to psr.
"""

import argparse
import importlib
import importlib.util
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "metrics")]

from gan_bench import bits

bits.choose()

import numpy as np
import torch
from golden_inputs import walk
from PIL import Image

from gan_bench.config.grammar.reference import resolve
from gan_bench.data._pictures import Rule, resized
from gan_bench.features import Features
from gan_bench.metrics.evaluate import evaluate_sets
from gan_bench.metrics.fld import fitted_widths, negative_log_likelihood
from gan_bench.metrics.realism import realism_scores

REAL, FAKE, TRAIN = walk(1, 600, 24), walk(2, 500, 24, 1.1, -0.1), walk(3, 800, 24)
EQUAL = FAKE, REAL[:500]


def ours(name: str, family: str, real: np.ndarray = REAL, fake: np.ndarray = FAKE, **settings: Any) -> float:
    rows = evaluate_sets(
        Features(real),
        Features(fake),
        [resolve("metrics", {"name": family, **settings})],
        seed=0,
        extractor_label="",
        split=None,
        train=Features(TRAIN),
    )
    return float(next(row["value"] for row in rows if row["name"] == name))


def tensor(rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rows)


def file(path: Path) -> Any:
    """Import a single file of a package as a module, without importing the package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Row = tuple[str, str, Callable[[], float], Callable[[], float], str]


def of_packages() -> Iterator[Row]:
    """Rows (package, name of the number, their value, our value, cause of a known difference)."""
    module = importlib.import_module
    yield (
        *("torch-fidelity", "FID of features"),
        lambda: module("torch_fidelity.metric_fid").fid_statistics_to_metric(
            *(module("torch_fidelity.metric_fid").fid_features_to_statistics(tensor(x)) for x in (FAKE, REAL)), False
        )["frechet_inception_distance"],
        *(lambda: ours("frechet", "frechet"), ""),
    )
    yield (
        *("torch-fidelity", "KID, 100 subsets of 200"),
        lambda: module("torch_fidelity.metric_kid").kid_features_to_metric(
            tensor(FAKE), tensor(REAL), kid_subsets=100, kid_subset_size=200, rng_seed=2020, verbose=False
        )["kernel_inception_distance_mean"],
        *(lambda: ours("kid_subsets", "kid", subset_size=200), ""),
    )
    yield (
        *("torch-fidelity", "precision, k = 3"),
        lambda: module("torch_fidelity.metric_prc").prc_features_to_metric(
            tensor(EQUAL[0]), tensor(EQUAL[1]), prc_neighborhood=3, prc_batch_size=10000, verbose=False
        )["precision"],
        *(lambda: ours("precision", "precision_recall", EQUAL[1], EQUAL[0], k=3), "float32 mean"),
    )
    yield (
        *("clean-fid", "FID of features"),
        lambda: module("cleanfid.fid").fid_from_feats(FAKE, REAL),
        *(lambda: ours("frechet", "frechet"), ""),
    )
    yield (
        *("clean-fid", "KID, subsets of all 500"),
        lambda: module("cleanfid.fid").kernel_distance(EQUAL[0], EQUAL[1], num_subsets=2),
        *(lambda: ours("kid_subsets", "kid", EQUAL[1], EQUAL[0], subset_size=500), ""),
    )
    yield (
        *("clean-fid", "mean pixel of pictures at 299 px"),
        lambda: float(np.mean([module("cleanfid.resize").build_resizer("clean")(x) for x in pictures()])),
        *(
            lambda: float(np.mean([squashed(x, 299) for x in pictures()])),
            "8 bits after each pass of the resize: up to 1.5 levels",
        ),
    )
    yield (
        *("pytorch-fid", "FID of features"),
        lambda: module("pytorch_fid.fid_score").calculate_frechet_distance(
            *(f(x) for x in (FAKE, REAL) for f in (lambda rows: rows.mean(0), lambda rows: np.cov(rows, rowvar=False)))
        ),
        *(lambda: ours("frechet", "frechet"), ""),
    )
    for value, family in (
        ("precision", "precision_recall"),
        ("density", "density_coverage"),
        ("coverage", "density_coverage"),
    ):
        yield (
            *("prdc", f"{value}, k = 5"),
            lambda value=value: module("prdc").compute_prdc(EQUAL[1], EQUAL[0], 5)[value],
            lambda value=value, family=family: ours(value, family, EQUAL[1], EQUAL[0], k=5, inclusive=False),
            "",
        )
    yield (
        *("vendi-score", "Vendi score"),
        *(lambda: module("vendi_score.vendi").score_dual(FAKE), lambda: ours("vendi", "vendi"), ""),
    )
    yield (
        *("clip-mmd", "CMMD of unit vectors"),
        lambda: module("clip_mmd.calculation").mmd(unit(REAL), unit(FAKE)),
        *(lambda: ours("cmmd", "cmmd"), ""),
    )


def of_checkouts(dgm: Path | None, fld: Path | None, pp_pr: Path | None) -> Iterator[Row]:
    if dgm is not None:
        read = {
            name: file(dgm / "dgm_eval" / "metrics" / f"{name}.py")
            for name in ("fd", "mmd", "prdc", "authpct", "vendi", "ct")
        }
        yield (
            "dgm-eval",
            "FD",
            lambda: read["fd"].compute_efficient_FD_with_reps(REAL, FAKE),
            lambda: ours("frechet", "frechet"),
            "",
        )
        yield (
            *(
                "dgm-eval",
                "KD, subsets of all 500",
                lambda: read["mmd"].compute_mmd(EQUAL[1], EQUAL[0], n_subsets=2).mean(),
            ),
            *(lambda: ours("kid_subsets", "kid", EQUAL[1], EQUAL[0], subset_size=500), ""),
        )
        for value, family in (
            *(("precision", "precision_recall"), ("recall", "precision_recall")),
            *(("density", "density_coverage"), ("coverage", "density_coverage")),
        ):
            yield (
                *("dgm-eval", f"{value}, k = 5"),
                lambda value=value: read["prdc"].compute_prdc(EQUAL[1], EQUAL[0], 5)[value],
                lambda value=value, family=family: ours(value, family, EQUAL[1], EQUAL[0], k=5, inclusive=False),
                "",
            )
        yield (
            *("dgm-eval", "realism, k = 5, mean"),
            lambda: float(read["prdc"].compute_prdc(REAL, FAKE, 5, realism=True)["realism"].mean()),
            *(lambda: float(realism_scores(tensor(REAL), tensor(FAKE), 5).mean()), ""),
        )
        yield (
            *("dgm-eval", "realism, k = 5, mean, 599 real rows"),
            lambda: float(read["prdc"].compute_prdc(REAL[:599], FAKE, 5, realism=True)["realism"].mean()),
            *(
                lambda: float(realism_scores(tensor(REAL[:599]), tensor(FAKE), 5).mean()),
                "for an odd number of rows, gan-bench keeps the ball of median radius, and dgm-eval does not",
            ),
        )
        yield (
            "dgm-eval",
            "AuthPct",
            lambda: read["authpct"].compute_authpct(TRAIN, FAKE),
            lambda: ours("auth_pct", "authenticity"),
            "",
        )
        yield (
            "dgm-eval",
            "Vendi score",
            lambda: read["vendi"].compute_vendi_score(FAKE),
            lambda: ours("vendi", "vendi"),
            "",
        )
        yield (
            *("dgm-eval", "C_T, one cell"),
            lambda: float(np.squeeze(read["ct"].Zu(REAL, FAKE, TRAIN))),
            *(lambda: ours("c_t", "authenticity", cells=1), ""),
        )
        yield (
            *("dgm-eval", "C_T, three cells"),
            lambda: float(read["ct"].compute_CTscore(TRAIN, REAL, FAKE)),
            *(lambda: ours("c_t", "authenticity", cells=3), "cells by k-means with another start"),
        )
    if fld is not None:
        sys.path.insert(0, str(fld))
        metric = importlib.import_module("fld.metrics.FLD").FLD
        double = tuple(tensor(x) for x in (TRAIN, REAL, FAKE))
        yield (
            "fld",
            "FLD, gap",
            lambda: metric("gap").compute_metric(*double),
            lambda: ours("fld_gap", "fld"),
            "its widths are float32",
        )
        yield (
            *("fld", "FLD, with our baseline"),
            lambda: metric("test", baseline_nll=baseline()).compute_metric(*double),
            *(lambda: fld_above(baseline()), "its widths are float32; the baseline's halves are drawn at random"),
        )
    if pp_pr is not None:
        source = file(pp_pr / "metric" / "pp_pr.py")
        for place, value in enumerate(("p_precision", "p_recall")):
            yield (
                *("Probablistic_precision_recall", value),
                lambda place=place: source.compute_pprecision_precall(REAL, FAKE)[place],
                lambda value=value: ours(value, "probabilistic_precision_recall"),
                "",
            )


def standardised() -> list[torch.Tensor]:
    mean, sd = REAL.mean(axis=0), REAL.std(axis=0, ddof=1)
    return [tensor((rows - mean) / sd) for rows in (TRAIN, REAL, FAKE)]


def baseline() -> float:
    """NLL of the real rows under Gaussians at 400 training rows, whose widths are fitted to the other training rows."""
    train, real, _ = standardised()
    return negative_log_likelihood(real, train[:400], fitted_widths(train[:400], train[400:], 50))


def fld_above(base: float) -> float:
    train, real, fake = standardised()
    return 100.0 * (negative_log_likelihood(real, fake, fitted_widths(fake, train, 50)) - base)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pictures() -> list[np.ndarray]:
    """Smooth colour pictures (h, w, 3) uint8, some smaller and some larger than 299 px."""
    rng = np.random.default_rng(0)
    sizes = ((64, 64), (128, 96), (500, 400))
    coarse = [Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)) for _ in sizes]
    return [
        np.asarray(picture.resize(size, Image.Resampling.BICUBIC)) for picture, size in zip(coarse, sizes, strict=True)
    ]


def squashed(pixels: np.ndarray, side: int) -> np.ndarray:
    return resized(Image.fromarray(pixels), Rule(side, 3, "squash")).transpose(1, 2, 0).astype(np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--dgm-eval", "--fld", "--pp-pr"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| package | number | theirs | ours | relative difference | named difference |\n|---|---|---|---|---|---|")
    for package, number, theirs, own, words in (*of_packages(), *of_checkouts(args.dgm_eval, args.fld, args.pp_pr)):
        np.random.seed(0)  # noqa: NPY002 (other packages draw from this generator)
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                other = float(theirs())
        except ImportError as error:
            print(f"| {package} | {number} | not installed: {error.name} | | | |")
            continue
        value = own()
        print(
            f"| {package} | {number} | {other:.12g} | {value:.12g} | {abs(value / other - 1):.1g} | {words} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
