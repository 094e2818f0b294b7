"""Commands for the logs of any training."""

import argparse
import json
from pathlib import Path

from gan_bench.cli.command import Group, arg
from gan_bench.errors import UserError

group = Group("training logs")


@group.command(
    arg("history", type=Path, help="a CSV, parquet or TensorBoard event file, or a folder of them"),
    arg("--loss", help="component or alias (ns, minimax, lsgan, hinge, wgan, wgangp), or a loss's file"),
    arg("--json", action="store_true", help="print JSON, the only format so far"),
    arg("--d-loss", default="sum", help="d_loss is the sum (default) or the mean of D's two halves"),
    arg("--penalty-inside", action="store_true", help="d_loss includes a penalty (see column penalty)"),
    arg("--columns", help="names in the log, such as d_loss=Loss/D,g_loss=Loss/G"),
    arg("--seen", type=float, default=1.0, help="share of the planned training that is logged (default: 1)"),
)
def detect(args: argparse.Namespace) -> None:
    """Judge the loss trajectories of any training; print JSON (a list for a folder)."""
    from gan_bench.collapse.inputs import Logged, detect_file, detect_files, parse_columns

    logged = Logged(args.loss, args.d_loss, args.penalty_inside, parse_columns(args.columns), args.seen)
    if not args.history.is_dir():
        print(json.dumps(detect_file(args.history, logged), indent=1, allow_nan=False))
        return
    errors = count = 0
    for document in detect_files(args.history, logged):
        print(("[" if not count else ",\n") + json.dumps(document, allow_nan=False), end="")
        count += 1
        errors += "error" in document
    print("]")
    if errors:
        raise UserError(f"{args.history}: {errors} of {count} files could not be judged; each says why under 'error'.")
