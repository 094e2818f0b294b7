"""All tables of a study are written and described. Repeating gives equal bytes and does not import torch."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench import paths
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write import names
from gan_bench.stats.write.table_files import read_csv

MADE = [
    *(
        paths.COMPARISON_TABLE,
        names.COMPARISON_MARKDOWN,
        names.COMPARISON_TEX,
        names.COMPARISON_COLUMN_TEX,
        names.INTERVALS_TABLE,
    ),
    *(names.FAILURES_TABLE, names.RANKS_TABLE, names.FRIEDMAN_TABLE, names.PAIRWISE_TABLE, names.PAIRWISE_MARKDOWN),
    *(names.AXES_TABLE, names.BUDGET_TABLE, names.AGREEMENT_TABLE, names.SELECTION_TABLE, names.PUBLISHED_TABLE),
    *(names.PUBLISHED_MARKDOWN, paths.COLLAPSE_TABLE, names.VERDICT_COUNTS_TABLE),
]
ROOT = Path(__file__).resolve().parents[3]


def test_every_table_is_written_and_declared_by_the_rule_and_described(tables: Path) -> None:
    rule = (ROOT / "workflow/rules/analyse.smk").read_text()
    described = (ROOT / "results/README.md").read_text()
    for name in MADE:
        assert (tables / name).stat().st_size
        assert f'"<results>/<study>/tables/{name}"' in rule, name
        assert f"`{name}`" in described or f"`{Path(name).suffix}`" in described, name


def test_every_column_is_described(tables: Path) -> None:
    described = (ROOT / "results/README.md").read_text()
    for name in MADE:
        if name.endswith(".csv"):
            for column in read_csv(tables / name).columns:
                assert f"`{column}`" in described, f"{name}: {column}"


@pytest.mark.parametrize("threads", ["1", "2"])
def test_stored_tables_give_the_same_bytes_without_torch(tables: Path, threads: str) -> None:
    before = {name: (tables / name).read_bytes() for name in MADE}
    for name in MADE:
        (tables / name).unlink()
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gan_bench.stats.tables.write_tables import write_tables\n"
        "write_tables(Path(sys.argv[1]))\n"
        "assert 'torch' not in sys.modules"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    subprocess.run([sys.executable, "-c", code, str(tables.parent)], check=True, env=environment)
    assert {name: (tables / name).read_bytes() for name in MADE} == before


def _all(status: str, seeds: int) -> dict[tuple[str, str, int], str]:
    return {("digits", name, seed): status for name in ("DCGAN", "LSGAN", "WGAN-GP") for seed in range(seeds)}


@pytest.mark.parametrize(
    "settings",
    [
        {"seeds": (0,), "outcomes": {}},
        {"seeds": (0, 1), "outcomes": {}},
        {"outcomes": _all("diverged", 3)},
        {"outcomes": _all("missing", 3)},
        {"variants": ("DCGAN",), "outcomes": {}},
        {"variants": ("DCGAN",), "seeds": (0,), "outcomes": {}},
        {"variants": ("DCGAN",), "seeds": (0,), "outcomes": {("digits", "DCGAN", 0): "missing"}},
        {"datasets": ("digits", "ring"), "seeds": range(7)},
        {
            "values": {
                ("digits", name, seed, "frechet"): 5.0 for name in ("DCGAN", "LSGAN", "WGAN-GP") for seed in range(3)
            }
        },
        {
            "values": {
                ("digits", name, seed, "frechet"): None for name in ("DCGAN", "LSGAN", "WGAN-GP") for seed in range(3)
            }
        },
        {"metrics": ("frechet",)},
    ],
    ids=[
        *("1 seed", "2 seeds", "all diverged", "none ran", "1 variant", "1 run", "1 missing run", "2 data sets"),
        *("constant", "undefined", "1 metric"),
    ],
)
def test_edges_give_tables_without_infinities_and_words_in_place_of_numbers(tmp_path: Path, settings) -> None:
    fabricate_study(tmp_path, **settings)
    collect(tmp_path, complete=False)
    write_tables(tmp_path)
    for name in MADE:
        text = (tmp_path / "tables" / name).read_text()
        assert text
        if name.endswith(".csv"):
            table = read_csv(tmp_path / "tables" / name)
            numbers = table.select_dtypes("number")
            assert not numbers.isin([float("inf"), float("-inf")]).any(axis=None), name
        else:
            assert "nan" not in text.lower(), name
    for name, number in ((names.FRIEDMAN_TABLE, "p_chi2"), (names.PAIRWISE_TABLE, "p")):
        table = read_csv(tmp_path / "tables" / name)
        assert table["decision"].notna().all() or table.empty
        assert (table[number].notna() | table["decision"].str.contains("cannot be decided|not separated")).all()


def test_every_aggregate_says_how_many_runs_it_rests_on(tables: Path) -> None:
    counts = {
        paths.COMPARISON_TABLE: "n_scored",
        names.INTERVALS_TABLE: "n_scored",
        names.FAILURES_TABLE: "n_asked",
        names.RANKS_TABLE: "n_blocks",
        names.FRIEDMAN_TABLE: "n_blocks",
        names.PAIRWISE_TABLE: "n_pairs",
        names.AXES_TABLE: "n_runs",
        names.BUDGET_TABLE: "n_runs",
        names.AGREEMENT_TABLE: "n",
        names.SELECTION_TABLE: "n_seeds",
    }
    for name, column in counts.items():
        table = read_csv(tables / name)
        assert len(table) and pd.to_numeric(table[column]).notna().all(), name
