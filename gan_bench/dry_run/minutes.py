"""Measures once how many G steps per minute each variant makes, for a study with a budget in minutes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench import bits
from gan_bench.config.grammar.study import Study
from gan_bench.config.load import find_study, load_study
from gan_bench.config.plan.grid import expand
from gan_bench.config.plan.minutes import AnySpeed, read_speeds, speed_key, speeds_file
from gan_bench.dry_run.study import dry_run
from gan_bench.errors import UserError
from gan_bench.files import write_json
from gan_bench.words import plural


def time_minutes(study: str | Path, data_dir: Path | None = None) -> list[str]:
    """Measure missing speeds and write them beside the study. UserError if the dry run finds mistakes.

    Returns a sentence on the written file; [] if nothing was measured.
    """
    loaded = load_study(study, AnySpeed())
    file = find_study(study)
    target = speeds_file(file.parent, file.stem)
    if not any("minutes" in budget for budget in _budgets(loaded)):
        return []
    plan = expand(loaded)
    cells = [cell for cell in plan.cells if cell.settings["budget"]]
    known = dict(read_speeds(target))
    if all(speed_key(cell.settings) in known for cell in cells):
        return []
    tried = dry_run(plan, data_dir)
    if tried.sentences:
        raise UserError(*tried.sentences)
    for cell in cells:
        times = tried.seconds.get((cell.dataset, cell.id))
        if times is not None:
            known.setdefault(speed_key(cell.settings), round(60 / times[1], 1))
    write_json(target, {"machine": bits.machine_class(), "g_steps_per_minute": known})
    return [
        f"{target}: speeds of {plural(len(cells), 'cell')}, measured on this machine; keep this file beside the study."
    ]


def _budgets(study: Study) -> Iterator[Mapping[str, Any]]:
    """The budgets in a study: of the study, of its variants and of its overrides."""
    for part in (study, *study.variants, *(override.set for override in study.overrides)):
        yield from [budget] if isinstance(budget := getattr(part, "budget", None), dict) else budget or ()
