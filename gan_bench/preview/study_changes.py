"""Differences between the plan of the last run and the present study, in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.preview.differences import edit_count, list_difference, settings_difference, shown
from gan_bench.registry import stem

#: The content of a plan.json.
Plan = Mapping[str, Any]
Cell = Mapping[str, Any]
#: (data set, id) of a cell.
Place = tuple[str, str]

#: A new cell counts as an edit of a removed cell in two cases: both have the same variant label, which no other new or
#: removed cell has; or at most this many settings differ.
MOST_EDITS = 4
#: If there are more pairs of a removed and a new cell than this, the first removed cell is compared only with the first
#: new cell, the second with the second, and so on.
MOST_PAIRS = 10_000


class StudyChanges:
    """Differences in words. All attributes are empty if the study never ran.

    Attributes:
        cells: (data set, id) of a cell -> seeds that were added or removed. For a new cell, the text is the difference
            from the removed cell that it replaces, or says that its variant or data set is new.
        datasets: id of a new or changed data set -> difference. The id is also the name of the data set's folder.
        evaluation: differences in metrics and other keys of the evaluation.
        extractors: label of a data set -> differences in its extractors.
        figures: name of an added figure -> text that says that the figure is new.
        gone: data sets and variants that were removed from the study. Their files are kept, and nothing runs for them.
    """

    def __init__(self, before: Plan | None, now: Plan) -> None:
        self.cells: dict[Place, str] = {}
        self.datasets: dict[str, str] = {}
        self.evaluation: list[str] = []
        self.extractors: dict[str, list[str]] = {}
        self.figures: dict[str, str] = {}
        self.gone: list[str] = []
        if before is not None:
            self._compare_datasets(before, now)
            self._compare_cells(before, now)
            self._compare_evaluation(before["evaluation"], now["evaluation"])
            names = {figure["name"] for figure in before["figures"]}
            self.figures = {
                stem(ref["name"]): f"figure {stem(ref['name'])} added"
                for ref in now["figures"]
                if ref["name"] not in names
            }

    def _compare_datasets(self, before: Plan, now: Plan) -> None:
        for label, dataset in now["datasets"].items():
            old = before["datasets"].get(label)
            if old is None:
                self.datasets[dataset["id"]] = f"data set {label} is new"
            elif old["id"] != dataset["id"]:
                change = settings_difference({"dataset": old["ref"]}, {"dataset": dataset["ref"]})
                self.datasets[dataset["id"]] = f"data set {label}: {change}"
        self.gone += [f"data set {label}" for label in before["datasets"] if label not in now["datasets"]]

    def _compare_cells(self, before: Plan, now: Plan) -> None:
        old, new = _by_place(before), _by_place(now)
        for place in [place for place in new if place in old]:
            seeds, former = set(new[place]["seeds"]), set(old[place]["seeds"])
            edits = [(seeds - former, "added"), (former - seeds, "removed")]
            if words := ", ".join(f"{_seeds(sorted(part))} {edit}" for part, edit in edits if part):
                self.cells[place] = words
        for label, dataset in now["datasets"].items():
            fresh = [cell for place, cell in new.items() if place[0] == label and place not in old]
            lost = [cell for place, cell in old.items() if place[0] == label and place not in new]
            sources = pair_edits(lost, fresh)
            for cell in fresh:
                self.cells[label, cell["id"]] = self._why_new(cell, sources.get(cell["id"]), dataset["id"])
            edited = {cell["id"] for cell in sources.values()}
            self.gone += [f"variant {cell['variant']} on {label}" for cell in lost if cell["id"] not in edited]

    def _why_new(self, cell: Cell, source: Cell | None, dataset_id: str) -> str:
        if source is None:
            return self.datasets.get(dataset_id) or f"variant {cell['variant']} is new"
        return settings_difference(source["settings"], cell["settings"])

    def _compare_evaluation(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.evaluation = list_difference("metric", old["metrics"], new["metrics"])
        for key in sorted((old.keys() | new.keys()) - {"metrics", "extractor", "other_extractors"}):
            if old.get(key) != new.get(key):
                self.evaluation.append(f"evaluation.{key} {shown(old.get(key))} -> {shown(new.get(key))}")
        for label, ref in new["extractor"].items():
            first = old["extractor"].get(label)
            if first not in (None, ref):
                words = settings_difference({"extractor": first}, {"extractor": ref})
                self.extractors.setdefault(label, []).append(words)
            further = [evaluation.get("other_extractors", {}).get(label, []) for evaluation in (old, new)]
            if words_of_list := list_difference("further extractor", *further):
                self.extractors.setdefault(label, []).extend(words_of_list)


def pair_edits(lost: Sequence[Cell], fresh: Sequence[Cell]) -> dict[str, Cell]:
    """{id of a new cell: the removed cell that it replaces}, for new cells that count as edits of removed cells."""
    labels = Counter(cell["variant"] for cell in (*lost, *fresh))
    by_label = {cell["variant"]: cell for cell in lost if labels[cell["variant"]] == 2}
    pairs = {cell["id"]: by_label[cell["variant"]] for cell in fresh if cell["variant"] in by_label}
    taken = {cell["id"] for cell in pairs.values()}
    lost = [cell for cell in lost if cell["id"] not in taken]
    fresh = [cell for cell in fresh if cell["id"] not in pairs]
    if len(lost) * len(fresh) > MOST_PAIRS:
        return pairs | {new["id"]: old for old, new in zip(lost, fresh, strict=False) if _near(old, new) <= MOST_EDITS}
    distances = sorted((_near(old, new), i, j) for i, old in enumerate(lost) for j, new in enumerate(fresh))
    used: set[int] = set()
    for distance, i, j in distances:
        if distance <= MOST_EDITS and i not in used and fresh[j]["id"] not in pairs:
            pairs[fresh[j]["id"]] = lost[i]
            used.add(i)
    return pairs


def count_of_cells(count: int) -> str:
    return f"{count} cell{'' if count == 1 else 's'}"


def _near(old: Cell, new: Cell) -> int:
    return edit_count(old["settings"], new["settings"])


def _by_place(plan: Plan) -> dict[Place, Cell]:
    return {(cell["dataset"], cell["id"]): cell for cell in plan["cells"]}


def _seeds(seeds: Sequence[int]) -> str:
    if len(seeds) > 3 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"
