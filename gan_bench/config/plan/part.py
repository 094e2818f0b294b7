"""A part of a study: some data sets, cells or seeds. Parts are trained separately and joined later."""

import re
from dataclasses import replace

from gan_bench.config.plan.grid import Plan
from gan_bench.errors import UserError, unknown_name

_SEEDS = re.compile(r"seeds:(\d+)(?:-(\d+))?")


def part_of(plan: Plan, text: str | None) -> Plan:
    """The plan of a part of a study.

    A run has the same settings and id in a part as in the whole study.

    Args:
        plan: the whole study.
        text: items separated by commas. An item is the label of a data set, "cell:ID", "seeds:FIRST-LAST" (LAST
            included) or "seeds:N". If labels are given, only runs on these data sets are in the part. The same holds
            for cells and seeds. If several items give seeds, the last item counts. None means the whole study.

    Raises:
        UserError: `text` is not of this form, names an unknown data set or cell, or selects no run; or the study has a
            search.
    """
    if text is None:
        return plan
    if plan.search is not None:
        raise UserError(
            f"config key 'part' is {text!r}: the study {plan.study} has a search, so it cannot be split; valid: null."
        )
    labels, ids, seeds = [], [], None
    known = {f"cell:{cell.id}" for cell in plan.cells}
    for word in map(str.strip, str(text).split(",")):
        if match := _SEEDS.fullmatch(word):
            seeds = range(int(match[1]), int(match[2] or match[1]) + 1)
        elif word in plan.datasets:
            labels.append(word)
        elif word in known:
            ids.append(word.removeprefix("cell:"))
        else:
            valid = [*plan.datasets, "seeds:FIRST-LAST", "cell:ID"]
            raise UserError(f"config key 'part': {unknown_name('part of the study', word, valid)}")
    cells = []
    for cell in plan.cells:
        chosen = [seed for seed in cell.seeds if seeds is None or seed in seeds]
        if chosen and (not labels or cell.dataset in labels) and (not ids or cell.id in ids):
            cells.append(replace(cell, seeds=chosen))
    if not cells:
        raise UserError(f"config key 'part' is {text!r}: no run of the study {plan.study} is in this part.")
    used = {cell.dataset for cell in cells}
    kept = {label: dataset for label, dataset in plan.datasets.items() if label in used}
    evaluation = dict(plan.evaluation)
    for key in ("extractor", "other_extractors"):
        if key in evaluation:
            evaluation[key] = {label: value for label, value in evaluation[key].items() if label in used}
    return replace(plan, datasets=kept, evaluation=evaluation, cells=cells)
