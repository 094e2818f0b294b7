"""After a change, only the jobs that depend on it run again, as dry runs of Snakemake show."""

import re
import shutil

import pytest
from workflow_tree import gan_bench

pytestmark = pytest.mark.workflow


def rules(jobs: list[str]) -> list[str]:
    return [job.split()[0] for job in jobs]


def test_a_second_call_has_nothing_to_do(done):
    assert done.planned() == []


def test_a_new_seed_trains_that_seed_and_no_other(done, tmp_path):
    with done.edited("config/studies/demo.yaml", "seeds: 2", "seeds: 3"):
        jobs = done.planned()
    # One chunk of each cell runs again. It takes finished seeds from the store, as the next test shows.
    assert rules(jobs).count("train") == 2 and "prepare_data" not in rules(jobs)


def test_a_job_that_runs_again_takes_finished_seeds_from_the_store(done, tmp_path):
    tree = type(done)(tmp_path / "checkout")
    shutil.copytree(done.folder, tree.folder)
    with tree.edited("config/studies/demo.yaml", "seeds: 2", "seeds: 3"):
        run = tree.snakemake("--cores", "1")
    lines = [line for line in (run.stdout + run.stderr).splitlines() if " seed " in line and "steps in" in line]
    kept = [line for line in (run.stdout + run.stderr).splitlines() if line.endswith("from the store")]
    assert len(lines) == 2 and all(" seed 2: ok, 40 steps" in line for line in lines)
    assert len(kept) == 4
    old, new = done.texts("demo/runs/**/history.parquet"), tree.texts("demo/runs/**/history.parquet")
    assert len(new) == 6 and all(new[name] == content for name, content in old.items())


def test_a_new_loss_setting_touches_its_cell_only(done):
    with done.edited("config/studies/demo.yaml", "lr: 0.05", "lr: 0.1"):
        jobs = done.planned()
    assert rules(jobs).count("train") == 1
    assert all("least_squares-sgd" in job for job in jobs if job.startswith(("train", "evaluate", "detect")))


def test_dpi_draws_one_figure(done):
    with done.edited("config/studies/demo.yaml", "dpi: 60", "dpi: 61"):
        jobs = done.planned()
    assert jobs == ["figure results/demo/figures/metric_by_variant.svg", "page results/demo/report.html"]


def test_reordered_yaml_changes_nothing(done):
    text = done.study.read_text()
    lines = text.splitlines(keepends=True)
    reordered = text.replace(
        "{name: mlp, g_widths: [16, 32], d_widths: [16]}", "{d_widths: [16], g_widths: [16, 32], name: mlp}"
    )
    reordered = "".join([lines[0], *lines[11:], *reordered.splitlines(keepends=True)[1:11]])
    assert sorted(reordered) != sorted(text) or reordered != text
    with done.edited("config/studies/demo.yaml", text, reordered):
        assert done.planned() == []


def test_an_edited_loss_file_retrains_its_users_only(done):
    with done.edited("gan_bench/losses/least_squares.py", "FACTS", "ADDED = 1\nFACTS"):
        jobs = done.planned()
    assert rules(jobs).count("train") == 1
    assert all("least_squares-sgd" in job for job in jobs if job.startswith(("train", "evaluate", "detect")))


@pytest.mark.parametrize(
    ("name", "added"),
    [
        ("gan_bench/losses/least_squares.py", "# a comment"),
        ("gan_bench/losses/wasserstein.py", "ADDED = 1"),
        ("gan_bench/cli/job.py", "ADDED = 1"),
        ("README.md", "A sentence."),
    ],
)
def test_an_edit_that_decides_no_number_reruns_nothing(done, name, added):
    text = (done.folder / name).read_text()
    with done.edited(name, text, f"{text}\n{added}\n"):
        assert done.planned() == []


def test_a_new_summary_of_a_loss_writes_the_page_alone(done):
    with done.edited("gan_bench/losses/least_squares.py", '"""Least', '"""Improved: least'):
        assert rules(done.planned()) == ["page"]


def test_an_edited_figure_retrains_nothing(done):
    name = "gan_bench/report/figures/loss_curves.py"
    text = (done.folder / name).read_text()
    with done.edited(name, text, text + "\nADDED = 1\n"):
        assert rules(done.planned()) == ["figure", "page"]


def test_an_edited_metric_scores_again_but_trains_nothing(done):
    name = "gan_bench/metrics/one_nn.py"
    text = (done.folder / name).read_text()
    with done.edited(name, text, text + "\nADDED = 1\n"):
        jobs = rules(done.planned())
    assert "train" not in jobs and jobs.count("evaluate") == 2


def test_another_place_of_the_same_data_reruns_nothing(done, tmp_path):
    assert done.planned("--config", f"data_dir={tmp_path}") == []


def test_plan_counts_the_steps_of_a_dry_run_and_says_why(done):
    """The study is edited in two ways at once: a cell has other settings, and there are more seeds."""
    edits = ("lr: 0.05}\nseeds: 2", "lr: 0.1}\nseeds: 3")
    with done.edited("config/studies/demo.yaml", *edits):
        jobs, (code, text) = done.planned(), gan_bench(done, "plan", "demo", "--cores", "2")
    assert code == 0, text
    assert text.startswith("study demo: 6 runs: 4 to train (about "), text
    assert ", 2 from the store\n" in text
    assert "    optimizer.lr 0.05 -> 0.1 in 1 cell\n" in text and "    seed 2 added in 1 cell\n" in text
    assert sum(int(count) for count in re.findall(r"^  \w+ +(\d+) step", text, re.MULTILINE)) == len(jobs)


def test_plan_names_the_edited_file(done):
    """`gan-bench plan` compares the code with notes that the last run of the workflow stored when it started."""
    text = (done.folder / "gan_bench/losses/least_squares.py").read_text()
    with done.edited("gan_bench/losses/least_squares.py", text, f"{text}\nADDED = 1\n"):
        _code, said = gan_bench(done, "plan", "demo", "--cores", "2")
    assert "    losses/least_squares.py changed in 1 cell\n" in said, said
