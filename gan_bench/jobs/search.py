"""Runs one stage of a study's search, from the stored results of its trials."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError
from gan_bench.jobs.records import require_intact
from gan_bench.search.stages import next_stage


def search_stage(study: str, device: str, stage: int, study_folder: Path) -> dict[str, Any]:
    """What a stage of the search decided: the content of the stage's JSON file. Stages are numbered from 1.

    UserError if the document of an earlier stage is missing, or if a file of a trial is missing or damaged.
    """
    plan = expand(load_study(study), device=device).after_search(study_folder).before_stage(stage)
    if plan.search is None or len(plan.search.documents) != stage - 1:
        raise UserError(f"{study_folder / 'search'}: the stages before stage {stage} of the search are missing.")

    def check(cell_folder: Path, seeds: Sequence[int]) -> None:
        require_intact(cell_folder, seeds, "search")

    return next_stage(plan.search, study_folder, check)
