"""Commands for the logs of any training program."""

import argparse
import json
from pathlib import Path
from typing import Any

from gan_bench.cli.command import Group, arg
from gan_bench.errors import UserError
from gan_bench.words import plural

group = Group("training logs")

#: Arguments of all commands in this file. They describe how the log was written.
LOGGED = (
    arg("--loss", help="name or alias of the loss (ns, minimax, lsgan, hinge, wgan, wgangp), or the file of a loss"),
    arg(
        "--d-loss-is",
        "--d-loss",
        help="sum or mean: how d_loss combines D's losses on real and generated images (default: as logged, else sum)",
    ),
    arg("--penalty-inside", action="store_true", help="d_loss includes a penalty; a column penalty is subtracted"),
    arg("--columns", help="names of columns in the log, such as d_loss=Loss/D,g_loss=Loss/G or d_loss=real+fake"),
)


def _logged(args: argparse.Namespace) -> Any:
    from gan_bench.collapse.inputs import Logged, parse_columns

    seen = getattr(args, "seen", 1.0)
    return Logged(args.loss, args.d_loss_is, args.penalty_inside, parse_columns(args.columns), seen)


@group.command(
    arg("history", type=Path, nargs="+", help="a log in any usual format (docs/formats.md), or a folder of logs"),
    arg("--json", action="store_true", help="print JSON; a list for a folder, several files or several networks"),
    arg("--plot", nargs="?", const="", help="draw the log (default: FILE.png in the current folder)"),
    *LOGGED,
    arg("--seen", type=float, default=1.0, help="share of the planned training that is logged (default: 1)"),
    example="log.csv --plot",
)
def detect(args: argparse.Namespace) -> None:
    """Judge the losses of any training: print what was read, a verdict, its reasons, and what to check next."""
    logged = _logged(args)
    if len(args.history) == 1 and not args.history[0].is_dir():
        _one(args.history[0], logged, args)
    else:
        _many(args, logged)


def _one(path: Path, logged: Any, args: argparse.Namespace) -> None:
    from gan_bench.collapse.answer import answer
    from gan_bench.collapse.inputs import judge_logs

    judged = judge_logs(path, logged)
    documents = [pair.document for pair in judged]
    if args.json:
        print(json.dumps(documents[0] if len(documents) == 1 else documents, indent=1, allow_nan=False))
    else:
        print("\n\n".join(map(answer, documents)))
    if args.plot is not None:
        from gan_bench.collapse.picture import draw

        for pair in judged:
            target = Path(args.plot or f"{path.stem or path.name}.png")
            target = target.with_stem(f"{target.stem}-{pair.log.pair}") if len(judged) > 1 else target
            draw(pair, target)
            if not args.json:
                print(f"picture: {target}")


def _many(args: argparse.Namespace, logged: Any) -> None:
    from gan_bench.collapse.answer import answer, table
    from gan_bench.collapse.inputs import detect_files, documents_of, named_loss

    if args.plot is not None:
        raise UserError("--plot draws one log; name one file.")
    if logged.loss is not None:
        named_loss(logged.loss)
    documents = list[dict[str, Any]]()
    for path in args.history:
        files = detect_files(path, logged) if path.is_dir() else documents_of(path, logged)
        for document in files:
            if args.json:
                print(("[" if not documents else ",\n") + json.dumps(document, allow_nan=False), end="")
            documents.append(document)
    single = len(documents) == 1 and "error" not in documents[0]
    print("]" if args.json else answer(documents[0]) if single else table(documents))
    errors = sum("error" in document and not document.get("no_losses") for document in documents)
    if errors:
        place = args.history[0] if len(args.history) == 1 else "logs"
        raise UserError(
            f"{place}: {errors} of {plural(len(documents), 'file')} could not be judged; the output above says why."
        )


@group.command(
    arg("history", type=Path, help="log of a training that is running"),
    arg(
        "--stop-on",
        nargs="?",
        const="failure",
        help="comma-separated verdicts that end the command with exit code 3 (without a value: any failure)",
    ),
    arg("--every", type=float, default=10.0, help="seconds between two checks (default: 10)"),
    arg("--idle", type=float, help="end with exit code 0 after this many seconds without a new row (default: never)"),
    arg("--from-rows", type=int, default=20, help="number of rows before the first verdict (default: 20)"),
    arg(
        "--looks",
        type=int,
        default=3,
        help="failed checks in a row before --stop-on acts (default: 3)",
    ),
    *LOGGED,
    example="log.csv --stop-on",
)
def watch(args: argparse.Namespace) -> int:
    """Follow a growing log and print each change of its verdict; with --stop-on, end with exit code 3 on a failure."""
    from gan_bench.collapse.follow import follow, parse_stops

    stops = parse_stops(args.stop_on)
    return follow(args.history, _logged(args), stops, args.every, args.idle, args.from_rows, args.looks)
