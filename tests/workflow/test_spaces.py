"""A study with two feature spaces is scored in both. Its table of decisions compares the spaces."""

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "verify"))

from small_study import STUDY, Jobs

from gan_bench.cli import main
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.dag import Lookups, extractor_id
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, read_json
from gan_bench.report.compared import compared
from gan_bench.report.tables_input import read_tables

OLD = "evaluation: {n_samples: 100, extractor: {name: random_conv, width: 8}}"
NEW = "evaluation: {n_samples: 100, metrics: [frechet, one_nn], extractor: [{name: random_conv, width: 8}, pixels]}"
TWO = STUDY.replace(OLD, NEW).replace("seeds: 2", "seeds: 3")


class TwoSpaces(Jobs):
    """The commands of a study with two feature spaces. `reference` and `prepare-scoring` have one for each space."""

    def other(self):
        (ref,) = self.plan["evaluation"]["other_extractors"]["digits"]
        return ref, self.data.parent / "reference" / extractor_id(ref) / "extractor.json"

    def _arguments(self, name):
        calls = super()._arguments(name)
        ref, reference = self.other()
        scoring = reference.parent / "scoring" / "one" / "scoring.json"
        if name == "reference":
            settings = ("--settings", canonical_json(ref), "--data", self.data)
            return [*calls, (*settings, *self.log, "--out", reference)]
        if name == "prepare-scoring":
            return [*calls, (*self.protocol[:-1], reference, *self.log, "--out", scoring)]
        return [("--others", scoring, *call) if name == "evaluate-cell" else call for call in calls]


def test_two_spaces_from_study_to_decisions(tmp_path):
    (tmp_path / "two.yaml").write_text(TWO)
    jobs = TwoSpaces(tmp_path / "two.yaml", tmp_path / "results")
    jobs.again()
    runs, spaces, decisions = (
        pd.read_csv(jobs.folder / "tables" / f"{name}.csv") for name in ("runs", "spaces", "space_decisions")
    )
    assert set(spaces["extractor"]) == {"pixels (digits, 64-d)"}
    assert len(spaces) == len(runs) == 6 * 6
    row = decisions[decisions["metric"] == "frechet"].iloc[0]
    assert row["n_spaces"] == 2
    assert "random_conv: " in row["spaces"] and "; pixels: " in row["spaces"]
    assert "of 2 spaces" in (jobs.folder / "tables" / "space_decisions.md").read_text()
    (line,) = [line for line in compared(read_tables(jobs.folder), "digits").protocol if "Fréchet distance, order" in line]
    assert "1 pair: " in line and "of 2 spaces" in line
    # The scores in the second space equal the scores of a study that has only this space.
    (tmp_path / "one.yaml").write_text(TWO.replace("[{name: random_conv, width: 8}, pixels]", "pixels"))
    alone = Jobs(tmp_path / "one.yaml", tmp_path / "alone")
    alone.again()
    expected = pd.read_csv(alone.folder / "tables" / "runs.csv")
    key = ["cell", "seed", "metric"]
    both = expected.merge(spaces, on=key)
    assert len(both) == len(expected)
    pd.testing.assert_series_equal(both["value_x"], both["value_y"], check_names=False)
    assert not (alone.folder / "tables" / "space_decisions.csv").exists()
    features = read_json(jobs.folder / "manifest.json")["results"]["features"]
    assert {name.split("/")[-1].split("-")[0] for name in features} == {"random_conv", "pixels"}
    assert main(["verify", str(jobs.folder), "--sample", "1"]) == 0, "a run made again is scored in both spaces"


def test_the_workflow_asks_for_the_scoring_of_each_space(tmp_path):
    (tmp_path / "two.yaml").write_text(TWO)
    study = Lookups({"study": str(tmp_path / "two.yaml"), "results": "results", "data_dir": "", "device": "cpu"})
    assert len(study.extractors) == 2
    cell = study.json["cells"][0]
    wildcards = type("Wildcards", (), {"dataset": cell["dataset"], "cell": cell["id"], "chunk": "0"})
    (other,) = study.other_scorings(wildcards)
    assert "/reference/pixels-" in other and Path(other).parts[-3:] == Path(study.scoring(wildcards)).parts[-3:]
    assert "/reference/random_conv-" in study.scoring(wildcards)


def test_spaces_are_each_named_once_and_equal_ones_are_one(tmp_path):
    for text in ("[]", "[pixels, pixels]", "[[pixels]]"):
        with pytest.raises(UserError, match=r"evaluation.extractor.*is not a list of different features"):
            parse_study(TWO.replace("[{name: random_conv, width: 8}, pixels]", text), "two")
    same = expand(parse_study(TWO.replace("[{name: random_conv, width: 8}, pixels]", "[auto, classifier]"), "two"))
    assert "other_extractors" not in same.evaluation
    assert same.evaluation["extractor"]["digits"]["name"] == "classifier"
