"""The program `gan-bench`: its parser, its exit codes, the end of its process."""

import argparse
import atexit
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from gan_bench import __version__, bits
from gan_bench.cli import components, job, logs, photos, runs, samples, work
from gan_bench.cli.tee import output_copied_to
from gan_bench.errors import STOPPED, UserError, machine_fault
from gan_bench.train.interruption import Interrupted

#: Groups of people's commands, in the order of `gan-bench --help`.
GROUPS = (work.group, photos.group, components.group, runs.group, samples.group, logs.group)
#: Exit code for a user's mistake. A command returns 3 where the work is complete and its answer is a failure.
MISTAKE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; each mistake of the user is a sentence on stderr. A bug is raised."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    # Commands that were people's once and are the rules' now.
    moved = set(job.group.commands).difference(*(group.commands for group in GROUPS))
    if arguments and arguments[0] in moved:
        print(f"gan-bench: {arguments[0]} is now spelled: gan-bench job {arguments[0]}", file=sys.stderr)
        return MISTAKE
    args = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name may hold characters that the terminal's encoding lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        with output_copied_to(getattr(args, "log", None)):
            try:
                bits.choose()
                return args.run(args) or 0
            except UserError as error:
                for sentence in error.sentences:
                    print(f"{args.prog}: {sentence}", file=sys.stderr)
                return MISTAKE
            except KeyboardInterrupt as stop:  # Ctrl-C, or SIGTERM; training has saved its checkpoints
                print(f"{args.prog}: {STOPPED}", file=sys.stderr)
                return 128 + int(getattr(stop, "number", signal.SIGINT))
    except BrokenPipeError:  # `gan-bench list | head`
        sys.stderr.close()
        return 0
    except OSError as error:  # outside of the log: on a full disk the log cannot take the sentence
        fault = machine_fault(error)
        if fault is None:
            raise
        print(f"{args.prog}: {fault}", file=sys.stderr)
        return MISTAKE


def _parser() -> argparse.ArgumentParser:
    overview = "\n\n".join(group.overview() for group in GROUPS)
    parser = argparse.ArgumentParser(
        prog="gan-bench",
        usage="gan-bench [--help] [--version] COMMAND ...",
        description="A reproducible benchmark suite for GANs. `gan-bench COMMAND --help` lists a command's arguments.",
        epilog=f"{overview}\n\nthe workflow:\n  {'job':<15} {job.HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gan-bench {__version__}")
    shared: dict[str, Any] = {"required": True, "metavar": "COMMAND", "help": argparse.SUPPRESS}
    commands = parser.add_subparsers(prog="gan-bench", **shared)
    for group in GROUPS:
        group.add_to(commands)
    jobs = commands.add_parser(
        "job",
        usage="gan-bench job COMMAND ...",
        description=job.group.overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    job.group.add_to(jobs.add_subparsers(prog="gan-bench job", **shared))
    return parser


def _terminate(number: int, _frame: object) -> NoReturn:
    raise Interrupted(number)


def process() -> NoReturn:
    """Run `main` and end the process at once, without the half second in which torch frees what it set up."""
    signal.signal(signal.SIGTERM, _terminate)
    code = main()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):  # the reader has left; `main` may have closed the stream
            pass
        except OSError:  # a full disk: the output is lost, so this is no success
            code = code or 1
    os._exit(code)
