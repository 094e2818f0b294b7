"""Judge a folder of logs with known outcomes by the field detector, and print how often its answers are right.

    python benchmarks/detector/judge_field.py [--logs FOLDER] [--nested --corpus FOLDER]

The field detector reads only the losses of D and G.
Without --nested the shipped detector judges the logs. This is a fair test only for logs from sources that were not used
to make this detector. With --nested each log is judged by models and a calibration that were made without the log's
group. A group has all logs of a source or, for StudioGAN, of a model. A further row of results comes from detectors
whose models were also chosen without the log's group. The script takes about ten minutes on one core. If the folder has
no index.csv, the script prints one line and ends.
"""

import argparse
from pathlib import Path
from typing import Any

from detector_corpus import Corpus
from field_corpus import FieldLog, field_rows, own_rows, read_field
from field_document import report
from field_judging import Result, judge_logs, over_time
from field_learning import SHIPPED, Choice
from field_nested import Nested

from gan_bench.collapse.field import Assessor, field

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "results" / "reference" / "detector"
LOGS = ROOT.parent / "shared" / "data" / "field_logs"
CORPUS = ROOT.parent / "shared" / "data" / "loss_trajectories"


def make_nested(logs: list[FieldLog], corpus: Path, own: Path) -> tuple[Nested, Any]:
    """(`Nested` of logs and small runs, (examples of the small runs, table of these runs, examples of the logs))."""
    rows, runs, losses = own_rows(Corpus(corpus, own))
    field_examples = field_rows(logs)
    known = [log for log in logs if log.failed is not None]
    return Nested(rows, field_examples, known, losses, rows.failed), (rows, runs, field_examples)


class NestedJudge:
    """Maps a log to the assessor that was made without the log's group.

    `choose`: whether the models of the assessor are also chosen without this group.
    """

    def __init__(self, nested: Nested, choose: bool = False) -> None:
        self._nested, self._choose, self._assessors = nested, choose, dict[str, Assessor]()
        self.choices = dict[str, Choice]()

    def __call__(self, log: FieldLog) -> Assessor:
        if log.group not in self._assessors:
            self.choices[log.group] = self._nested.chosen(log.group) if self._choose else SHIPPED
            self._assessors[log.group] = Assessor(self._nested.document(log.group, self.choices[log.group]))
        return self._assessors[log.group]


def chosen(folder: Path, nested: Nested) -> tuple[list[Result], dict[str, Choice]]:
    """Answers on all logs (loss not named), by models chosen on the other groups; and the choice for each group."""
    judge = NestedJudge(nested, choose=True)
    return judge_logs(read_field(folder), judge), judge.choices


def judged(folder: Path, judge: Any) -> tuple[dict[bool, list[Result]], list[dict[str, Any]]]:
    """Answers on all logs, with and without the name of the loss; and the results over time."""
    answers = {named: judge_logs(read_field(folder, named), judge) for named in (False, True)}
    times = over_time(read_field(folder), judge)
    failed = {row["id"]: row["failed"] for row in answers[False]}
    return answers, [{**row, "failed": failed[row["id"]] is not False} for row in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--logs", type=Path, default=LOGS, help="folder with index.csv and logs/")
    parser.add_argument("--nested", action="store_true", help="leave each log's source out of all that judges it")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder with trajectories.npz and runs.parquet")
    parser.add_argument("--own", type=Path, default=OWN, help="folder with trajectories.npz and runs.csv of this suite")
    arguments = parser.parse_args()
    if not (arguments.logs / "index.csv").is_file():
        print(f"{arguments.logs}: no index.csv; nothing to judge.")
        return
    if arguments.nested:
        nested = make_nested(read_field(arguments.logs), arguments.corpus, arguments.own)[0]
        judge: Any = NestedJudge(nested)
        choices = chosen(arguments.logs, nested)
    else:
        shipped = Assessor(field())

        def judge(log: FieldLog) -> Assessor:
            return shipped

        choices = None
    print(report(*judged(arguments.logs, judge), choices, before=False))


if __name__ == "__main__":
    main()
