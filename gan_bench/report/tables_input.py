"""The stored tables of a study, for figures and the report page. Files are read only when they are used."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.changes import present_figures
from gan_bench.errors import UserError
from gan_bench.stats.collect.plan import read_plan
from gan_bench.stats.collect.run_cards import Cards
from gan_bench.stats.write.markdown import with_decimals
from gan_bench.stats.write.names import CURVES_TABLE, DATA_REMARKS, METRICS_TABLE, REAL_IMAGES_TABLE, RUN_CARDS, TABLES
from gan_bench.stats.write.table_files import read_csv

#: Tables that a figure may list under "needs" -> file in the study's folder.
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

#: Tables that a figure may list under "wants" -> file. If the file is absent, the figure leaves out the part that uses
#: the table, or has a sentence in place of this part.
WANTS = {
    name: f"{TABLES}/{name}.csv"
    for name in (
        "failures",
        "ranks",
        "friedman",
        "axes",
        "budget",
        "agreement",
        "selection",
        "pairwise",
        "space_decisions",
        "search_chosen",
        "search_curves",
    )
}

#: Folder in which the workflow records the time and memory of its jobs; it may be absent.
BENCHMARKS = "benchmarks"
WANTS["benchmarks"] = BENCHMARKS

#: Largest number of run cards in memory.
MOST_KEPT = 5000

#: Direction of a metric -> (arrow, words).
DIRECTIONS = {
    "lower": ("\N{DOWNWARDS ARROW}", "lower is better"),
    "higher": ("\N{UPWARDS ARROW}", "higher is better"),
    "half": ("\N{RIGHTWARDS ARROW} ½", "one half is best"),
}


@dataclass(frozen=True, eq=False)
class PlannedCell:
    """One cell of the plan; `settings` do not contain the seed."""

    dataset: str
    id: str
    variant: str
    seeds: tuple[int, ...]
    settings: Mapping[str, Any]


def _csv(need: str) -> "functools.cached_property[pd.DataFrame]":
    """Property of `Tables` that reads one CSV table of NEEDS."""
    return functools.cached_property(lambda tables: read_csv(tables.folder / NEEDS[need]))


@dataclass(frozen=True, eq=False)
class Tables:
    """The plan and tables of a study, with the columns that `gan_bench.stats` writes.

    Reading a table of NEEDS raises UserError if its file is missing or damaged.
    """

    folder: Path

    @functools.cached_property
    def plan(self) -> dict[str, Any]:
        """Content of plan.json. If a figure was renamed after the plan was written, it has its new name here."""
        plan = read_plan(self.folder)
        return {**plan, "figures": present_figures(plan["figures"])}

    @functools.cached_property
    def cells(self) -> tuple[PlannedCell, ...]:
        """The cells of the plan, in the plan's order."""
        return tuple(
            PlannedCell(c["dataset"], c["id"], c["variant"], tuple(c["seeds"]), c["settings"])
            for c in self.plan["cells"]
        )

    @property
    def datasets(self) -> list[str]:
        """Labels of the data sets that have cells, in the plan's order."""
        return list(dict.fromkeys(cell.dataset for cell in self.cells))

    def cells_of(self, dataset: str) -> list[PlannedCell]:
        return [cell for cell in self.cells if cell.dataset == dataset]

    runs = _csv("runs")
    """One row per planned run and metric value."""
    metrics = _csv("metrics")
    """One row per metric value: metric, label, direction, low, high, unit, estimator."""

    @functools.cached_property
    def comparison(self) -> pd.DataFrame:
        """One row per data set, metric, and variant; real images have such a row too (kind "floor").

        Column "decimals" has the number of decimals with which the metric's values are printed.
        """
        return with_decimals(read_csv(self.folder / NEEDS["comparison"]))

    collapse = _csv("collapse")
    """One row per planned run: status, verdict, first evidence."""
    curves = _csv("curves")
    """One row per run, kept generator and metric value; empty if runs kept no generators."""

    def wanted(self, name: str) -> pd.DataFrame:
        """A table of WANTS; empty if its file is absent.

        A file from an earlier plan is ignored. For example, the tables of a search are empty if the plan has no search,
        and space_decisions is empty if the plan has only one extractor per data set.
        """
        file = self.folder / WANTS[name]
        if name == "space_decisions" and "other_extractors" not in self.plan["evaluation"]:
            return pd.DataFrame()
        if name.startswith("search_") and "search" not in self.plan:
            return pd.DataFrame()
        return read_csv(file) if file.is_file() else pd.DataFrame()

    @functools.cached_property
    def histories(self) -> pd.DataFrame:
        """One row per log point of every run: dataset, cell, variant, seed, step, d_loss, g_loss, ..."""
        return self._parquet("histories")

    @functools.cached_property
    def media(self) -> pd.DataFrame:
        """One row per run that has a status file: dataset, cell, seed, and bytes of each picture or None."""
        return self._parquet("media")

    @functools.cached_property
    def cards(self) -> Cards:
        """Card (status, settings, status_document, collapse) of each run, by (data set, cell, seed)."""
        return Cards(self._file("run_cards"))

    @functools.cached_property
    def real_images(self) -> dict[str, bytes]:
        """Data set -> PNG of its first real images.

        Data sets that were not on disk when the results were collected have no entry.
        """
        file = self.folder / TABLES / REAL_IMAGES_TABLE
        table = pd.read_parquet(file) if file.is_file() else pd.DataFrame({"dataset": [], "png": []})
        return dict(zip(table["dataset"], table["png"], strict=True))

    @functools.cached_property
    def data_remarks(self) -> dict[str, list[str]]:
        """Data set -> sentences on problems of its images. A data set without problems has [] or no entry."""
        file = self.folder / DATA_REMARKS
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def short_label(self, label: str) -> str:
        """A metric's label without its feature space; the full label if a data set has the metric in several spaces."""
        return self._short_labels.get(label, label)

    @functools.cached_property
    def _short_labels(self) -> dict[str, str]:
        table = self.comparison[["dataset", "label"]].drop_duplicates().astype(str)
        table["short"] = table["label"].str.replace(r" \([^()]*\)$", "", regex=True)
        clash = table.duplicated(["dataset", "short"], keep=False)
        ambiguous = set(table.loc[clash, "label"])
        return {
            label: label if label in ambiguous else s for label, s in zip(table["label"], table["short"], strict=True)
        }

    def unit(self, metric: str) -> str:
        """The unit of a metric value as text after its label, such as ", rows"; "" without a unit."""
        unit = self.metrics.loc[self.metrics["metric"] == metric, "unit"].iloc[0]
        return "" if pd.isna(unit) or not unit else f", {unit}"

    def card(self, cell: PlannedCell, seed: int) -> dict[str, Any]:
        """The card of one run, with status "missing" if the run is not in the tables.

        Up to MOST_KEPT cards are kept in memory.
        """
        key = (cell.dataset, cell.id, seed)
        if key not in self._kept_cards:
            if len(self._kept_cards) >= MOST_KEPT:
                self._kept_cards.clear()
            self._kept_cards[key] = self._read_card(cell, seed)
        return self._kept_cards[key]

    @functools.cached_property
    def _kept_cards(self) -> dict[tuple[str, str, int], dict[str, Any]]:
        return {}

    def _read_card(self, cell: PlannedCell, seed: int) -> dict[str, Any]:
        empty = {"status": "missing", "settings": {**cell.settings, "seed": seed}}
        return self.cards.get((cell.dataset, cell.id, seed), empty | {"status_document": None, "collapse": None})

    def histories_of(self, cells: Sequence[PlannedCell], columns: Sequence[str]) -> dict[PlannedCell, pd.DataFrame]:
        """For each cell, the given columns of its histories, sorted by seed and step.

        A cell without a history has an empty table. Only the rows of the requested cells are read into memory.
        """
        names = ["dataset", "cell", "seed", *columns]
        if len(cells) == len(self.cells):
            table = self.histories[names]
        else:
            table = self._parquet("histories", columns=names, filters=[("cell", "in", [cell.id for cell in cells])])
        parts = dict(iter(table.groupby(["dataset", "cell"], sort=False)))
        return {
            cell: parts.get((cell.dataset, cell.id), table.iloc[:0]).sort_values(["seed", "step"], kind="stable")
            for cell in cells
        }

    @functools.cached_property
    def _media(self) -> dict[tuple[str, str, int], dict[str, bytes | None]]:
        columns = ["samples_png", "progress_gif", "interpolation_png", "neighbours_png", "modes_json"]
        # A table from an earlier version of the package may lack columns.
        table = self.media.reindex(columns=["dataset", "cell", "seed", *columns])
        rows = table.itertuples(index=False, name=None)
        return {
            (d, c, int(s)): {
                name: v if isinstance(v, bytes) and v else None for name, v in zip(columns, rest, strict=True)
            }
            for d, c, s, *rest in rows
        }

    def pictures(self, cell: PlannedCell, seed: int) -> tuple[bytes | None, bytes | None]:
        """Bytes of samples.png and progress.gif of one run; None if absent."""
        return self.picture(cell, seed, "samples_png"), self.picture(cell, seed, "progress_gif")

    def picture(self, cell: PlannedCell, seed: int, column: str) -> bytes | None:
        """Bytes of one picture of a run, by its column of media.parquet; None if absent."""
        return self._media.get((cell.dataset, cell.id, seed), {}).get(column)

    def modes(self, cell: PlannedCell, seed: int) -> dict[str, Any] | None:
        """Content of modes.json of one run: kind, names, real, samples, outside, extractor; None if absent."""
        content = self.picture(cell, seed, "modes_json")
        return None if content is None else json.loads(content)

    def job_records(self, cell: PlannedCell, key: str) -> list[float]:
        """One value for each training job of a cell, from the workflow's records.

        Jobs whose record has no positive value are left out. The list is empty without records.

        Args:
            key: "max_rss" (MiB) or "cpu_time" (seconds).
        """
        folder = self.folder / BENCHMARKS / "train" / cell.dataset / cell.id
        texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.jsonl"))]
        lines = [line for text in texts for line in text.splitlines()]
        numbers = [json.loads(line).get(key) for line in lines if line.strip()]
        return [float(number) for number in numbers if isinstance(number, int | float) and number > 0]

    def _file(self, need: str) -> Path:
        return self.folder / NEEDS[need]

    def _parquet(self, need: str, **options: Any) -> pd.DataFrame:
        file = self._file(need)
        try:
            return pd.read_parquet(file, **options)
        except FileNotFoundError:
            raise UserError(f"{file}: no such file; collect the study's runs first.") from None
        except (ValueError, OSError) as error:
            raise UserError(f"{file}: not a readable parquet file: {error}") from None


def read_tables(study_folder: Path | str) -> Tables:
    """The tables of a study's folder."""
    return Tables(Path(study_folder))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dicts by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
