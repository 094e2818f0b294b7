"""Fabricated studies and their pages; each is made once for all tests of the report."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kinds import KINDS, SHOWN

from gan_bench.report.draw import draw_figure
from gan_bench.report.page import render


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that returns the folder of a study of a given kind. A test that changes this folder must copy it."""
    made: dict[str, Path] = {}

    def study(kind: str) -> Path:
        if kind not in made:
            with pytest.MonkeyPatch.context() as patch:
                made[kind] = KINDS[kind](tmp_path_factory.mktemp("studies") / kind, patch)
        return made[kind]

    return study


@pytest.fixture(scope="session")
def pages(studies: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that returns the folder of a study of a given kind. It has figures and the page, but no runs."""
    made: dict[str, Path] = {}

    def page(kind: str) -> Path:
        if kind not in made:
            folder = tmp_path_factory.mktemp("pages") / "study"
            shutil.copytree(studies(kind), folder, ignore=shutil.ignore_patterns("runs", "figures"))
            # Studies with many panels get only one figure, and all figures have a low resolution, to save time. Other
            # tests check the content of figures.
            figures = [{"name": "metric_by_variant"}] if kind in ("large", "wide", "sweep") else SHOWN
            for ref in figures:
                draw_figure(folder, {**ref, "dpi": 50})
            render(folder, figures)
            made[kind] = folder
        return made[kind]

    return page
