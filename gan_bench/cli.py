"""The command line: one subcommand for each rule of the workflow, and those a person types."""

import argparse
import atexit
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from gan_bench import __version__, commands
from gan_bench.errors import UserError, machine_fault

Command = Callable[[argparse.Namespace], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand. Exit codes: 0 done, 2 the user's mistake (one sentence on stderr), 1 a bug (traceback)."""
    args = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal's encoding does not have is no bug
            stream.reconfigure(errors="backslashreplace")
    try:
        with _log(getattr(args, "log", None)):
            try:
                args.run(args)
            except UserError as error:
                for sentence in error.sentences:
                    print(f"gan-bench {args.command}: {sentence}", file=sys.stderr)
                return 2
    except BrokenPipeError:  # `gan-bench list | head`
        sys.stderr.close()
    except OSError as error:  # the log is closed by now: where the disk is full, it could not take the sentence
        fault = machine_fault(error)
        if fault is None:
            raise
        print(f"gan-bench {args.command}: {fault}", file=sys.stderr)
        return 2
    return 0


class _Tee:
    """Writes to the terminal and to a log file, line by line."""

    def __init__(self, *streams: TextIO) -> None:
        self.streams = streams

    def write(self, text: str) -> int:
        for stream in self.streams:
            stream.write(text)
            stream.flush()
        return len(text)

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()


@contextlib.contextmanager
def _log(path: Path | None) -> Iterator[None]:
    """Copy what is printed to `path`; a traceback that ends the command goes there too."""
    if path is None:
        yield
        return
    import traceback

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        out, err = _Tee(sys.stdout, file), _Tee(sys.stderr, file)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):  # type: ignore[type-var]
            try:
                yield
            except Exception as error:
                if machine_fault(error) is None:
                    traceback.print_exc(file=file)
                raise


def _seeds(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of seeds such as 0,1,2") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gan-bench", description="A reproducible benchmark suite for GANs.")
    parser.add_argument("--version", action="version", version=f"gan-bench {__version__}")
    subs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _typed_commands(subs)
    _rule_commands(subs)
    return parser


