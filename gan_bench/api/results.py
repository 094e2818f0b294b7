"""Results of a study as pandas data frames and pictures."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench import paths
from gan_bench.api.show import Picture
from gan_bench.errors import UserError, unknown_name
from gan_bench.words import plural

if TYPE_CHECKING:
    import pandas as pd

#: Name of a picture -> its column in the media table.
RUN_PICTURES = {
    "samples": "samples_png",
    "progress": "progress_gif",
    "interpolation": "interpolation_png",
    "neighbours": "neighbours_png",
}


def load(study: Path | str, results: Path | str = "results") -> "Results":
    """The stored results of a study.

    Args:
        study: its folder of results, its name, or its YAML file.
        results: the folder with the results of all studies.

    Raises:
        UserError: there are no tables of this study.
    """
    name = Path(study).stem if str(study).endswith((".yaml", ".yml")) else str(study)
    for folder in (Path(study), Path(results) / name):
        if (folder / "tables" / paths.RUNS_TABLE).is_file():
            return Results(folder)
    known = sorted(table.parents[1].name for table in Path(results).glob(f"*/tables/{paths.RUNS_TABLE}"))
    raise UserError(
        f"{study}: no tables of this study; {unknown_name('study', name, known)} "
        "`gan-bench run` writes the tables when it finishes the study."
    )


class Results:
    """Tables and pictures of a study, read when they are used. results/README.md lists the columns of the tables."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.name = self.folder.resolve().name

    def table(self, name: str) -> "pd.DataFrame":
        """A table by its name, such as "pairwise"."""
        from gan_bench.stats.write.table_files import read_csv

        names = sorted(file.stem for file in (self.folder / "tables").glob("*.csv"))
        if name not in names:
            raise UserError(unknown_name("table", name, names))
        return read_csv(self.folder / "tables" / f"{name}.csv")

    @functools.cached_property
    def runs(self) -> "pd.DataFrame":
        """One row for each run and metric value."""
        return self.table("runs")

    @functools.cached_property
    def comparison(self) -> "pd.DataFrame":
        """One row for each variant, data set and metric value. Rows of kind "floor" score real images."""
        return self.table("comparison")

    @functools.cached_property
    def verdicts(self) -> "pd.DataFrame":
        """One row for each run: its verdict, and the first piece of evidence for the verdict."""
        return self.table("collapse")

    @functools.cached_property
    def histories(self) -> "pd.DataFrame":
        """One row for each log point of each run."""
        import pandas as pd

        return pd.read_parquet(self.folder / "tables" / paths.HISTORIES_TABLE)

    @functools.cached_property
    def pictures(self) -> Mapping[str, Picture]:
        """Pictures by name. Figures have their own names.

        A picture of a run is named "dataset/variant/seed0/KIND", where KIND is a key of RUN_PICTURES. If several cells
        have the same variant label on the same data set, the name has the cell's id instead of the label.
        """
        return _Pictures(self.folder)

    @property
    def report(self) -> Path:
        """Path of the study's HTML report."""
        return self.folder / paths.REPORT

    def __repr__(self) -> str:
        runs = self.runs.drop_duplicates(["dataset", "cell", "seed"])
        states = ", ".join(f"{count} {status}" for status, count in runs["status"].value_counts().items())
        axes = f"{plural(runs['dataset'].nunique(), 'data set')}, {plural(runs['variant'].nunique(), 'variant')}"
        return f"study {self.name}: {plural(len(runs), 'run')} ({states}), {axes}; {self.folder}"

    def _repr_html_(self) -> str:
        columns = ["dataset", "variant", "label", "mean", "ci_low", "ci_high", "n_scored", "n_asked"]
        table: Any = self.comparison[columns]
        return f"<p>{self!r}</p>{table.to_html(index=False, float_format='%.4g')}"


class _Pictures(Mapping[str, Picture]):
    """Pictures of a study by name. Each picture is read when it is used."""

    def __init__(self, folder: Path) -> None:
        self._figures = {file.stem: file for file in sorted((folder / "figures").glob("*.png"))}
        self._media = folder / "tables" / paths.MEDIA_TABLE

    @functools.cached_property
    def _runs(self) -> dict[str, tuple[int, str]]:
        """Name of a picture -> its row and column in the media table."""
        import pandas as pd

        if not self._media.is_file():
            return {}
        rows = pd.read_parquet(self._media, columns=["dataset", "variant", "cell", "seed"])
        variants = rows.groupby(["dataset", "variant"])["cell"].transform("nunique")
        names = rows["variant"].where(variants == 1, rows["cell"])
        return {
            f"{row.dataset}/{name}/seed{row.seed}/{kind}": (k, column)
            for k, (row, name) in enumerate(zip(rows.itertuples(index=False), names, strict=True))
            for kind, column in RUN_PICTURES.items()
        }

    def __getitem__(self, name: str) -> Picture:
        if name in self._figures:
            return Picture(self._figures[name].read_bytes(), name)
        import pyarrow.parquet as pq

        if name in self._runs:
            row, column = self._runs[name]
            content = pq.read_table(self._media, columns=[column]).column(column)[row].as_py()
            if content:
                return Picture(content, name)
        raise KeyError(f"{unknown_name('picture', name, list(self))}")

    def __iter__(self) -> Iterator[str]:
        return iter([*self._figures, *self._runs])

    def __len__(self) -> int:
        return len(self._figures) + len(self._runs)
