"""Studies: check and run them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gan_bench.api.results import Results, load
from gan_bench.api.show import Text
from gan_bench.errors import UserError

if TYPE_CHECKING:
    from gan_bench.config.plan.grid import Plan

#: `check` reads the pictures of a folder if it has at most this many files; each file takes a few milliseconds.
MOST_LOOKED_AT = 2000


def check(
    study: Path | str,
    static: bool = False,
    data_dir: Path | str | None = None,
    cores: int | None = None,
    power: Path | str | None = None,
) -> "Checked":
    """Validate a study and try one batch of each variant, like `gan-bench check`.

    Args:
        study: name in config/studies/, or a path.
        static: True to check only the study's file, without trying batches or reading folders of pictures.
        data_dir: folder with mnist/, fashion_mnist/ or your own folders of pictures.
        cores: number of cores for the estimate of the time. Default: all cores of this machine.
        power: folder with the results of an earlier study, from which the necessary number of seeds is estimated.

    Raises:
        UserError: the study has mistakes; there is one sentence for each mistake.
    """
    from gan_bench.config.document.check import check_report
    from gan_bench.config.load import load_study
    from gan_bench.config.plan.grid import expand

    measured, found = None, list[str]()
    source = None if data_dir is None else Path(data_dir)
    if not static:
        from gan_bench.data import check_sources
        from gan_bench.dry_run.minutes import time_minutes

        check_sources((), source)
        found += time_minutes(study, source)
    loaded = load_study(study)
    plan = expand(loaded)
    if not static:
        from gan_bench.dry_run.study import class_notes, dry_run

        tried = dry_run(plan.as_if_chosen(), source)
        if tried.sentences:
            raise UserError(*tried.sentences)
        measured = tried.seconds
        found += folder_notes(plan, source)
        found += [f"model {note}" for note in class_notes(plan)]
    text = check_report(loaded, plan, measured, cores or os.cpu_count() or 1)
    text += "".join(f"\n  {note}" for note in found)
    if power:
        from gan_bench.stats.tables.power import power_report

        text += f"\n{power_report(Path(power), len(loaded.seeds))}"
    return Checked(text, plan)


def run(
    study: Path | str | None = None,
    cores: int | None = None,
    config: Sequence[str] = (),
    retry_failed: bool = False,
    more: Sequence[str] = (),
) -> Results:
    """Run a study with Snakemake, like `gan-bench run`. After an interruption, the same call continues the study.

    Args:
        study: name in config/studies/, or a path. Default: the study in config/config.yaml.
        cores: number of cores. Default: all cores of this machine.
        config: changes to config/config.yaml, as KEY=VALUE.
        retry_failed: whether runs with the status failed or timeout are trained again.
        more: further arguments for snakemake.

    Returns the results, which also count the failed runs. Raises UserError if Snakemake could not complete the study. A
    study with failed runs can be complete.
    """
    from gan_bench.follow.launch import INCOMPLETE, lookups_of, parse_config
    from gan_bench.follow.launch import run as launch

    name = None if study is None else str(study)
    for sentence in time_study(name, config):
        print(sentence)
    code = launch(name, cores or os.cpu_count() or 1, config, retry_failed, more)
    folder = lookups_of(name, parse_config(config)).study_folder
    if code not in (0, INCOMPLETE):
        raise UserError(
            f"the study is not complete: snakemake ended with exit code {code}; see its output and {folder}/logs."
        )
    return load(folder)


def time_study(study: str | None, config: Sequence[str]) -> list[str]:
    """If a study has a budget in minutes, time its variants whose speed is not yet in the file of speeds.

    Returns sentences on the new entries in this file; [] if nothing was timed.
    """
    from gan_bench.dry_run.minutes import time_minutes
    from gan_bench.follow.launch import config_of, parse_config

    content = config_of(study, parse_config(config))
    data_dir = content.get("data_dir")
    return time_minutes(content["study"], None if data_dir is None else Path(data_dir)) if "study" in content else []


def folder_notes(plan: "Plan", data_dir: Path | None) -> list[str]:
    """Notes on the folders of pictures in a plan. Folders with more than MOST_LOOKED_AT files are left out.

    UserError if a folder has files that the data set refuses, or too few pictures.
    """
    from gan_bench.config.document.check import small_data_warning
    from gan_bench.data._folder import list_files, locate
    from gan_bench.data.image_folder import training_pictures
    from gan_bench.photos.look import look_at, split_sentence

    notes = []
    for label, data in plan.datasets.items():
        ref = data["ref"]
        if ref["name"] != "image_folder":
            continue
        folder = locate(ref["path"], data_dir, "path")
        if len(list_files(folder)) > MOST_LOOKED_AT:
            continue
        pictures = look_at(folder)
        notes += [f"{label}: {sentence}" for sentence in pictures.sentences()]
        if ref["labels"] == "none" and ref["test_path"] is None:
            n = training_pictures(ref, pictures.count, pictures.broken)
            notes.append(f"{label}: {split_sentence(n, pictures.count - n)}")
            cells = [cell for cell in plan.cells if cell.dataset == label]
            notes += [f"warning: {text}" for cell in cells for text in small_data_warning(cell, n)]
    return list(dict.fromkeys(notes))


class Checked(Text):
    """The output of `gan-bench check` for a valid study. `plan`: the study's cells with their settings."""

    def __init__(self, text: str, plan: "Plan") -> None:
        self.text, self.plan = text, plan

    def __str__(self) -> str:
        return self.text
