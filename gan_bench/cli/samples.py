"""Commands for samples of any model."""

import argparse
from pathlib import Path
from typing import Any

from gan_bench.cli.command import Group, arg

group = Group("samples of any model")


def options_of(args: argparse.Namespace) -> dict[str, Any]:
    """The arguments of a command as keyword arguments for the function of gan_bench.api with the same name."""
    return {name: value for name, value in vars(args).items() if name not in ("run", "prog", "options")}


#: ADAPT: arguments that convert all images. CHECKED: arguments for the checks and the random draws.
ADAPT = (
    arg("--resize", metavar="SIZE[:METHOD]", help="resize all images to SIZE px by crop (default), squash or pad"),
    arg("--channels", type=int, help="convert all images to 1 (grey) or 3 (colour) channels"),
)
CHECKED = (
    arg("--strict", action="store_true", help="stop if a check of the inputs warns (docs/inputs.md)"),
    arg("--seed", type=int, default=0, help="seed of random draws (default: 0)"),
)


@group.command(
    arg("--real", type=Path, required=True, help=".npy features (n, d) or uint8 images (n, c, h, w), or a folder"),
    arg("--fake", type=Path, required=True, help="generated samples, in the same form as --real"),
    arg("--out", type=Path, required=True, help="JSON file to write"),
    arg("--real-labels", type=Path, help=".npy integer labels (n,) of the real images"),
    arg("--fake-probs", type=Path, help=".npy class probabilities (m, k) of the fake images"),
    arg("--real-probs", type=Path, help=".npy class probabilities (n, k) of the real images"),
    arg("--train", type=Path, help="training set of the model, in the same form as --real (default: the real set)"),
    arg("--metrics", help="comma-separated families or values, such as frechet,one_nn (default: all that apply)"),
    arg(
        "--extractor",
        help="feature space for images (default: efficientnet_lite0 for folders of pictures, random_conv for arrays), "
        'or JSON: {"name": "inception", "weights": "w.pth"}',
    ),
    arg("--n", type=int, help="number of images or rows on each side (default: as many as both sides have)"),
    arg("--device", default="cpu", help="device on which features are compared: cpu (default) or cuda"),
    arg("--block", type=int, help="number of rows that are compared at a time (default: 512)"),
    *ADAPT,
    arg("--protocol", help="use the counts, split, resize and extractor of torch-fidelity, clean-fid or dgm-eval"),
    *CHECKED,
    example="--real real.npy --fake samples/ --out metrics.json",
)
def evaluate(args: argparse.Namespace) -> None:
    """Score generated images or features against real images or features."""
    from gan_bench.api.samples import evaluate

    print(evaluate(**options_of(args)))


@group.command(
    arg("models", nargs="+", type=Path, metavar="MODEL", help="samples of each model, in the same form as --real"),
    arg("--real", type=Path, required=True, help=".npy features (n, d) or uint8 images (n, c, h, w), or a folder"),
    arg("--out", type=Path, default=Path("comparison"), help="folder to write (default: comparison)"),
    arg("--train", type=Path, help="training set of the models, in the same form as --real"),
    arg("--metrics", help="comma-separated (default: frechet,kid,precision_recall,density_coverage)"),
    arg("--extractor", help="feature space, as for evaluate"),
    arg("--n", type=int, help="number of images or rows on each side (default: as many as all have)"),
    arg("--replicates", type=int, default=200, help="number of random halves for the intervals (default: 200)"),
    *ADAPT,
    *CHECKED,
    example="--real photos/ model_a/ model_b/",
)
def compare(args: argparse.Namespace) -> None:
    """Compare the samples of one or more models with one real set: write a table with intervals, and a picture."""
    from gan_bench.api.samples import compare

    print(compare(**options_of(args)))
