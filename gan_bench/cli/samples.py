"""Commands for samples of any model."""

import argparse
from pathlib import Path

from gan_bench.cli.command import Group, arg
from gan_bench.files import write_json

group = Group("samples of any model")


#: What all images are brought to; how inputs are examined and rows drawn.
ADAPT = (
    arg("--resize", metavar="SIZE[:METHOD]", help="bring all images to SIZE px: crop (default), squash or pad"),
    arg("--channels", type=int, help="bring all images to 1 (grey) or 3 (colour) channels"),
)
CHECKED = (
    arg("--strict", action="store_true", help="stop where something is wrong with the inputs (docs/inputs.md)"),
    arg("--seed", type=int, default=0, help="seed of random draws (default: 0)"),
)


@group.command(
    arg("--real", type=Path, required=True, help=".npy features (n, d) or uint8 images (n, c, h, w), or a folder"),
    arg("--fake", type=Path, required=True, help="as --real"),
    arg("--out", type=Path, required=True, help="JSON file to write"),
    arg("--real-labels", type=Path, help=".npy integer labels (n,) of the real images"),
    arg("--fake-probs", type=Path, help=".npy class probabilities (m, k) of the fake images"),
    arg("--real-probs", type=Path, help=".npy class probabilities (n, k) of the real images"),
    arg("--train", type=Path, help="the training set of the model, as --real (default: the real set)"),
    arg("--metrics", help="comma-separated families or values, such as frechet,one_nn (default: all that apply)"),
    arg(
        "--extractor",
        help="feature space for images (default: efficientnet_lite0 for folders of pictures, random_conv for arrays), "
        'or JSON: {"name": "inception", "weights": "w.pth"}',
    ),
    arg("--n", type=int, help="images or rows of each side (default: as many as both have)"),
    arg("--device", default="cpu", help="where features are compared: cpu (default) or cuda"),
    arg("--block", type=int, help="rows that are compared at once (default: 512)"),
    *ADAPT,
    arg("--protocol", help="counts, split, resize and extractor of torch-fidelity, clean-fid or dgm-eval"),
    *CHECKED,
    example="--real real.npy --fake samples/ --out metrics.json",
)
def evaluate(args: argparse.Namespace) -> None:
    """Score fake images or features against real ones."""
    from gan_bench.metrics.inputs import evaluate_files, format_table

    result = evaluate_files(
        args.real,
        args.fake,
        real_labels=args.real_labels,
        fake_probs=args.fake_probs,
        real_probs=args.real_probs,
        train=args.train,
        device=args.device,
        block=args.block,
        metrics=args.metrics.split(",") if args.metrics else None,
        extractor=args.extractor,
        n=args.n,
        seed=args.seed,
        resize=args.resize,
        channels=args.channels,
        strict=args.strict,
        protocol=args.protocol,
    )
    write_json(args.out, result)
    print(format_table(result))


@group.command(
    arg("models", nargs="+", type=Path, metavar="MODEL", help="samples of a model, as --real; one or more"),
    arg("--real", type=Path, required=True, help=".npy features (n, d) or uint8 images (n, c, h, w), or a folder"),
    arg("--out", type=Path, default=Path("comparison"), help="folder to write (default: comparison)"),
    arg("--train", type=Path, help="the training set of the models, as --real"),
    arg("--metrics", help="comma-separated (default: frechet,kid,precision_recall,density_coverage)"),
    arg("--extractor", help="feature space, as for evaluate"),
    arg("--n", type=int, help="images or rows of each side (default: as many as all have)"),
    arg("--replicates", type=int, default=200, help="random halves behind the intervals (default: 200)"),
    *ADAPT,
    *CHECKED,
    example="--real photos/ model_a/ model_b/",
)
def compare(args: argparse.Namespace) -> None:
    """Compare several models' samples with one real set: a table with intervals, and a picture."""
    from gan_bench.comparison import compare_files, write_comparison

    result = compare_files(
        args.real,
        args.models,
        train=args.train,
        extractor=args.extractor,
        metrics=args.metrics.split(",") if args.metrics else None,
        n=args.n,
        seed=args.seed,
        resize=args.resize,
        channels=args.channels,
        strict=args.strict,
        replicates=args.replicates,
    )
    print(write_comparison(args.out, result), end="")
