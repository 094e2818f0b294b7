"""A metric that reads images works from the study to the table. Errors in its FACTS are found before any training."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "verify"))

from small_study import STUDY, Jobs

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import open_data
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.metrics.evaluate.scoring import REAL_SEED
from gan_bench.metrics.evaluate.sets import seeded_rows
from gan_bench.train.generate import sample

EXAMPLE = Path(__file__).with_name("mean_brightness.py")
OLD = "evaluation: {n_samples: 100, extractor: {name: random_conv, width: 8}}"


def study_text(metric):
    text = STUDY.replace(OLD, OLD[:-1] + f", metrics: [frechet, {metric}]}}")
    assert text != STUDY
    return text


def test_a_metric_of_fifteen_lines_reads_images_from_study_to_scores(tmp_path):
    assert len(EXAMPLE.read_text().splitlines()) == 15
    (tmp_path / "own.yaml").write_text(study_text(EXAMPLE.as_posix()))
    jobs = Jobs(tmp_path / "own.yaml", tmp_path / "results")
    jobs.again()
    (run, *others) = sorted(jobs.folder.glob("runs/*/*/seed*"))
    document = read_json(run / "metrics.json")
    (row,) = [row for row in document["metrics"] if row["name"] == "brightness"]
    images = open_data(jobs.data.parent).images("test")
    real = images[seeded_rows(len(images), 100, REAL_SEED)]
    assert row["extractor"] is None
    assert row["value"] == sample(run, 100, int(run.name[4:])).mean() / real.mean()
    (floor,) = [row for row in document["floor"] if row["name"] == "brightness"]
    assert floor["value"] == pytest.approx(1, abs=0.1) and floor["value"] != 1
    for checkpoint in document["checkpoints"]:
        assert any(row["name"] == "brightness" and row["value"] for row in checkpoint["metrics"])
    assert len(others) == 3


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('["images"]', '["pictures"]', "FACTS['needs']: unknown need 'pictures'"),
        ('"needs": ["images"],', "", "FACTS lacks 'needs'; a valid example"),
        ('"min_n": 1,', "", "FACTS lacks 'min_n'"),
        ('"direction": "none", ', "", "FACTS['values']['brightness'] lacks 'direction'"),
    ],
)
def test_mistakes_in_the_facts_are_found_by_the_check_of_the_study(tmp_path, old, new, sentence):
    changed = EXAMPLE.read_text().replace(old, new)
    (tmp_path / "own.py").write_text(changed)
    with pytest.raises(UserError) as error:
        expand(parse_study(study_text((tmp_path / "own.py").as_posix()), "own"))
    assert sentence in " ".join(error.value.sentences)
