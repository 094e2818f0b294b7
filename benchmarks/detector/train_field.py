"""Train the field detector, and write gan_bench/collapse/field.json and docs/detector.md with its two pictures.

    python benchmarks/detector/train_field.py [--logs FOLDER] [--corpus FOLDER]

The field detector judges logs that have only the losses. It has two models (field_learning.py). The logistic regression
is trained on the small runs. The forest is trained on logs whose licence is MIT or Apache-2.0 and on beginnings of
these logs. Thresholds use all logs with a known outcome. The same inputs and the same version of scikit-learn give the
same bytes. The script takes about ten minutes on one core.
"""

import argparse
from pathlib import Path

from field_corpus import read_field
from field_document import report
from field_front import front
from field_pictures import draw_answers, draw_equal_curves
from field_small import short_logs, small_runs
from judge_field import CORPUS, LOGS, OWN, ROOT, NestedJudge, chosen, judged, make_nested
from train_detector import text

from gan_bench.collapse.field import FIELD_FILE
from gan_bench.files import write_text

DOCUMENT = ROOT / "docs" / "detector.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--logs", type=Path, default=LOGS, help="folder with index.csv and logs/")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder with trajectories.npz and runs.parquet")
    parser.add_argument("--own", type=Path, default=OWN, help="folder with trajectories.npz and runs.csv of this suite")
    parser.add_argument("--out", type=Path, default=FIELD_FILE, help="where to write the detector")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where to write the tables")
    arguments = parser.parse_args()
    nested, (own, runs, field_examples) = make_nested(read_field(arguments.logs), arguments.corpus, arguments.own)
    document = nested.document(None)
    write_text(arguments.out, text(document))
    judge = NestedJudge(nested)
    answers, times = judged(arguments.logs, judge)
    tables = report(answers, times, chosen(arguments.logs, nested), before=True)
    draw_answers(answers[False], arguments.document.with_name("detector_logs.png"))
    draw_equal_curves(arguments.corpus, arguments.document.with_name("detector_blind.png"))
    small, short = small_runs(nested, own, runs, field_examples), short_logs(nested, judge)
    write_text(arguments.document, front(document, tables, small, short))


if __name__ == "__main__":
    main()
