"""Checks thousands of random studies for tracebacks, accepted invalid studies and refusals with unclear messages.

    python benchmarks/fuzz.py [--cases 12000] [--seed 0]

The kinds of studies and their checks are in tests/config/fuzz_cases.py; the test suite checks a few hundred studies. A
valid study must be accepted, and its plan must have the variants and data sets that the study names. A study with a
deliberate mistake must be refused, and the message must name the place, the value and what is valid. In any other study
that is accepted, every number must be in the range that its component declares. The script prints counts, and the first
message of each kind of failure. The same seed gives the same studies.

Exit code 1 if there is a traceback, an accepted invalid study, an unclear refusal or a case slower than SLOW; else 0.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "config"))
from fuzz_cases import KINDS
from odd_studies import NonsenseError, UnclearError

#: Number of cases drawn from one seed. It is limited because hypothesis keeps all earlier cases in memory.
BATCH = 500
#: Largest processor time for judging one study, in seconds.
SLOW = 5.0


class Tally:
    """Outcomes of the cases of one kind."""

    def __init__(self, case: Callable[[st.DataObject], bool]) -> None:
        self.case, self.counts = case, Counter[str]()
        self.slowest, self.shown = 0.0, dict[str, str]()

    def judge(self, data: st.DataObject) -> None:
        """Judge one case. Errors are counted and not raised, so that a failure does not end the run."""
        began = time.process_time()
        try:
            outcome = "accepted" if self.case(data) else "refused"
        except NonsenseError as error:
            outcome, message = "nonsense", str(error)
        except UnclearError as error:
            outcome, message = "unclear", str(error)
        except Exception:
            outcome, message = "traceback", traceback.format_exc()
        self.slowest = max(self.slowest, time.process_time() - began)
        self.counts[outcome] += 1
        if outcome not in ("accepted", "refused"):
            # Of failures with the same outcome and the same last line of the message, only the first is printed.
            self.shown.setdefault(f"{outcome}: {message.strip().splitlines()[-1][:60]}", message)

    def run(self, cases: int, number: int) -> None:
        """Judge at least `cases` cases, in batches with the seeds number + 1, number + 2, ..."""
        while sum(self.counts.values()) < cases:
            batch = min(BATCH, cases - sum(self.counts.values()))
            number += 1

            @seed(number)
            @settings(
                max_examples=batch,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(st.data())
            def draw(data: st.DataObject) -> None:
                self.judge(data)

            draw()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    shares, total, slowest = sum(share for _, share in KINDS.values()), Counter[str](), 0.0
    began = time.monotonic()
    for place, (kind, (case, share)) in enumerate(KINDS.items()):
        tally = Tally(case)
        # No two kinds, and no two values of --seed, use the same seeds.
        tally.run(-(-args.cases * share // shares), 1_000_000 * args.seed + 10_000 * place)
        total += tally.counts
        slowest = max(slowest, tally.slowest)
        counts = ", ".join(f"{tally.counts[name]} {name}" for name in sorted(tally.counts))
        print(f"{kind}: {counts}; slowest {tally.slowest:.2f} s", flush=True)
        for message in tally.shown.values():
            print("  " + message.strip().replace("\n", "\n  "), flush=True)
    wrong = total["traceback"] + total["nonsense"] + total["unclear"] + (slowest > SLOW)
    print(f"cases: {sum(total.values())} ({total['accepted']} accepted, {total['refused']} refused)")
    print(f"tracebacks: {total['traceback']}, accepted nonsense: {total['nonsense']}, unclear: {total['unclear']}")
    print(f"slowest case: {slowest:.2f} s (at most {SLOW:.0f}); {time.monotonic() - began:.0f} s in all")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
