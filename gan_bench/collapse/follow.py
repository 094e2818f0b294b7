"""Watch a growing log: judge it after each change and print a line when the verdict changes."""

import time
from collections.abc import Callable
from pathlib import Path

from gan_bench.collapse.answer import NO_FAILURE, answer, likelihood, stated_probability, verdict_words
from gan_bench.collapse.inputs import Judged, Logged, judge_logs
from gan_bench.collapse.verdict import VERDICTS
from gan_bench.errors import UserError, unknown_name

#: Exit code after a verdict that `--stop-on` names.
FAILED = 3
FAILURE = "failure"


def parse_stops(text: str | None) -> frozenset[str]:
    """Verdicts that end the watch, from names separated by commas; none if `text` is None.

    "failure" means every verdict that states a failure.

    Raises:
        UserError: a name is not a verdict.
    """
    stops = set[str]()
    valid = [verdict for verdict in VERDICTS if verdict not in NO_FAILURE]
    for name in (text or "").split(",") if text else ():
        if name.strip() == FAILURE:
            stops |= set(valid)
        elif name.strip() in valid:
            stops.add(name.strip())
        else:
            raise UserError("--stop-on: " + unknown_name("verdict", name.strip(), [FAILURE, *valid]))
    return frozenset(stops)


def follow(
    path: Path,
    logged: Logged,
    stops: frozenset[str],
    every: float,
    idle: float | None,
    from_rows: int,
    looks: int,
    *,
    say: Callable[[str], None] = lambda line: print(line, flush=True),
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Watch a log. Returns 3 if the run counts as failed, and 0 after `idle` seconds without a change or after Ctrl-C.

    The log is judged each time it changes. The run counts as failed in three cases:

    - The last `looks` judgements all gave a verdict in `stops`. A single verdict is not enough, because a verdict on
      half a log is often withdrawn later.
    - The last judgement gave a verdict in `stops`, and the log has not changed for `idle` seconds since then.
    - The last judgement is a divergence, and `stops` contains this verdict.

    An unfinished last line is left for the next judgement. If the file does not exist yet, the function waits for it.
    """
    if every <= 0 or (idle is not None and idle < 0) or looks < 1:
        raise UserError("--every must be above 0 seconds, --idle at least 0, and --looks at least 1.")
    size, waited = None, 0.0
    verdicts, failures = dict[str, str](), dict[str, int]()
    last = list[Judged]()
    try:
        while True:
            state = _state(path)
            if state != size:
                size, waited = state, 0.0
                last = _look(path, logged, from_rows, verdicts, say)
                for judged in last:
                    pair, verdict = judged.log.pair, judged.document["verdict"]
                    if verdicts.get(pair, "") != verdict:
                        say(_change(judged, first=pair not in verdicts))
                        verdicts[pair] = verdict
                    failures[pair] = failures.get(pair, 0) + 1 if verdict in stops else 0
            over = idle is not None and waited >= idle
            for judged in last:
                count = failures[judged.log.pair]
                if count and (over or count >= looks or judged.document["verdict"] == "diverged"):
                    say(answer(judged.document))
                    return FAILED
            if over:
                return 0
            sleep(every)
            waited += every
    except KeyboardInterrupt:
        return 0


def _state(path: Path) -> object:
    """Sizes and modification times of the files of a log; they change when it grows."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]


def _look(
    path: Path, logged: Logged, from_rows: int, verdicts: dict[str, str], say: Callable[[str], None]
) -> list[Judged]:
    """The judged logs that have enough rows or have diverged. A log without rows is not an error: it may still grow."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return []
    try:
        every_log = judge_logs(path, logged, growing=True)
    except UserError as error:
        if verdicts.get("\0error") != str(error):
            say(f"not readable yet: {error}")
            verdicts["\0error"] = str(error)
        return []
    return [
        judged for judged in every_log if len(judged.history) >= from_rows or judged.document["verdict"] == "diverged"
    ]


def _change(judged: Judged, *, first: bool) -> str:
    document = judged.document
    step = int(judged.history["step"].iloc[-1])
    stated = stated_probability(document)
    probability = "" if stated is None else f"; a {stated[0]} is {likelihood(stated[1])}, {stated[1]:.0%}"
    since = "" if document["began_step"] is None else f", since step {document['began_step']}"
    pair = f" [{judged.log.pair}]" if judged.log.pair else ""
    return f"step {step}{pair}: {'' if first else 'now '}{verdict_words(document['verdict'])}{since}{probability}"
