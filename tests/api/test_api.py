"""`import gan_bench as gb` is fast, has the names and defaults of the command line, and prints results readably."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import gan_bench as gb
from gan_bench.api import logs, runs, samples, studies
from gan_bench.cli import main
from gan_bench.cli.entry import GROUPS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "pandas", "torch", "scipy", "pydantic", "matplotlib")
SHORT = {
    "preset": "gan",
    "dataset": "digits",
    "model": {"name": "mlp", "g_widths": [8, 16], "d_widths": [8]},
    "budget": {"g_steps": 12},
    "snapshots": 2,
    "seed": 3,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return gb.train(SHORT, tmp_path_factory.mktemp("run"))


def test_the_import_loads_no_library_and_names_ten_things():
    code = f"import sys, gan_bench as gb; print([n for n in {HEAVY} if n in sys.modules], gb.train, *gb._NAMES)"
    code += "; import gan_bench.train; print(callable(gb.train), 'torch' in sys.modules)"
    first, second = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert first.startswith("[]")
    assert first.endswith("load train sample evaluate compare detect Watch check run UserError")
    assert second == "True False"
    assert set(gb._NAMES) <= set(dir(gb))
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        gb.trian  # noqa: B018


#: Function -> (command, arguments that only the function or only the command has). Comments give the reasons.
FUNCTIONS = {
    runs.train: ("train", {"on_progress"}),  # the command prints its progress
    runs.sample: ("sample", set()),
    samples.evaluate: ("evaluate", {"pixels"}),  # arrays may hold floats, picture files only uint8
    samples.compare: ("compare", {"pixels", "out"}),  # the command always writes files
    logs.detect: ("detect", {"d_loss", "g_loss", "json", "plot", "signals"}),  # columns in memory; ways of output
    studies.check: ("check", {"cores"}),  # in Python, None means all cores
    studies.run: ("run", {"cores", "config", "more"}),
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_function_has_the_arguments_and_defaults_of_its_command(function):
    command, apart = FUNCTIONS[function]
    _, arguments = next(group.commands[command] for group in GROUPS if command in group.commands)
    flags = {
        (options.get("dest") or flags[0].strip("-").replace("-", "_")): (
            False if options.get("action") == "store_true" else options.get("default")
        )
        for flags, options in arguments
    }
    flags["run" if command == "sample" else "run_dir"] = flags.pop("run_dir", None)
    parameters = {
        name: None if parameter.default is inspect.Parameter.empty else parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
    }
    known = set(flags) & set(parameters) - apart
    assert (set(flags) | set(parameters)) - apart - {"run_dir"} == known
    assert {name: flags[name] for name in known} == {name: parameters[name] for name in known}


def test_train_takes_the_short_form_and_the_command_does_too(run, tmp_path):
    assert "ok, 12 generator steps" in repr(run) and len(run.history) > 3
    (tmp_path / "short.json").write_text(json.dumps(SHORT))
    assert main(["train", "--settings", str(tmp_path / "short.json"), "--out", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run" / "history.parquet").read_bytes() == (run.folder / "history.parquet").read_bytes()
    assert gb.train(SHORT, run.folder).status == run.status
    with pytest.raises(gb.UserError, match=r"a finished run with other settings .*seed is 3, not 7"):
        gb.train({**SHORT, "seed": 7}, run.folder)
    for wrong, text in (
        ({"budgets": 1}, "unknown key 'budgets'; did you mean 'budget'"),
        ({"loss": ["hinge", "minimax"]}, "describe 2 runs"),
    ):
        with pytest.raises(gb.UserError, match=text):
            gb.train({**SHORT, **wrong}, tmp_path / "other")
    for short, text in (({"dataset": "digits"}, "budget is missing"), ({"datset": "digits"}, "did you mean 'dataset'")):
        with pytest.raises(gb.UserError, match=text):
            gb.train({"preset": "gan", **short}, tmp_path / "other")


def test_the_script_of_the_docs_runs(tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(), re.DOTALL)
    script = blocks[0].replace('"dcgan"', '"gan"').replace('"g_steps": 300', '"g_steps": 12')
    assert len(script.splitlines()) <= 30
    monkeypatch.chdir(tmp_path)
    exec(script, {})
    assert "run my_run: ok, 12 generator steps" in capsys.readouterr().out
    assert Path("samples.png").is_file() and Path("verdict.png").is_file()


def test_sample_gives_arrays_and_pictures(run, tmp_path):
    drawn = gb.sample(run, 5, seed=1, out=tmp_path / "s.npy")
    assert np.array_equal(np.load(tmp_path / "s.npy"), np.asarray(drawn)) and drawn.shape == (5, 1, 8, 8)
    assert "image/png" in drawn._repr_mimebundle_() and "image/png" in run._repr_mimebundle_()
    assert gb.evaluate(np.asarray(run.sample(40)), np.asarray(drawn), metrics="frechet", n=5)["frechet"] > 0
    with pytest.raises(gb.UserError, match="--step is 'best'"):
        gb.sample(run, step="best")
    gb.sample(run, 3, folder=tmp_path / "pictures")
    assert sorted(file.name for file in (tmp_path / "pictures").iterdir()) == ["00000.png", "00001.png", "00002.png"]
    with pytest.raises(gb.UserError, match="which is not empty; give a new or an empty folder"):
        gb.sample(run, 3, folder=tmp_path / "pictures")


def test_evaluate_scores_arrays_tensors_and_files_alike(tmp_path):
    rng = np.random.default_rng(0)
    real, fake = (rng.standard_normal((60, 4)).astype(np.float32) for _ in range(2))
    np.save(tmp_path / "real.npy", real)
    scores = gb.evaluate(tmp_path / "real.npy", fake, metrics="frechet")
    assert gb.evaluate(real, torch.from_numpy(fake), metrics=["frechet"])["frechet"] == scores["frechet"]
    assert scores.document["protocol"]["fake"] == "fake" and "frechet" in scores.frame.index
    assert "frechet" in str(scores) and "<pre>" in scores._repr_html_()
    images = rng.random((20, 8, 8, 3))
    for wrong, text in ((images, r"transpose\(0, 3, 1, 2\)"), (images.transpose(0, 3, 1, 2), r"pixels=\(-1, 1\)")):
        with pytest.raises(gb.UserError, match=text):
            gb.evaluate(wrong, wrong)
    given = samples.given(images.transpose(0, 3, 1, 2), "fake", (0, 1))
    assert given.array.dtype == np.uint8 and given.array.max() > 250
    with pytest.raises(gb.UserError, match="outside pixels"):
        samples.given(images.transpose(0, 3, 1, 2) * 3, "fake", (0, 1))


def test_compare_takes_models_by_name(tmp_path):
    rng = np.random.default_rng(0)
    real, near, far = (rng.standard_normal((40, 3)) + shift for shift in (0, 0.1, 3))
    result = gb.compare({"near": near, "far": far}, real, metrics="frechet", replicates=20, out=tmp_path / "out")
    assert result.frame.set_index("model")["top"].to_dict() == {"near": True, "far": False}
    assert "near is the best" in str(result) and "near is the best" in (tmp_path / "out" / "comparison.md").read_text()
    assert result.picture.image.size[0] > 100


def test_check_prints_what_the_command_prints(tmp_path, capsys):
    study = tmp_path / "tiny.yaml"
    study.write_text("datasets: [digits]\nvariants: [gan]\nseeds: 1\nbudget: {g_steps: 5}\n")
    checked = gb.check(study, static=True)
    assert main(["check", str(study), "--static"]) == 0
    assert capsys.readouterr().out == f"{checked}\n" and len(checked.plan.cells) == 1
    with pytest.raises(gb.UserError, match="no such study file"):
        gb.check(tmp_path / "none.yaml")


def test_load_names_the_studies_that_there_are(tmp_path):
    with pytest.raises(gb.UserError, match=r"unknown study 'demo'.*Valid: none"):
        gb.load("demo", tmp_path)


def test_load_has_frames_and_pictures(fabricated):
    results = gb.load(fabricated)
    assert isinstance(results.runs, pd.DataFrame) and len(results.comparison) and len(results.verdicts)
    assert {"step", "d_loss"} <= set(results.histories) and len(results.table("pairwise")) >= 0
    assert "1 run (1 ok)" in repr(results) and "<table" in results._repr_html_()
    assert all("/seed" in name for name in results.pictures)
    with pytest.raises(gb.UserError, match="unknown table"):
        results.table("none")
    with pytest.raises(KeyError, match="unknown picture"):
        results.pictures["none"]
