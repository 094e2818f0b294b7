"""The wheel works without a checkout: `gan-bench init` makes a folder in which snakemake runs a study."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from workflow_tree import ROOT, STUDY, environment

from gan_bench import project
from gan_bench.cli import main

#: A workflow that imports the project's workflow as a Snakemake module. Its own rule reads the module's tables.
MODULE = """\
module gan_bench:
    snakefile: "workflow/Snakefile"
    config: {"study": "small.yaml", "results": "results", "data_dir": None, "device": "cpu"}
use rule * from gan_bench as gan_*
rule best:
    default_target: True
    input: "results/small/tables/comparison.csv"
    output: "best.txt"
    shell: "head -n 2 {input} > {output}"
"""
#: The usual small study with one seed instead of two, and with another figure.
SMALL = STUDY.replace("seeds: 2", "seeds: 1").replace("loss_curves, {name: metric_by_variant, dpi: 60}", "status_matrix")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A separate folder with the unpacked content of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in (*project.PARTS, "gan_bench"):
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__", *project.GENERATED))
        else:
            shutil.copy2(path, source / name)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source / name)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", folder, source], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_a_study_runs_in_a_laid_out_folder_as_a_module_and_alone(installed: Path, tmp_path: Path) -> None:
    variables = environment() | {"PYTHONPATH": str(installed)}

    def call(*arguments: str, folder: Path = tmp_path) -> str:
        command = [sys.executable, "-m", *arguments]
        run = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    assert "study demo: valid" in call("gan_bench.cli", "check", "demo", "--static"), "a study is found without a checkout"
    assert "snakemake --cores" in call("gan_bench.cli", "init", "mine")
    mine = tmp_path / "mine"
    (mine / "small.yaml").write_text(SMALL)
    (mine / "own.smk").write_text(MODULE)
    call("snakemake", "--cores", "2", "--quiet", "all", "--snakefile", "own.smk", folder=mine)
    assert (mine / "best.txt").read_text().startswith("study,dataset,")
    call("snakemake", "--cores", "2", "--quiet", "all", "--config", "study=small.yaml", folder=mine)
    assert (mine / "results/small/report.html").stat().st_size > 10_000


def test_the_wheel_has_the_files_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    project.lay_out(tmp_path / "here")
    here, packaged = (
        {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        for folder in (tmp_path / "here", installed / "gan_bench/project_files")
    )
    assert here == packaged
    assert not [name for name in here if name.endswith((".pyc", "schema.json"))]
    code = "from gan_bench.stats.tables.published_numbers import read_published; print(len(read_published()))"
    variables = environment() | {"PYTHONPATH": str(installed)}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, check=True)
    assert int(run.stdout) > 20, "published numbers are found outside of a laid-out folder too"


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config").mkdir()
    assert main(["init", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"gan-bench init: {tmp_path}: has 'config' already; name a new folder.\n"
    assert os.listdir(tmp_path) == ["config"]
