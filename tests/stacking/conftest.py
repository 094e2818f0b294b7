"""Fixtures: tiny runs, and a tiny cell (runs that differ only in the seed)."""

from pathlib import Path
from typing import Any

import pytest
from tiny_runs import blobs, data, fresh, needy_loss, played, settings

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import prepare

__all__ = ["blobs", "data", "fresh", "needy_loss", "played", "settings"]

STUDY = """
datasets: [digits]
variants: [{model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: non_saturating, optimizer: adam}]
seeds: 3
budget: {g_steps: 4}
snapshots: 2
"""


@pytest.fixture(scope="session")
def small_cell(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Settings of a cell of four steps, and the folder of its data."""
    plan = expand(parse_study(STUDY, "small")).to_json()
    folder = tmp_path_factory.mktemp("digits")
    prepare(plan["datasets"]["digits"]["ref"], folder)
    return plan["cells"][0]["settings"], folder
