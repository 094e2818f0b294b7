"""A study folder written by version 0.1.0 can be drawn again. `verify` states each difference in one sentence.

study_0_1_0.zip holds plan, manifest, scores, histories and generators of four runs, without pictures and tables.
"""

import zipfile
from pathlib import Path

import pytest

from gan_bench.errors import UserError
from gan_bench.report.redraw import redraw
from gan_bench.report.tables_input import read_tables
from gan_bench.train.generate import load_generator
from gan_bench.verify.study import verify

STORED = Path(__file__).with_name("study_0_1_0.zip")


@pytest.fixture
def study(tmp_path):
    zipfile.ZipFile(STORED).extractall(tmp_path)
    return tmp_path / "tiny"


def test_a_study_of_0_1_0_is_drawn_again(study):
    plan = (study / "plan.json").read_bytes()
    figures = read_tables(study).plan["figures"]
    assert [ref["name"] for ref in figures].count("sample_wall") == 1 and {"name": "samples"} not in figures
    redraw(study, [{"name": "sample_wall"}])
    table = (study / "tables/comparison.md").read_text()
    assert "| perceptron | 44 [19, 101] (2/2)" in table and "| least squares | 43 [12, 163] (2/2)" in table
    assert (study / "report.html").is_file() and (study / "plan.json").read_bytes() == plan


def test_verify_trains_a_run_of_0_1_0_again_and_names_what_differs(study):
    with pytest.raises(UserError) as differing:
        verify(study, 1, 0, None, lambda line: None)
    sentences = [text for text in differing.value.sentences if "seed" in text and "DIFFERS" in text]
    assert len(sentences) == 1 and "the code has changed: train" in sentences[0]


def test_a_generator_whose_settings_lack_a_new_key_is_refused_in_one_sentence(study):
    run = next(study.glob("runs/digits/*/seed0"))
    with pytest.raises(UserError, match=r"settings of this run have no 'init'; .* another version"):
        load_generator(run)
