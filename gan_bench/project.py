"""Makes a project folder: the Snakefile, workflow, settings, studies and profiles that `snakemake` needs."""

import shutil
import tempfile
from pathlib import Path

from gan_bench.errors import UserError
from gan_bench.registry import PACKAGE

#: PARTS: files and folders that are copied to a project folder. GENERATED: patterns of files that are not copied.
PARTS = ("Snakefile", "workflow", "config", "profiles")
GENERATED = ("schema.json", "reference.md", "__pycache__", ".snakemake")


def files_folder() -> Path:
    """Folder that contains PARTS: a folder of the installed package (setup.py copies them there), or the checkout."""
    packaged = PACKAGE / "project_files"
    return packaged if packaged.is_dir() else PACKAGE.parent


def lay_out(folder: Path) -> None:
    """Copy PARTS into a folder, which is created if it does not exist.

    Raises:
        UserError: the folder already has one of the parts (nothing is copied then), or it cannot be written.
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
            for part in reversed(PARTS):  # the Snakefile is moved last, so a folder with a Snakefile is complete
                (copy / part).replace(folder / part)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror}.") from None


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*GENERATED))
    else:
        shutil.copy2(source, target)
