"""Former names of metrics are accepted and replaced by the current names. On the command line, a message says so."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from gan_bench.config.grammar.reference import resolve
from gan_bench.former_names import FORMER
from gan_bench.registry import component, components
from gan_bench.stats.tables.comparison import display_name
from gan_bench.stats.write.table_files import read_csv
from gan_bench.verify.compare import _scores


def test_no_current_name_is_a_former_one():
    names = {c.name for c in components("metrics")} | {v for c in components("metrics") for v in c.facts["values"]}
    assert not names & set(FORMER) and set(FORMER.values()) <= names


def test_a_former_name_on_the_command_line_is_read_with_a_sentence(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=(50, 3)))
    command = [sys.executable, "-m", "gan_bench.cli", "evaluate", "--real", str(tmp_path / "a.npy")]
    command += ["--fake", str(tmp_path / "a.npy"), "--out", str(tmp_path / "m.json"), "--metrics", "fid,one_nn,fid"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stderr.count("metric 'fid' is now called 'frechet'") == 1
    rows = json.loads((tmp_path / "m.json").read_text())["metrics"]
    assert rows[0]["name"] == "frechet"


def test_former_names_in_a_study_are_read():
    assert resolve("metrics", "fid") == resolve("metrics", "frechet")
    assert component("metrics", "fid_infinity").name == "frechet_infinity"


def test_stored_files_are_read_under_current_names(tmp_path: Path):
    (tmp_path / "runs.csv").write_text("metric,value\nfid,1.5\nfid_infinity,1.0\nkid,2.0\n")
    assert list(read_csv(tmp_path / "runs.csv")["metric"]) == ["frechet", "frechet_infinity", "kid"]
    (tmp_path / "metrics.json").write_text(json.dumps({"metrics": [{"name": "fid", "value": 2.0}]}))
    assert _scores(tmp_path) == {"frechet": 2.0}


def test_fid_is_the_distance_in_inception_alone():
    assert display_name("Fréchet distance", "inception (2015-12-05)") == "FID (inception)"
    assert display_name("FID", "random_conv (x, 128-d)") == "Fréchet distance (random_conv)"