def _add(subs: Any, name: str, run: Command, text: str, *required: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = subs.add_parser(name, help=text, description=text)
    sub.set_defaults(run=run)
    kinds: dict[str, Any] = {
        "seeds": _seeds,
        "settings": str,
        "members": str,
        "evaluation": str,
        "study": str,
        "device": str,
    }
    for key in required:
        sub.add_argument(f"--{key.replace('_', '-')}", dest=key, required=True, type=kinds.get(key, Path))
    return sub


def _typed_commands(subs: Any) -> None:
    """What a person types."""
    sub = _add(subs, "list", commands.list_components, "list the components of all axes or of one")
    sub.add_argument("axis", nargs="?")
    sub = _add(subs, "check", commands.check, "validate a study; print its runs, jobs and estimated cost")
    sub.add_argument("study", help="name in config/studies/, or a path")
    sub = _add(subs, "train", commands.train, "train one run; the same command again resumes it", "out")
    sub.add_argument("--settings", type=Path, required=True, help="settings.json of a run")
    sub.add_argument("--data", type=Path, help="prepared data folder; made in OUT/data when left out")
    sub.add_argument("--data-dir", type=Path, help="folder with mnist/ or fashion_mnist/ or your pictures")
    sub = _add(
        subs, "sample", commands.sample, "sample a trained generator into a PNG grid or a uint8 .npy (N,C,H,W)", "out"
    )
    sub.add_argument("run_dir", type=Path)
    sub.add_argument("--n", type=int, default=64)
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--label", type=int, help="class to generate, counted from 0 (conditional runs; default: all)")
    sub = _add(
        subs,
        "evaluate",
        commands.evaluate,
        "score fake images or features against real ones",
        "real",
        "fake",
        "out",
    )
    sub.add_argument("--real-labels", type=Path, help=".npy integer labels (n,) of the real images")
    sub.add_argument("--fake-probs", type=Path, help=".npy class probabilities (m, k) of the fake images")
    sub.add_argument("--real-probs", type=Path, help=".npy class probabilities (n, k) of the real images")
    sub.add_argument("--train", type=Path, help="what the model was trained on, as --real (default: the real set)")
    sub.add_argument(
        "--metrics", help="comma-separated families or values, such as fid,one_nn (default: all that apply)"
    )
    sub.add_argument(
        "--extractor",
        help='feature space for images (default: random_conv), or JSON: {"name": "inception", "weights": "w.pth"}',
    )
    sub.add_argument("--n", type=int, help="images or rows of each side (default: as many as both have)")
    sub.add_argument("--device", default="cpu", help="where features are compared: cpu (default) or cuda")
    sub.add_argument("--block", type=int, help="rows that are compared at once (default: 512)")
    sub.add_argument("--seed", type=int, default=0)
    _detect_command(subs)
    sub = _add(subs, "redraw", commands.redraw, "redraw tables, figures and report from stored results; trains nothing")
    sub.add_argument("study_folder", type=Path)
    sub.add_argument("--figures", help="JSON list of figures with settings (default: all)")
    sub = _add(subs, "verify", commands.verify, "check a study's files against its manifest, and train some runs again")
    sub.add_argument("study", nargs="?", help="its folder, or its name (default: that of config/config.yaml)")
    sub.add_argument("--sample", type=int, default=1, help="runs to train again (default: 1; 0: none)")
    sub.add_argument("--seed", type=int, default=0, help="which runs: a seed of the choice (default: 0)")
    sub.add_argument("--data-dir", type=Path, help="as for train, where prepared data is gone")


def _detect_command(subs: Any) -> None:
    sub = _add(subs, "detect", commands.detect, "judge the loss trajectories of any training; prints JSON")
    sub.add_argument(
        "history", type=Path, help="a CSV, parquet or TensorBoard event file, or a folder with many: a list of verdicts"
    )
    sub.add_argument("--loss", help="component or alias (ns, minimax, lsgan, hinge, wgan, wgangp), or a loss's file")
    sub.add_argument("--json", action="store_true", help="print JSON, which is the only form there is")
    sub.add_argument("--d-loss", default="sum", help="d_loss is the sum (default) or the mean of D's two halves")
    sub.add_argument("--penalty-inside", action="store_true", help="d_loss holds a penalty (see column penalty)")
    sub.add_argument("--columns", help="names in the log, such as d_loss=Loss/D,g_loss=Loss/G")
    sub.add_argument(
        "--seen", type=float, default=1.0, help="share of the planned training that is logged (default: 1)"
    )


def _rule_commands(subs: Any) -> None:
    """What the rules call."""
    _add(subs, "plan", commands.plan, "write the runs that a study asks for", "study", "device", "out")
    sub = _add(subs, "data", commands.data, "prepare a data set", "settings", "out", "log")
    sub.add_argument("--data-dir", default="", help="as for train; empty for none")
    sub = _add(subs, "reference", commands.reference, "fit an extractor", "settings", "data", "out", "log")
    sub.add_argument("--threads", type=int, default=1)
    _add(
        subs,
        "train-stack",
        commands.train_stack,
        "train runs of several cells together",
        "members",
        "data",
        "out",
        "log",
    )
    required = ("settings", "seeds", "data", "out", "log")
    _add(subs, "train-cell", commands.train_cell, "train seeds of a cell over the store", *required)
    sub = _add(
        subs,
        "prepare-scoring",
        commands.scoring,
        "what all runs are scored against",
        "evaluation",
        "reference",
        "out",
        "log",
    )
    sub.add_argument("--threads", type=int, default=1)
    arguments = ("evaluation", "seeds", "reference", "data", "out", "log")
    sub = _add(subs, "evaluate-cell", commands.evaluate_cell, "score seeds of a cell", *arguments)
    sub.add_argument("--scoring", type=Path, required=True, help="scoring.json that prepare-scoring wrote")
    sub.add_argument("--threads", type=int, default=1)
    _add(subs, "detect-cell", commands.detect_cell, "judge the histories of seeds of a cell", "seeds", "out", "log")
    for name, run, text in (
        ("collect", commands.collect, "gather every asked run into tables"),
        ("tables", commands.tables, "aggregate the tables"),
        ("report", commands.report, "write report.html"),
        ("manifest", commands.manifest, "write the SHA-256 of everything that must repeat"),
    ):
        _add(subs, name, run, text, "study_folder", "log")
    _add(subs, "figure", commands.figure, "draw one figure", "settings", "study_folder", "log")


def process() -> NoReturn:
    """`main` as a process of its own, which ends without taking down, piece by piece, what torch set up.

    That would be half a second of CPU for each job.
    """
    code = main()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):  # who read it has left, and `main` may have closed it
            pass
        except OSError:  # a full disk: nobody can be told, but it is no success
            code = code or 1
    os._exit(code)


if __name__ == "__main__":
    process()
