"""The runs of a study with a `search`: its trials, and the runs of the chosen settings.

A search is a sequence of stages. Each stage reads the scores of earlier trials and writes one file, stage<k>.json:

    extend    drops bad trials of a round (pruner wilcoxon); the other trials get more seeds
    propose   proposes the trials of the next round (samplers tpe and gp)
    choose    chooses the settings of each variant on each data set

The trials of the first round are random, so no stage proposes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_bench.config.grammar.method_keys import keys_read_by
from gan_bench.config.grammar.reference import identity
from gan_bench.config.grammar.search import FIRST_SEEDS, Search
from gan_bench.config.plan.cells import PlannedCell, cell_id
from gan_bench.config.plan.search import Settings, Space, Values
from gan_bench.files import digest_of, read_json
from gan_bench.run_keys import BY_NAME

#: First seed of trials. The study's seeds are smaller, so no reported run is used to choose settings.
FIRST_TRIAL_SEED = 1_000_000
#: First number of the chunks (training jobs) of a trial. A trial and the chosen settings may have the same cell id.
#: Then their chunks need different numbers.
FIRST_TRIAL_CHUNK = 10_000
EXTEND, PROPOSE, CHOOSE = "extend", "propose", "choose"

#: Keys of a stage's document that identify the search, the stage and the document before it.
HEAD = ("digest", "kind", "round", "previous")

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """One trial of a search space: its number (from 0), round, values, and the cell of its runs."""

    space: Space
    number: int
    round: int
    values: Values
    cell: PlannedCell
    pruned: bool = False

    @property
    def key(self) -> tuple[str, str, int]:
        return (*self.space.key, self.number)


@dataclass(frozen=True)
class SearchPlan:
    """A search, and the documents that its stages have written so far.

    spaces: the search spaces of the cells that read a searched setting.
    metric: name of the metric value by which settings are chosen.
    direction: whether lower values are better ("lower"), higher values ("higher") or values near one half ("half").
    seeds: seeds of the runs of the chosen settings.
    digest: digest of everything that the stages' documents depend on, except code and data.
    """

    spec: Search
    spaces: tuple[Space, ...]
    metric: str
    direction: str
    seeds: tuple[int, ...]
    digest: str
    documents: tuple[Document, ...] = ()
    _settings: dict[str, tuple[str, Settings]] = field(default_factory=dict, compare=False)
    _random: dict[tuple[str, str], list[Values]] = field(default_factory=dict, compare=False)

    def stages(self) -> list[tuple[str, int]]:
        """(kind, round) of each stage, in order. The k-th stage (from 1) writes stage<k>.json."""
        stages = []
        for number in range(self.spec.n_rounds):
            stages += [(EXTEND, number)] if self.spec.pruner == "wilcoxon" else []
            stages += [(PROPOSE, number + 1)] if number + 1 < self.spec.n_rounds else []
        return [*stages, (CHOOSE, self.spec.n_rounds)]

    def round_sizes(self) -> list[int]:
        """Number of trials of each round in each space, such as [4, 3, 3] for 10 trials in 3 rounds."""
        each, more = divmod(self.spec.trials, self.spec.n_rounds)
        return [each + (number < more) for number in range(self.spec.n_rounds)]

    @property
    def done(self) -> bool:
        """Whether the settings are chosen."""
        return len(self.documents) == len(self.stages())

    def sentence(self) -> str:
        """Text with the numbers of trials in total, planned and pruned, and the number of stages that are done."""
        trials, spaces = self.trials(), len(self.spaces)
        pruned = sum(trial.pruned for trial in trials)
        text = (
            f"search ({self.spec.sampler}): {self.spec.trials} trials for each of {spaces} pairs of variant and data "
        )
        text += f"set, {self.spec.trials * spaces:,} in all, {len(trials):,} planned"
        text += f", {pruned:,} pruned" if self.spec.pruner == "wilcoxon" else ""
        return f"{text}; {len(self.documents)} of {len(self.stages())} stages done"

    def trials(self) -> list[Trial]:
        """The trials that are planned so far, one search space after the other."""
        n_first = self.round_sizes()[0]
        pruned = {tuple(key) for document in self.documents for key in document.get("pruned", ())}
        extended = {document["round"] for document in self.documents if document["kind"] == EXTEND}
        trials = []
        for space in self.spaces:
            if space.key not in self._random:
                self._random[space.key] = space.random(n_first)
            values = [(0, each) for each in self._random[space.key]]
            for document in self.documents:
                if document["kind"] == PROPOSE:
                    own = [row for row in document["proposed"] if (row["dataset"], row["variant"]) == space.key]
                    values += [(document["round"], row["values"]) for row in own]
            for number, (of_round, each) in enumerate(values):
                dropped = (*space.key, number) in pruned
                whole = self.spec.pruner != "wilcoxon" or (of_round in extended and not dropped)
                trials.append(Trial(space, number, of_round, each, self._cell(space, number, each, whole), dropped))
        return trials

    def cells(self) -> list[PlannedCell]:
        """The cells of the trials. Trials with equal settings share one cell, which has the larger set of seeds."""
        cells: dict[tuple[str, str], PlannedCell] = {}
        for trial in self.trials():
            cell = trial.cell
            known = cells.get((cell.dataset, cell.id))
            if known is None or len(known.seeds) < len(cell.seeds):
                cells[cell.dataset, cell.id] = cell
        return list(cells.values())

    def chosen(self) -> list[PlannedCell]:
        """The cells of the chosen settings; [] until the last stage is done. Equal settings share one cell."""
        rows = self.documents[-1]["chosen"] if self.done else []
        by_key = {space.key: space for space in self.spaces}
        cells: dict[tuple[str, str], PlannedCell] = {}
        for row in rows:
            space = by_key[row["dataset"], row["variant"]]
            settings = space.settings(row["values"])
            cell = PlannedCell(space.dataset, cell_id(settings), space.variant, settings, list(self.seeds))
            cells.setdefault((cell.dataset, cell.id), cell)
        return list(cells.values())

    def _cell(self, space: Space, number: int, values: Values, whole: bool) -> PlannedCell:
        """The cell of a trial: with all seeds if `whole`, otherwise with the first FIRST_SEEDS seeds."""
        key = digest_of([*space.key, values])
        if key not in self._settings:
            settings = self.trial_settings(space, values)
            self._settings[key] = cell_id(settings), settings
        name, settings = self._settings[key]
        n = self.spec.seeds if whole else FIRST_SEEDS
        seeds = [FIRST_TRIAL_SEED + seed for seed in range(n)]
        return PlannedCell(space.dataset, name, f"{space.variant} trial {number}", settings, seeds)

    def trial_settings(self, space: Space, values: Values) -> Settings:
        """Settings of a trial: the base settings with these values, and the search's budget and pruner."""
        settings = space.settings(values)
        if self.spec.budget is not None and settings["budget"] is not None:
            settings["budget"] = dict(self.spec.budget)
        if self.spec.pruner == "collapse" and "early_stop" in keys_read_by(settings["method"]):
            settings = {**settings, "early_stop": "on_collapse"}
            settings = {key: settings[key] for key in BY_NAME if key in settings}
        return settings

    def to_json(self) -> dict[str, Any]:
        """The entry "search" of plan.json."""
        return {
            "digest": self.digest,
            "metric": self.metric,
            "direction": self.direction,
            "sampler": self.spec.sampler,
            "pruner": self.spec.pruner,
            "trials": self.spec.trials,
            "document": f"search/stage{len(self.stages())}.json",
            "equal_budget": self.spec.budget is None,
            "settings": list(self.spec.dimensions),
            "cells": [cell.to_json() for cell in self.cells()],
        }

    def read(self, study_folder: Path | str) -> "SearchPlan":
        """The same search with the documents that its stages have written into a study's folder.

        Reading stops at the first document that is missing or belongs to another search.
        """
        plan = self.after(())
        for k in range(1, len(self.stages()) + 1):
            file = stage_file(study_folder, k)
            document = read_json(file) if file.is_file() else {}
            if {key: document.get(key) for key in HEAD} != plan.head():
                break
            plan = self.after((*plan.documents, document))
        return plan

    def head(self) -> dict[str, Any]:
        """The entries of the keys in HEAD for the next stage's document."""
        kind, of_round = self.stages()[len(self.documents)]
        previous = digest_of(self.documents[-1]) if self.documents else None
        return {"digest": self.digest, "kind": kind, "round": of_round, "previous": previous}

    def whole(self) -> "SearchPlan":
        """For estimates of the work: the search with all its trials drawn at random and none pruned."""
        spec = self.spec.model_copy(update={"sampler": "random", "pruner": "none"})
        return SearchPlan(**{**vars(self), "spec": spec, "documents": (), "_settings": {}, "_random": {}})

    def after(self, documents: Sequence[Document]) -> "SearchPlan":
        """The same search with these documents."""
        rest = {key: value for key, value in vars(self).items() if key != "documents"}
        return SearchPlan(**rest, documents=tuple(documents))


def stage_file(study_folder: Path | str, k: int) -> Path:
    """The file of the k-th stage of a search."""
    return Path(study_folder) / "search" / f"stage{k}.json"


def search_digest(search: Search, spaces: Sequence[Space], about: Mapping[str, Any]) -> str:
    """Digest of a search: its keys, its search spaces, and `about` (data sets, scoring and metric).

    The study's own seeds are not included.
    """
    spec = {**dict(search), "over": {name: item.to_json() for name, item in search.dimensions.items()}}
    return digest_of(identity({"search": spec, "cells": [[*space.key, space.base] for space in spaces], **about}))[:16]
