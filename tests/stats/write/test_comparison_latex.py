"""The comparison in LaTeX has the numbers and marks of the Markdown table, and LaTeX compiles it."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from fabricate import fabricate_study

from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.comparison import comparison_table
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.comparison_latex import PAGE, comparison_latex, latex, short_names
from gan_bench.stats.write.table_files import read_csv


def _text(folder: Path) -> str:
    collect(folder, complete=True)
    write_tables(folder)
    return (folder / "tables/comparison.tex").read_text()


def test_the_table_by_hand(study: Path) -> None:
    """DCGAN has fid 10, 11 and 12, LSGAN has one seed, and WGAN-GP has 30, 31 and a diverged run."""
    text = _text(study)
    assert r"DCGAN & $\mathbf{11.0}\ [8.7, 13.8]$ & $\mathbf{0.890}\ [0.863, 0.913]$ &" in text
    assert r"LSGAN & $\mathbf{22.0}$ (1/3) & $\mathbf{0.780}$ (1/3) & 0/3" in text
    assert r"WGAN-GP & $30.5\ [24.8, 37.6]$ (2/3) &" in text and r"\emph{real images} & $0.5$" in text
    assert "200 real images (test split) against 200 generated, features: made-up-classifier." in text
    assert r"\toprule" in text and r"\bottomrule" in text and text.count(r"\begin{table}") == text.count(r"\end{table}")


def test_bold_is_what_it_is_in_markdown(tmp_path: Path) -> None:
    fabricate_study(tmp_path / "few", outcomes={})
    assert r"DCGAN & $\mathbf{11.0}\ [8.7, 13.8]$ &" in _text(tmp_path / "few")
    assert "**11.0 [8.7, 13.8]**" in (tmp_path / "few/tables/comparison.md").read_text()
    fabricate_study(tmp_path / "two", outcomes={}, seeds=(0, 1))
    assert r"\mathbf" not in _text(tmp_path / "two")
    assert "**1" not in (tmp_path / "two/tables/comparison.md").read_text()


def test_names_are_escaped() -> None:
    assert latex(r"a_b & 50 % #1 $x$ {y} ~^\z") == (
        r"a\_b \& 50 \% \#1 \$x\$ \{y\} \textasciitilde{}\textasciicircum{}\textbackslash{}z"
    )
    assert latex("dcgan · adam, N = ∞") == r"dcgan $\cdot$ adam, N = $\infty$"


def test_many_metrics_stand_in_several_tables(tables: Path) -> None:
    inputs = (read_csv(tables / name) for name in ("runs.csv", "calibration.csv", "metrics.csv"))
    text = comparison_latex(comparison_table(*inputs), replace(PAGE, width=230.0))
    assert text.count(r"\begin{table}") == text.count("DCGAN &") == text.count(r"\label{tab:demo-digits-") == 3


def test_nothing_with_a_better_side_is_a_comment(tables: Path) -> None:
    table = read_csv(tables / "comparison.csv").assign(direction="none")
    assert comparison_latex(table).rstrip().endswith("% The plan has no metric that can rank variants.")


def test_every_row_has_every_column_and_braces_are_closed(study: Path) -> None:
    text = _text(study)
    for table in text.split(r"\begin{table}")[1:]:
        columns = table.split(r"\begin{tabular}{@{}")[1].split("@")[0].count("r") + 1
        rows = [line for line in table.splitlines() if line.endswith(r"\\")]
        assert len(rows) == 5 and {line.replace(r"\&", "").count("&") for line in rows} == {columns - 1}
    plain = text.replace(r"\{", "").replace(r"\}", "")
    assert plain.count("{") == plain.count("}") and plain.replace(r"\$", "").count("$") % 2 == 0


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(("file", "width"), [("comparison.tex", 345), ("comparison_column.tex", 234)])
def test_latex_reads_it(study: Path, tmp_path: Path, file: str, width: int) -> None:
    _text(study)
    body = (study / "tables" / file).read_text()
    (tmp_path / "paper.tex").write_text(
        rf"\documentclass{{article}}\usepackage[utf8]{{inputenc}}\usepackage[T1]{{fontenc}}\usepackage{{booktabs}}"
        rf"\textwidth={width}pt\begin{{document}}{body}\end{{document}}"
    )
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    # "Overfull" in the log would mean a table that is wider than the text.
    assert b"Overfull" not in run.stdout


def test_names_are_short() -> None:
    names = short_names(["dcgan · hinge · adam", "dcgan · wasserstein · adam"])
    assert list(names.values()) == ["hinge", "wasserstein"]
    assert short_names(["one"]) == {"one": "one"} and short_names(["a · b", "b · a"]) == {
        "a · b": "a · b",
        "b · a": "b · a",
    }
