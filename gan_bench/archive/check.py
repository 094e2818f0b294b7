"""Checks an unpacked archive: compares plan and manifest, makes the tables again, and trains some runs again."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.archive.own_code import code_paths, lay_out
from gan_bench.archive.unpack import Unpacked, well_formed
from gan_bench.errors import UserError
from gan_bench.files import digest_file, read_json
from gan_bench.provenance import stage_digest
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.collect.plan import all_cells
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.names import REAL_IMAGES_TABLE, TABLES
from gan_bench.words import plural

Say = Callable[[str], None]

#: Files of a run that are not needed to make tables.
UNREAD = (paths.GENERATOR, paths.CHECKPOINTS)
#: Stages that make tables.
STAGES = ("collect", "tables")


@contextlib.contextmanager
def at_home(archive: Unpacked) -> Iterator[None]:
    """Work in the folder of an unpacked archive, with users' own components at the paths that the plan names.

    Python does not search this folder for modules.
    """
    before = list(sys.path)
    try:
        lay_out(read_json(archive.study_folder / paths.PLAN), archive.root)
        with contextlib.chdir(archive.root):
            sys.path[:] = [entry for entry in before if Path(entry).is_absolute()]
            yield
    finally:
        sys.path[:] = before


def check_archive(
    file: Path, archive: Unpacked, sample: int, seed: int, data_dir: Path | None, trust_code: bool, say: Say
) -> None:
    """Check the plan and the tables. Then train some runs again and compare them with the runs in the archive.

    `seed` chooses the runs, and `sample` is their number. Users' own components are executed only with `trust_code`. To
    make the tables, no component is executed.

    Raises:
        UserError: with a sentence for each difference that was found. Also if `sample` is below 0, or if users' own
            components would be executed without `trust_code`.
    """
    if sample < 0:
        raise UserError(f"--sample is {sample}; valid: 0 or more runs.")
    data_dir = None if data_dir is None else data_dir.resolve()
    say(f"{file}: {plural(archive.n_files, 'file')}, all with their recorded SHA-256")
    with contextlib.ExitStack() as stack:
        with well_formed(file):
            stack.enter_context(at_home(archive))
            plan = read_json(archive.study_folder / paths.PLAN)
            wrong = other_records(archive.manifest, plan) or other_tables(archive)
            trained = {key: value for key, value in plan.items() if key != "figures"}
            code = code_paths([trained, archive.manifest["results"]])
        n_tables = len(archive.manifest["results"]["tables"])
        say(
            f"{file}: {plural(n_tables, 'table')} made again from the records of the runs, "
            f"{plural(len(wrong), 'difference')}"
        )
        if wrong:
            raise UserError(*(f"{file}: {sentence}" for sentence in wrong))
        if sample and code and not trust_code:
            raise UserError(
                f"{file}: training a run again would execute code in the archive ({', '.join(code)}); read this code "
                "in its folder components, then add --trust-code, or check without training: --sample 0."
            )
        if sample:
            from gan_bench.verify.study import verify

            verify(archive.study_folder.relative_to(archive.root), sample, seed, data_dir, say)


def other_records(manifest: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """Sentences on parts of the plan that differ from the manifest.

    Tables are made from the plan, so the plan must agree with the manifest. Names of data sets and cells in the plan
    become paths, so each must be a valid file name.
    """
    results, all_of_plan = manifest["results"], all_cells(plan)
    names = [dataset["id"] for dataset in plan["datasets"].values()]
    names += [name for cell in all_of_plan for name in (cell["dataset"], cell["id"])]
    if bad := [name for name in dict.fromkeys(names) if name in ("", ".", "..") or {"/", "\0"} & set(name)]:
        return [f"{paths.PLAN}: {name!r} cannot be the name of a data set or a cell." for name in bad]
    cells = {f"{cell['dataset']}/{cell['id']}": cell["settings"] for cell in all_of_plan}
    runs = {f"{cell['dataset']}/{cell['id']}/seed{seed}" for cell in all_of_plan for seed in cell["seeds"]}
    labels = {label: data["id"] for label, data in plan["datasets"].items()}
    refs = {data["id"]: data["ref"] for data in plan["datasets"].values()}
    agree = {
        "cells": cells == results["cells"],
        "runs": runs == set(results["runs"]),
        "labels": labels == {label: place["data"] for label, place in results["datasets"].items()},
        "data sets": refs == {name: data["ref"] for name, data in results["data"].items()},
        "evaluation settings": plan["evaluation"] == results["evaluation"],
    }
    return [f"{paths.PLAN}: its {name} differ from {paths.MANIFEST}." for name, same in agree.items() if not same]


def other_tables(archive: Unpacked) -> list[str]:
    """Make the tables again from the records of the runs; return a sentence for each table that differs.

    The pictures of real images are not made again, because an archive does not contain the data sets.
    """
    results = archive.manifest["results"]
    with tempfile.TemporaryDirectory(dir=archive.root.parent) as name:
        copy = Path(name) / archive.study_folder.name
        _link_records(archive.study_folder, copy)
        try:
            collect(copy, complete=True)
            write_tables(copy)
        except UserError as error:
            return [sentence.replace(f"{name}/", "") for sentence in error.sentences]
        digests = {file.name: digest_file(file) for file in (copy / TABLES).iterdir()}
    changed = [
        f"{stage} {results_code} -> {stage_digest(stage)}"
        for stage, results_code in archive.manifest["code"].items()
        if stage in STAGES and results_code != stage_digest(stage)
    ]
    hint = f"; the code has changed since: {', '.join(changed)}" if changed else ""
    return [
        f"{TABLES}/{table}: {'differs' if table in digests else 'is missing'} when it is made again{hint}."
        for table, sha in results["tables"].items()
        if digests.get(table) != sha
    ]


def _link_records(study_folder: Path, copy: Path) -> None:
    """Fill the folder `copy` with hard links to the files from which tables are made.

    A table that is later written to `copy` replaces the link; the original file does not change.
    """
    search = ["search"] if (study_folder / "search").is_dir() else []
    for path in [study_folder / name for name in ("runs", *search, TABLES, paths.PLAN)]:
        target = copy / path.name
        if path.is_dir():
            ignored = _all_but_real_images if path.name == TABLES else shutil.ignore_patterns(*UNREAD)
            shutil.copytree(path, target, copy_function=os.link, ignore=ignored)
        else:
            os.link(path, target)


def _all_but_real_images(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name != REAL_IMAGES_TABLE]
