"""CPU time of metrics, compared with other libraries. Package and library take turns in one process, on one thread.

    python benchmarks/metrics.py                 all rows of the table, about ten minutes on one core
    python benchmarks/metrics.py --only fid w1   some of them
    python benchmarks/metrics.py --scaling       cost as n doubles, beside the expected exponent
    python benchmarks/metrics.py --large         50,000 x 2,048, with its peak memory (about ten minutes)
    --out FILE                                   also writes FILE in Markdown

Times are CPU seconds of the process: medians over repetitions, with their range. Memory is the peak of the resident set
during the call minus the resident set before the call, measured in a separate process. The other libraries come with
the extra "crosscheck".
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics.evaluate import evaluate_sets, prepare_real

torch.set_num_threads(1)
warnings.simplefilter("ignore")

#: The metrics of the last line ("All metrics of one run").
WHOLE = ["frechet", "one_nn", "precision_recall", "density_coverage", "mmd", "wasserstein"]


def features(n: int, dim: int, seed: int) -> np.ndarray:
    """(n, dim) float32 rows with decaying variances, like those of features."""
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(99).standard_normal((dim, dim)).astype(np.float32)
    mix *= (np.arange(1, dim + 1, dtype=np.float32) ** -0.5)[:, None]
    return np.asarray(rng.standard_normal((n, dim), dtype=np.float32) @ mix)


def ours(*families: str, cached: bool = False) -> Callable[[np.ndarray, np.ndarray], Callable[[], object]]:
    """prepare(real, fake), which returns the call to be timed; with `cached`, real rows are processed beforehand."""

    def prepare(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
        refs = [resolve("metrics", name) for name in families]
        a, b = Features(real), Features(fake)
        known = prepare_real(a, None, refs) if cached else None
        return lambda: evaluate_sets(a, b, refs, seed=0, extractor_label="", split=None, known=known)

    return prepare


def sqrtm_route(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
    from pytorch_fid.fid_score import calculate_frechet_distance

    def run() -> object:
        a, b = ((x.mean(axis=0), np.cov(x, rowvar=False)) for x in (real, fake))
        return calculate_frechet_distance(*a, *b)

    return run


def eigvals_route(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    def run() -> object:
        a, b = (fid_features_to_statistics(torch.from_numpy(x)) for x in (real, fake))
        return fid_statistics_to_metric(a, b, verbose=False)

    return run


def sklearn_brute(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
    from sklearn.neighbors import NearestNeighbors

    pooled = np.concatenate([real, fake])
    return lambda: NearestNeighbors(n_neighbors=1, algorithm="brute").fit(pooled).kneighbors()


def prdc_library(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
    import contextlib
    import io

    import prdc

    def run() -> object:
        with contextlib.redirect_stdout(io.StringIO()):
            return prdc.compute_prdc(real_features=real, fake_features=fake, nearest_k=5)

    return run


def blockless_mmd(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
    """MMD with three full kernel matrices in float32, as in the published code."""

    def run() -> object:
        a, b = torch.from_numpy(real), torch.from_numpy(fake)

        def squares(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return (x * x).sum(1)[:, None] + (y * y).sum(1)[None, :] - 2 * x @ y.T

        rr, ff, rf = squares(a, a), squares(b, b), squares(a, b)
        scale = rr.mean()
        return [torch.exp(-m / (2 * scale)).mean() for m in (rr, ff, rf)]

    return run


def pot_emd(real: np.ndarray, fake: np.ndarray) -> Callable[[], object]:
    import ot
    from scipy.spatial.distance import cdist

    return lambda: ot.emd2([], [], cdist(real, fake), numItermax=10**7)


#: key: (description, n, dim, our families, the other library, target ratio, target MB)
ROWS = {
    "fid": ("FID against SciPy's sqrtm", 10_000, 2048, ("frechet",), sqrtm_route, 5.0, 200),
    "fid_eig": ("FID against eigvals", 10_000, 2048, ("frechet",), eigvals_route, 1.8, 200),
    "fid_few": ("FID, n < D, against the best library", 1_000, 2048, ("frechet",), eigvals_route, 8.0, None),
    "one_nn": ("1-NN against scikit-learn brute", 5_000, 512, ("one_nn",), sklearn_brute, 4.0, 100),
    "prdc": (
        "precision, recall (k = 3), density, coverage (k = 5) against prdc",
        10_000,
        512,
        ("precision_recall", "density_coverage"),
        prdc_library,
        4.0,
        200,
    ),
    "mmd": ("Gaussian MMD against blockless float32", 5_000, 512, ("mmd",), blockless_mmd, 3.0, None),
    "w1": ("W1 against POT and SciPy's cdist", 2_000, 512, ("wasserstein",), pot_emd, 2.0, None),
}


def seconds(run: Callable[[], object], repetitions: int) -> list[float]:
    times = []
    for _ in range(repetitions):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return times


def memory(key: str, which: str) -> float:
    """Peak MB that the call adds to the memory before it, measured in a separate process (`peak`)."""
    code = f"import benchmarks.metrics as m; m.peak({key!r}, {which!r})"
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1])


def peak(key: str, which: str) -> None:
    """Print the peak MB that the call of one row of the table adds. `which`: "ours" or "theirs"."""
    n, dim = (10_000, 512) if key == "whole" else ROWS[key][1:3]
    real, fake = features(n, dim, 0), features(n, dim, 1)
    if which == "theirs":
        prepare = ROWS[key][4]
    else:
        prepare = ours(*(WHOLE if key == "whole" else ROWS[key][3]))
    run = prepare(real[:50], fake[:50])
    run()  # pays for imports and first calls, which are not measured
    run = prepare(real, fake)
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    run()
    print((_status("VmHWM") - before) / 1024)


def _status(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(field)))


def table(keys: list[str], repetitions: int) -> list[str]:
    heads = ["what", "n per side x D", "ours, CPU s", "theirs, CPU s", "ratio", "wanted", "real side known, CPU s"]
    heads += ["ours, MB", "theirs, MB", "wanted"]
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * 9}"]
    for key in keys:
        what, n, dim, families, library, ratio, megabytes = ROWS[key]
        real, fake = features(n, dim, 0), features(n, dim, 1)
        a, b, c = ours(*families)(real, fake), library(real, fake), ours(*families, cached=True)(real, fake)
        # Ours and theirs alternate, so that both run under the same load of the machine.
        timed = [tuple(seconds(run, 1)[0] for run in (a, b, c)) for _ in range(repetitions)]
        cells = [what, f"{n:,} x {dim}", _spread([x for x, _, _ in timed]), _spread([y for _, y, _ in timed])]
        cells += [_spread([y / x for x, y, _ in timed]), f"{ratio:g}", _spread([z for _, _, z in timed])]
        cells += [f"{memory(key, 'ours'):.0f}", f"{memory(key, 'theirs'):.0f}", str(megabytes or "–")]
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def whole_set(repetitions: int) -> list[str]:
    real, fake = features(10_000, 512, 0), features(10_000, 512, 1)
    times = seconds(ours(*WHOLE, cached=True)(real, fake), repetitions)
    line = (
        f"All metrics of one run, real side known, 10,000 x 512 (W1: 2,000 rows): {_spread(times)} CPU s (wanted: at "
        f"most 6), {memory('whole', 'ours'):.0f} MB."
    )
    print(line, flush=True)
    return ["", line]


#: Metric family -> expected exponent of its cost in n.
EXPECTED = {
    "frechet": "1 (+ D³)",
    "one_nn": "2",
    "precision_recall": "2",
    "mmd": "2",
    "sliced_wasserstein": "1 (+ log)",
}


def scaling(repetitions: int) -> list[str]:
    heads = ["cost as n doubles, D = 256", "n", "CPU s", "exponent", "expected"]
    lines = ["", f"| {' | '.join(heads)} |", "| --- | ---: | ---: | ---: | ---: |"]
    for family, law in EXPECTED.items():
        before = None
        for n in (2_500, 5_000, 10_000, 20_000):
            run = ours(family)(features(n, 256, 0), features(n, 256, 1))
            now = statistics.median(seconds(run, repetitions))
            exponent = "–" if before is None else f"{np.log2(now / before):.2f}"
            lines.append(f"| {family} | {n:,} | {now:.2f} | {exponent} | {law} |")
            print(lines[-1], flush=True)
            before = now
    return lines


def large() -> list[str]:
    real, fake = features(50_000, 2048, 0), features(50_000, 2048, 1)
    Path("/proc/self/clear_refs").write_text("5")
    before, start = _status("VmRSS"), time.process_time()
    ours(*WHOLE)(real, fake)()
    line = (
        f"50,000 x 2,048, everything: {time.process_time() - start:.0f} CPU s, peak {_status('VmHWM') / 2**20:.2f} GB "
        f"of which {before / 2**20:.2f} GB were there before (wanted: below 8 GB)."
    )
    print(line)
    return ["", line]


def _spread(values: list[float]) -> str:
    middle = statistics.median(values)
    return f"{middle:.2f}" if len(values) == 1 else f"{middle:.2f} ({min(values):.2f}–{max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*ROWS, "whole"])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if args.large:
        lines = large()
    elif args.scaling:
        lines = scaling(args.repetitions)
    else:
        keys = args.only or [*ROWS, "whole"]
        lines = table([key for key in keys if key != "whole"], args.repetitions)
        lines += whole_set(args.repetitions) if "whole" in keys else []
    if args.out:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        note = f"({machine}, torch {torch.__version__}; one thread; median of {args.repetitions} and range.)"
        args.out.write_text("\n".join([*lines, "", note, ""]))


if __name__ == "__main__":
    main()
