"""The program `gan-bench`: its parser, its exit codes, and the end of its process."""

import argparse
import atexit
import functools
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from gan_bench import __version__, bits
from gan_bench.cli import archives, components, job, logs, photos, runs, samples, work
from gan_bench.cli.tee import log_only, output_copied_to
from gan_bench.errors import STOPPED, UserError, machine_fault, nearest, unknown_name
from gan_bench.train.interruption import Interrupted

#: Groups of commands for people, in the order of `gan-bench --help`.
GROUPS = (work.group, photos.group, archives.group, components.group, runs.group, samples.group, logs.group)
#: Exit code for a user's mistake. `run` returns 3 if runs of a complete study failed. `watch --stop-on` returns 3 if it
#: stops on a verdict.
MISTAKE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. A user's mistake or a full disk is printed on stderr; a bug raises."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        args = _parse(arguments)
    except UserError as error:
        print(error, file=sys.stderr)
        return MISTAKE
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # the terminal's encoding may lack characters of names
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
                say = log_only if getattr(args, "log", None) else functools.partial(print, file=sys.stderr)
                continues = args.prog.startswith(("gan-bench run", "gan-bench train", "gan-bench job"))
                say(f"{args.prog}: {STOPPED if continues else 'stopped'}")  # a job writes this only to its log
                return 128 + int(getattr(stop, "number", signal.SIGINT))
    except BrokenPipeError:  # `gan-bench list | head`
        sys.stderr.close()
        return 0
    except OSError as error:  # outside the log, because on a full disk the log cannot be written
        fault = machine_fault(error)
        if fault is None:
            raise
        print(f"{args.prog}: {fault}", file=sys.stderr)
        return MISTAKE


class _Parser(argparse.ArgumentParser):
    """Raises a UserError with one sentence. The argparse class prints its usage and ends the process instead."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog}: {message.rstrip('.')}; see {self.prog} --help.")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            valid = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(action, unknown_name("value", value, valid))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed command line. UserError for a command line that is not valid; --help ends the process."""
    if sentence := _wrong_command(arguments):
        raise UserError(f"gan-bench: {sentence}")
    more = len(arguments)
    if arguments[:1] == ["run"] and "--" in arguments:  # argparse would misread "--" after another option
        more = list(arguments).index("--")
    args, rest = _parser().parse_known_args(arguments[:more])
    if rest:
        raise UserError(f"{args.prog}: {_not_understood(args, rest[0])}")
    if args.run is work.run:
        args.more = list(arguments[more + 1 :])
    return args


def _wrong_command(arguments: Sequence[str]) -> str:
    """Sentence on an invalid command name; "" if the name is valid or argparse handles the mistake."""
    words = [word for word in arguments[:2] if not word.startswith("-")]
    commands = [name for group in GROUPS for name in group.commands]
    if not words or words[0] in commands or words == ["job"]:
        return ""
    if words[0] == "job":
        jobs = [f"job {name}" for name in job.group.commands]
        return "" if " ".join(words) in jobs else unknown_name("command", " ".join(words), jobs)
    if words[0] in job.group.commands:  # in earlier versions, job commands were called without "job"
        return f"this command is now: gan-bench job {words[0]}"
    return unknown_name("command", words[0], [*commands, "job"])


def _not_understood(args: argparse.Namespace, word: str) -> str:
    """Sentence on an argument that the command does not have."""
    if not word.startswith("-"):
        return f"unexpected argument {word!r}; put a name with spaces in quotes."
    if args.run is work.run and not nearest(word, args.options):
        call = f"{args.prog} {args.study or ''} -- {word}"
        return f"unknown option {word!r}; put arguments for snakemake after --, as in: {call}"
    return unknown_name("option", word, args.options)


def _parser() -> argparse.ArgumentParser:
    overview = "\n\n".join(group.overview() for group in GROUPS)
    parser = _Parser(
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
    """Run `main` and end the process at once, which saves the half second that torch needs to clean up."""
    signal.signal(signal.SIGTERM, _terminate)
    code = main()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):  # the reading process has ended, or `main` has closed the stream
            pass
        except OSError:  # the disk is full, so output is lost and the command has failed
            code = code or 1
    os._exit(code)
