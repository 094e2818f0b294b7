"""A project folder: the Snakefile, workflow, settings, studies and profiles that `snakemake` runs with."""

import shutil
import tempfile
from pathlib import Path

from gan_bench.errors import UserError
from gan_bench.registry import PACKAGE

PARTS = ("Snakefile", "workflow", "config", "profiles")
GENERATED = ("schema.json", "reference.md", "__pycache__", ".snakemake")


def files_folder() -> Path:
    """Folder with the parts: that of the checkout, or of the installed package (setup.py copies them there)."""
    packaged = PACKAGE / "project_files"
    return packaged if packaged.is_dir() else PACKAGE.parent


def lay_out(folder: Path) -> None:
    """Copy the parts into a folder, which is made if it is missing.

    Raises:
        UserError: the folder holds one of the parts already, or cannot be written. Nothing is copied then.
    """
    for part in PARTS:
        if (folder / part).exists():
            raise UserError(f"{folder}: has {part!r} already; name a new folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".init-") as name:
            copy = Path(name) / "parts"
            copy.mkdir()
            for part in PARTS:
                _copy(files_folder() / part, copy / part)
            for part in reversed(PARTS):  # the Snakefile last: a folder that has it is complete
                (copy / part).replace(folder / part)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror}.") from None


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*GENERATED))
    else:
        shutil.copy2(source, target)
