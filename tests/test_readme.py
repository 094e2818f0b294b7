"""Each command of README.md and docs/running.md runs as written, and the table of README.md is the stored one."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from workflow_tree import ROOT, SHARED, Tree, environment

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> list[str]:
    """Lines of the shell blocks of README and docs/running.md, comments cut off."""
    text = README + (ROOT / "docs" / "running.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line).strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def test_the_table_is_the_stored_one():
    spec = importlib.util.spec_from_file_location("readme_table", ROOT / "benchmarks" / "readme_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table = module.table(module.STORED.read_text())
    assert table.count("|") > 50 and module.replaced(README, table) == README


def test_the_front_page_is_short():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_every_document_is_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"]({page.name})" in index, page.name


@pytest.fixture(scope="module")
def tree(done, tmp_path_factory):
    """The finished small study as a checkout whose environment is this one, with what the commands name."""
    tree = Tree(tmp_path_factory.mktemp("readme") / "checkout")
    shutil.copytree(done.folder, tree.folder)
    binaries = tree.folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python", "snakemake", "gan-bench"):
        (binaries / name).symlink_to(Path(sys.executable).parent / name)
    # Python finds its packages by the pyvenv.cfg beside the folder that it was called in.
    for name in ("lib", "pyvenv.cfg"):
        (tree.folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (tree.folder / ".venv" / "ready").touch()
    (tree.folder / "my_pictures_test.py").write_text("def test_nothing():\n    pass\n")
    _small_studies(tree)
    run = next((tree.results / "demo" / "runs").glob("*/*/seed0"))
    (tree.folder / "RUN").symlink_to(run)
    rng = np.random.default_rng(0)
    for name in ("real", "fake", "train"):
        np.save(tree.folder / f"{name}.npy", rng.standard_normal((200, 4)).astype(np.float32))
    steps = np.arange(1, 121)
    history = pd.DataFrame({"step": steps, "d_loss": 1.3 + 0.01 * np.sin(steps), "g_loss": 0.7 + 0.01 * np.cos(steps)})
    history.to_csv(tree.folder / "LOG", index=False)
    return tree


def _small_studies(tree: Tree) -> None:
    """The pages' studies on a few pictures and steps."""
    pictures = tree.folder / "DATA" / "sunflowers"
    pictures.mkdir(parents=True)
    images = np.load(next((tree.results / "data").glob("digits-*")) / "images.npy", mmap_mode="r")
    for number in range(24):
        Image.fromarray(np.array(images[number, 0])).save(pictures / f"{number}.png")
    folder = tree.folder / "config" / "studies"
    text = (folder / "my_folder.yaml").read_text()
    text = re.sub(r"^budget: .*", "budget: {g_steps: 2}", text, flags=re.MULTILINE)
    text = re.sub(r"size: 64", "size: 8", re.sub(r"width: 16", "width: 2", text))
    # Every figure at its default is drawn for mnist_quick.
    text = re.sub(r"loss: \[(\w+), .*\]", r"loss: \1", text) + "\nfigures: [metric_by_variant]\n"
    (folder / "my_folder.yaml").write_text(text)


@pytest.mark.workflow
@pytest.mark.parametrize("command", commands())
def test_every_command_runs_as_written(tree, command, tmp_path):
    if "mnist_quick" in command:
        _with_small_mnist(tree)
    variables = {**environment(), "PATH": f"{tree.folder}/.venv/bin:{environment()['PATH']}"}
    if command == "make test":
        # The suite that runs this test must not run itself: one test stands in for it.
        variables["PYTEST_ADDOPTS"] = "my_pictures_test.py -c /dev/null --rootdir=. -p no:cacheprovider"
    if "--profile" in command:
        variables["PATH"] = f"{_batch_system(tree)}:{variables['PATH']}"
    run = subprocess.run(
        ["bash", "-c", command], cwd=tree.folder, env=variables, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    if "--profile" in command:
        submitted = (tree.folder / "batch" / "log").read_text()
        assert "gan-bench-chunk_detect_collapse_evaluate" in submitted and "--mem=3000" in submitted


def _with_small_mnist(tree: Tree) -> None:
    """Real MNIST where it is, in a study of a few hundred images."""
    if not (SHARED / "mnist").is_dir():
        pytest.skip(f"real data folder {SHARED} is absent (set GAN_BENCH_SHARED_DATA to point at one)")
    if not (tree.folder / "DATA" / "mnist").exists():
        (tree.folder / "DATA" / "mnist").symlink_to(SHARED / "mnist")
    file = tree.folder / "config" / "studies" / "mnist_quick.yaml"
    text = file.read_text().replace("datasets: [mnist]", "datasets: [{name: mnist, n_train: 300, n_test: 200}]")
    text = re.sub(r"^budget: .*", "budget: {g_steps: 2}", text.replace("width: 32", "width: 4"), flags=re.MULTILINE)
    text = text.replace("n_samples: 2000", "n_samples: 100\n  extractor: {name: classifier, epochs: 1}")
    text = re.sub(r"loss: \[(\w+), .*\]", r"loss: \1", text)
    file.write_text(text.replace("seeds: 2", "seeds: 1"))


def _batch_system(tree: Tree) -> Path:
    """A folder with Slurm's commands as the profile calls them: `sbatch` runs a job at once on this machine."""
    folder = tree.folder / "batch"
    folder.mkdir(exist_ok=True)
    (folder / "sbatch").write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/log\nfor script; do :; done\nsh "$script" >&2\necho 1\n'
    )
    (folder / "scancel").write_text("#!/bin/sh\n")
    (folder / "squeue").write_text("#!/bin/sh\necho 1 COMPLETED None\n")
    for name in ("sbatch", "scancel", "squeue"):
        (folder / name).chmod(0o755)
    # Something to submit: the scores of one cell, and what was made of them, are asked again.
    next(tree.results.glob("demo/runs/*/*/chunk0.evaluate.json")).unlink()
    (tree.results / "demo" / "tables" / "runs.csv").unlink()
    (tree.results / "demo" / "report.html").unlink()
    return folder
