"""The stored tables of a study as figures and page read them: each file once, and nothing but those files."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.stats.collect.plan import read_plan
from gan_bench.stats.collect.run_cards import Cards
from gan_bench.stats.write.names import CURVES_TABLE, METRICS_TABLE, RUN_CARDS, TABLES
from gan_bench.stats.write.table_files import read_csv

#: What a figure may name under "needs", and the file it means, below the study's folder.
NEEDS = {
    "runs": f"{TABLES}/{paths.RUNS_TABLE}",
    "metrics": f"{TABLES}/{METRICS_TABLE}",
    "comparison": f"{TABLES}/{paths.COMPARISON_TABLE}",
    "collapse": f"{TABLES}/{paths.COLLAPSE_TABLE}",
    "histories": f"{TABLES}/{paths.HISTORIES_TABLE}",
    "media": f"{TABLES}/{paths.MEDIA_TABLE}",
    "run_cards": RUN_CARDS,
    "curves": f"{TABLES}/{CURVES_TABLE}",
}

#: Tables that a figure can be drawn without, "wants": it then says in words that there is nothing.
WANTS = {
    name: f"{TABLES}/{name}.csv"
    for name in ("failures", "ranks", "friedman", "axes", "budget", "agreement", "selection", "pairwise")
}

#: What the workflow records of its jobs' time and memory; may be gone.
BENCHMARKS = "benchmarks"
WANTS["benchmarks"] = BENCHMARKS

#: Which way a metric is better -> an arrow, and words.
DIRECTIONS = {
    "lower": ("\N{DOWNWARDS ARROW}", "lower is better"),
    "higher": ("\N{UPWARDS ARROW}", "higher is better"),
    "half": ("\N{RIGHTWARDS ARROW} ½", "one half is best"),
}


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of the plan. `settings` are without seed."""

    dataset: str
    id: str
    variant: str
    seeds: tuple[int, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Tables:
    """A study's plan and tables. Tables are pandas frames with the columns that `gan_bench.stats` writes.

    UserError when a table that is asked for is not there.
    """

    folder: Path

    @functools.cached_property
    def plan(self) -> dict[str, Any]:
        return read_plan(self.folder)

    @functools.cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The plan's cells in its order."""
        return tuple(
            Cell(c["dataset"], c["id"], c["variant"], tuple(c["seeds"]), c["settings"]) for c in self.plan["cells"]
        )

    @property
    def datasets(self) -> list[str]:
        """Labels of the data sets that have cells, in the plan's order."""
        return list(dict.fromkeys(cell.dataset for cell in self.cells))

    def cells_of(self, dataset: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.dataset == dataset]

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """One row per asked run and metric value."""
        return self._csv("runs")

    @functools.cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per metric value: metric, label, direction, low, high, unit, estimator."""
        return self._csv("metrics")

    @functools.cached_property
    def comparison(self) -> pd.DataFrame:
        """One row per data set, metric, and floor or variant."""
        return self._csv("comparison")

    @functools.cached_property
    def collapse(self) -> pd.DataFrame:
        """One row per asked run: status, verdict, leading evidence."""
        return self._csv("collapse")

    @functools.cached_property
    def curves(self) -> pd.DataFrame:
        """One row per run, kept generator and metric value; none where runs kept no generators."""
        return self._csv("curves")

    def wanted(self, name: str) -> pd.DataFrame:
        """One of the tables WANTS; without rows where it is not there."""
        file = self.folder / WANTS[name]
        return read_csv(file) if file.is_file() else pd.DataFrame()

    @functools.cached_property
    def histories(self) -> pd.DataFrame:
        """One row per log point of every run: dataset, cell, variant, seed, step, d_loss, g_loss, ..."""
        return self._parquet("histories")

    @functools.cached_property
    def media(self) -> pd.DataFrame:
        """One row per run that left a status: dataset, cell, seed, and bytes or nothing of each picture."""
        return self._parquet("media")

    @functools.cached_property
    def cards(self) -> Cards:
        """(dataset, cell, seed) -> card of that run: status, settings, status_document, collapse."""
        return Cards(self._file("run_cards"))

    def unit(self, metric: str) -> str:
        """ ", rows": the unit of a metric value as it follows its label, "" where it has none."""
        unit = self.metrics.loc[self.metrics["metric"] == metric, "unit"].iloc[0]
        return "" if pd.isna(unit) or not unit else f", {unit}"

    def card(self, cell: Cell, seed: int) -> dict[str, Any]:
        """The card of one run; of a run that the tables do not know, one with status "missing"."""
        empty = {"status": "missing", "settings": {**cell.settings, "seed": seed}}
        return self.cards.get((cell.dataset, cell.id, seed), empty | {"status_document": None, "collapse": None})

    def histories_of(self, cells: Sequence[Cell], columns: Sequence[str]) -> dict[Cell, pd.DataFrame]:
        """Cell -> these columns of the histories of its seeds, in order of seed and step; no rows where there is none.

        Only the rows of these cells are kept in memory, which may be few of the study's.
        """
        names = ["dataset", "cell", "seed", *columns]
        if len(cells) == len(self.cells):
            table = self.histories[names]
        else:
            table = self._parquet("histories", columns=names, filters=[("cell", "in", [cell.id for cell in cells])])
        own = dict(iter(table.groupby(["dataset", "cell"], sort=False)))
        return {
            cell: own.get((cell.dataset, cell.id), table.iloc[:0]).sort_values(["seed", "step"], kind="stable")
            for cell in cells
        }

    @functools.cached_property
    def _media(self) -> dict[tuple[str, str, int], dict[str, bytes | None]]:
        columns = ["samples_png", "progress_gif", "interpolation_png", "neighbours_png", "modes_json"]
        # A table of an earlier version lacks some of them.
        table = self.media.reindex(columns=["dataset", "cell", "seed", *columns])
        rows = table.itertuples(index=False, name=None)
        return {
            (d, c, int(s)): {
                name: v if isinstance(v, bytes) and v else None for name, v in zip(columns, rest, strict=True)
            }
            for d, c, s, *rest in rows
        }

    def pictures(self, cell: Cell, seed: int) -> tuple[bytes | None, bytes | None]:
        """Bytes of samples.png and progress.gif of one run, None where there is none."""
        return self.picture(cell, seed, "samples_png"), self.picture(cell, seed, "progress_gif")

    def picture(self, cell: Cell, seed: int, column: str) -> bytes | None:
        """Bytes of one of a run's pictures, by the column of the table; None where there is none."""
        return self._media.get((cell.dataset, cell.id, seed), {}).get(column)

    def modes(self, cell: Cell, seed: int) -> dict[str, Any] | None:
        """modes.json of one run: kind, names, real, samples, outside, extractor; None where there is none."""
        content = self.picture(cell, seed, "modes_json")
        return None if content is None else json.loads(content)

    def memory(self, cell: Cell) -> list[float]:
        """Largest resident set in MiB of each training job of a cell, as the workflow recorded it; [] without one."""
        folder = self.folder / BENCHMARKS / "train" / cell.dataset / cell.id
        found = [
            line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()
        ]
        sizes = [json.loads(line).get("max_rss") for line in found if line.strip()]
        return [float(size) for size in sizes if isinstance(size, int | float) and size > 0]

    def _file(self, need: str) -> Path:
        return self.folder / NEEDS[need]

    def _csv(self, need: str) -> pd.DataFrame:
        return read_csv(self._file(need))

    def _parquet(self, need: str, **options: Any) -> pd.DataFrame:
        file = self._file(need)
        try:
            return pd.read_parquet(file, **options)
        except FileNotFoundError:
            raise UserError(f"{file}: no such file; collect the study's runs first.") from None
        except (ValueError, OSError) as error:
            raise UserError(f"{file}: not a readable parquet file: {error}") from None


def read_tables(study_folder: Path | str) -> Tables:
    """The tables of a study's folder; each file is read when first asked for, and once."""
    return Tables(Path(study_folder))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, each by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
