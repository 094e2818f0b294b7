"""The stored tables of a study as figures and page read them: each file once, and nothing but those files."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.stats.names import METRICS_TABLE, RUN_CARDS, TABLES
from gan_bench.stats.plan import read_plan
from gan_bench.stats.table_files import read_csv

#: What a figure may name under "needs", and the file it means, below the study's folder.
NEEDS = {
    "runs": f"{TABLES}/{paths.RUNS_TABLE}",
    "metrics": f"{TABLES}/{METRICS_TABLE}",
    "comparison": f"{TABLES}/{paths.COMPARISON_TABLE}",
    "collapse": f"{TABLES}/{paths.COLLAPSE_TABLE}",
    "histories": f"{TABLES}/{paths.HISTORIES_TABLE}",
    "media": f"{TABLES}/{paths.MEDIA_TABLE}",
    "run_cards": RUN_CARDS,
}

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
    def histories(self) -> pd.DataFrame:
        """One row per log point of every run: dataset, cell, variant, seed, step, d_loss, g_loss, ..."""
        return self._parquet("histories")

    @functools.cached_property
    def media(self) -> pd.DataFrame:
        """One row per run that left a status: dataset, cell, seed, samples_png, progress_gif (bytes or missing)."""
        return self._parquet("media")

    @functools.cached_property
    def cards(self) -> dict[tuple[str, str, int], dict[str, Any]]:
        """(dataset, cell, seed) -> card of that run: status, settings, status_document, collapse."""
        found = read_json(self._file("run_cards"))
        return {(card["dataset"], card["cell"], card["seed"]): card for card in found}

    def unit(self, metric: str) -> str:
        """ ", rows": the unit of a metric value as it follows its label, "" where it has none."""
        unit = self.metrics.loc[self.metrics["metric"] == metric, "unit"].iloc[0]
        return "" if pd.isna(unit) or not unit else f", {unit}"

    def card(self, cell: Cell, seed: int) -> dict[str, Any]:
        """The card of one run; of a run that the tables do not know, one with status "missing"."""
        empty = {"status": "missing", "settings": {**cell.settings, "seed": seed}}
        return self.cards.get((cell.dataset, cell.id, seed), empty | {"status_document": None, "collapse": None})

    def history_of(self, cell: Cell) -> pd.DataFrame:
        """The histories of a cell's seeds, in order of seed and step; no rows where there is none."""
        table = self.histories
        own = table[(table["dataset"] == cell.dataset) & (table["cell"] == cell.id)]
        return own.sort_values(["seed", "step"], kind="stable")

    @functools.cached_property
    def _pictures(self) -> dict[tuple[str, str, int], tuple[bytes | None, bytes | None]]:
        columns = ["dataset", "cell", "seed", "samples_png", "progress_gif"]
        rows = self.media[columns].itertuples(index=False, name=None)
        return {(d, c, int(s)): (png or None, gif or None) for d, c, s, png, gif in rows}

    def pictures(self, cell: Cell, seed: int) -> tuple[bytes | None, bytes | None]:
        """Bytes of samples.png and progress.gif of one run, None where there is none."""
        return self._pictures.get((cell.dataset, cell.id, seed), (None, None))

    def _file(self, need: str) -> Path:
        return self.folder / NEEDS[need]

    def _csv(self, need: str) -> pd.DataFrame:
        return read_csv(self._file(need))

    def _parquet(self, need: str) -> pd.DataFrame:
        file = self._file(need)
        try:
            return pd.read_parquet(file)
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
