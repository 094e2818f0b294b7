"""In an empty folder, the workflow makes all files of a study up to the report."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from workflow_tree import ROOT, environment

from gan_bench.paths import REPEATABLE_FILES

pytestmark = pytest.mark.workflow


def read(file):
    """Rows of a CSV file as dictionaries of text."""
    return list(csv.DictReader(file.read_text().splitlines()))


def test_every_run_of_the_plan_has_one_row_for_each_metric(done):
    rows = read(done.results / "demo/tables/runs.csv")
    keys = [(r["dataset"], r["cell"], r["seed"], r["metric"]) for r in rows]
    assert len(keys) == len(set(keys))
    plan = json.loads((done.results / "demo/plan.json").read_text())
    runs = {(c["dataset"], c["id"], str(seed)) for c in plan["cells"] for seed in c["seeds"]}
    metrics = {key[3] for key in keys}
    assert {"frechet", "inception_score", "one_nn", "one_nn_real", "one_nn_fake"} <= metrics
    assert set(keys) == {(*run, metric) for run in runs for metric in metrics}
    assert {r["status"] for r in rows} == {"ok"} and all(float(r["value"]) >= 0 for r in rows if r["metric"] == "frechet")


@pytest.mark.slow
def test_one_core_and_two_cores_give_the_same_bytes(done, fresh):
    fresh.snakemake("--cores", "1")
    for pattern in (
        *(f"demo/runs/**/{name}" for name in (*REPEATABLE_FILES, "metrics.json", "collapse.json", "chunk*.json")),
        "demo/tables/*",
        "demo/figures/*",
        "data/**/*.npy",
        "data/**/*.safetensors",
    ):
        ours, theirs = done.texts(pattern), fresh.texts(pattern)
        assert ours and ours.keys() == theirs.keys(), pattern
        assert [name for name in ours if ours[name] != theirs[name]] == [], pattern


def test_figures_are_redrawn_with_checkpoints_and_samples_gone(done, tmp_path):
    tree = type(done)(tmp_path / "checkout")
    shutil.copytree(done.folder, tree.folder)
    before = {**tree.texts("demo/tables/*"), **tree.texts("demo/figures/*"), **tree.texts("demo/report.html")}
    for pattern in ("generator.safetensors", "samples.png", "progress.gif"):
        for file in tree.results.rglob(pattern):
            file.unlink()
    for name in ("store", "data"):
        shutil.rmtree(tree.results / name)
    for name in ("demo/tables", "demo/figures"):
        for file in (tree.results / name).iterdir():
            if file.name not in ("media.parquet", "real_images.parquet"):
                file.unlink()
    run = tree.snakemake("--cores", "1", "figures")
    assert "rule train" not in run.stdout + run.stderr
    after = {**tree.texts("demo/tables/*"), **tree.texts("demo/figures/*"), **tree.texts("demo/report.html")}
    assert after == before


def test_figures_without_any_results_say_so(fresh):
    run = fresh.snakemake("--cores", "1", "figures", check=False)
    assert run.returncode != 0
    assert "results/demo" in run.stdout + run.stderr and "Traceback" not in run.stdout + run.stderr


def test_a_dry_run_does_not_import_torch(fresh):
    code = (
        "import sys; from snakemake.cli import main\n"
        "try: main(['--cores', '2', '-n'])\nexcept SystemExit as e: print('exit', e.code)\n"
        "print('torch' in sys.modules, 'gan_bench.dag' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=fresh.folder, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-2:] == ["exit 0", "False True"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["study=dmeo"], "demo"),
        (["stduy=demo"], "did you mean 'study'"),
        (["device=tpu"], "valid: cpu, cuda"),
    ],
)
def test_a_mistake_in_the_configuration_is_one_sentence(fresh, arguments, words):
    run = fresh.snakemake("--cores", "1", "-n", "--config", *arguments, check=False)
    text = run.stdout + run.stderr
    assert run.returncode == 2 and words in text and "Traceback" not in text


def test_the_snakemake_report_is_written(done, tmp_path):
    done.snakemake("--cores", "1", "--report", str(tmp_path / "report.html"))
    assert "loss_curves" in (tmp_path / "report.html").read_text()


def test_a_diverged_run_is_a_result(fresh):
    text = fresh.study.read_text().replace("lr: 0.05", "lr: 1.0e+9")
    fresh.study.write_text(text)
    fresh.snakemake("--cores", "2", "results/demo/tables/comparison.csv")
    rows = read(fresh.results / "demo/tables/runs.csv")
    diverged = [r for r in rows if r["loss"] == "least_squares"]
    assert {r["status"] for r in diverged} == {"diverged"} and {r["value"] for r in diverged} == {""}
    assert all(int(r["diverged_step"]) >= 1 for r in diverged)
    comparison = read(fresh.results / "demo/tables/comparison.csv")
    lost = [r for r in comparison if "-least_squares-" in r["cell"] and r["metric"] == "frechet"]
    assert [(r["n_asked"], r["n_ok"], r["n_diverged"]) for r in lost] == [("2", "0", "2")]


@pytest.mark.slow
def test_a_component_in_one_new_file_is_listed_checked_tested_and_trained(fresh):
    source = (fresh.folder / "gan_bench/losses/non_saturating.py").read_text()
    (fresh.folder / "gan_bench/losses/dummy.py").write_text(source)
    fresh.study.write_text(fresh.study.read_text().replace("loss: least_squares", "loss: dummy"))
    for name in ("conftest.py", "tiny_runs.py", "workflow_tree.py", "losses", "train"):
        copy = shutil.copytree if (ROOT / "tests" / name).is_dir() else shutil.copy2
        (fresh.folder / "tests").mkdir(exist_ok=True)
        copy(ROOT / "tests" / name, fresh.folder / "tests" / name)

    def python(*arguments: str) -> str:
        command = [sys.executable, "-m", *arguments]
        run = subprocess.run(
            command, cwd=fresh.folder, env=environment(), capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    assert "dummy" in python("gan_bench.cli", "list", "losses")
    assert "2 cells" in python("gan_bench.cli", "check", "demo")
    tested = python("pytest", "-v", "tests/losses", "tests/train/test_step.py", "-k", "dummy")
    assert "test_step.py" in tested and "test_losses.py" in tested
    fresh.snakemake("--cores", "2", "all", "--until", "train")
    (run,) = fresh.results.glob("demo/runs/digits/mlp-dummy-sgd-*/seed0/status.json")
    assert json.loads(run.read_text())["status"] == "ok"


def test_an_interrupted_study_goes_on_and_keeps_what_was_finished(fresh):
    """Ctrl-C stops the study after the first finished seed. The same command then trains only the other seeds."""
    text = fresh.study.read_text().replace("{g_steps: 40}", "{g_steps: 1500}")
    fresh.study.write_text(text[: text.index("  - model", text.index("non_saturating"))] + text[text.index("seeds:") :])
    target = "results/demo/tables/runs.csv"
    command = [sys.executable, "-m", "snakemake", "--cores", "1", target]
    with subprocess.Popen(
        command,
        cwd=fresh.folder,
        # Seeds train one by one. In a stack, both would finish before the first line is printed.
        env=environment() | {"GAN_BENCH_STACKING": "never"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Background jobs of a shell ignore SIGINT, and their child processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads here)
    ) as process:
        for line in process.stdout:
            if "seed 0: ok" in line:
                os.killpg(process.pid, signal.SIGINT)
        assert process.wait() != 0
    assert not (fresh.folder / target).exists()
    run = fresh.snakemake("--cores", "1", target)
    said = run.stdout + run.stderr
    assert "seed 0: ok, from the store" in said and "seed 1: ok, 1500 steps" in said
    assert len(list((fresh.results / "store").glob("??/*/receipt.json"))) == 2
