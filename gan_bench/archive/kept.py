"""Opens small copies of finished studies (see `gan-bench keep`), and unpacks them into a results folder.

A copy is small enough for version control. It has no files of runs, but `gan-bench redraw` makes figures, page and
tables from it, and `gan-bench verify` trains the runs again.

This module does not load NumPy, because `verify` reads the mode of bits (gan_bench.bits) from a copy before it loads
NumPy.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gan_bench.archive.unpack import extract
from gan_bench.errors import UserError
from gan_bench.files import write_bytes
from gan_bench.paths import PLAN

#: Name of the zip file. Its folder is named after the study or the part of a study.
KEPT = "study.zip"
#: Folder of the copies that the project publishes.
REFERENCE = Path("results/reference")


@contextmanager
def opened(parts: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield a folder for each of `parts`, which are folders of studies or zip files of `keep`.

    A zip file is unpacked to a temporary folder, which is removed when the block ends. A UserError in the block names
    the zip file, not the temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="gan-bench-kept-") as temporary:
        folders = [Path(temporary) / f"part{i}-" if part.suffix == ".zip" else part for i, part in enumerate(parts)]
        for part, folder in zip(parts, folders, strict=True):
            if folder != part and not part.is_file():
                raise UserError(f"{part}: no such file; a study.zip that `gan-bench keep` wrote is needed.")
            if folder != part:
                extract(part, folder)
        try:
            yield folders
        except UserError as error:
            sentences = list(error.sentences)
            for part, folder in zip(parts, folders, strict=True):
                sentences = [sentence.replace(str(folder), str(part)) for sentence in sentences]
            raise UserError(*sentences) from error.__cause__


def results_place(study_folder: Path, results: Path = Path("results")) -> Path:
    """The results folder of the study in `study_folder`.

    For the folder of a copy, such as results/reference/STUDY, this is results/STUDY, so that the folder of the copy
    stays as it is. Any other folder is returned unchanged.
    """
    return results / study_folder.name if (study_folder / KEPT).is_file() else study_folder


def restore(study_folder: Path, reference: Path = REFERENCE) -> bool:
    """Unpack the kept copy of a study into its results folder if the folder has no plan and a copy exists.

    Args:
        study_folder: results folder of the study, such as results/advice. The last part of the path is the study's
            name.
        reference: folder of the copies.

    Returns:
        Whether a copy was unpacked.
    """
    kept = reference / study_folder.name / KEPT
    if (study_folder / PLAN).is_file() or not kept.is_file():
        return False
    with opened([kept]) as (folder,):
        for file in sorted(folder.rglob("*")):
            # The plan comes last: a folder with a plan has all files.
            if file.is_file() and file.name != PLAN:
                write_bytes(study_folder / file.relative_to(folder), file.read_bytes())
        write_bytes(study_folder / PLAN, (folder / PLAN).read_bytes())
    return True
