"""Lines of code of the package: all lines of its Python files except docstrings; blank lines and comments count.

    python benchmarks/count_lines.py                  the working tree
    python benchmarks/count_lines.py --rev HEAD~1     a git revision
    python benchmarks/count_lines.py tests            another folder

Prints a header, a row for each folder without its subfolders, and a row for the total. A row has the number of Python
files, the lines of code, and the longest file. In brackets is the number of all lines of the longest file, with
docstrings.
"""

import argparse
import ast
import io
import subprocess
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_lines(source: str) -> int:
    """Number of lines of a file outside the docstrings of modules, classes and functions."""
    docstrings = 0
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            docstrings += node.body[0].end_lineno - node.body[0].lineno + 1
    return len(source.splitlines()) - docstrings


def sources(folder: str, revision: str | None) -> Iterator[tuple[PurePosixPath, str]]:
    """(path, text) of each Python file below `folder`, on disk or in a git revision."""
    if revision is None:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield PurePosixPath(file.relative_to(ROOT).as_posix()), file.read_text(encoding="utf-8")
        return
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", revision, folder], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        for member in files:
            if member.isfile() and member.name.endswith(".py"):
                yield PurePosixPath(member.name), files.extractfile(member).read().decode()


def table(folder: str, revision: str | None) -> list[str]:
    """Rows of text: a header, one row for each folder in order of path, and the total."""
    counts = defaultdict(list)
    for path, text in sources(folder, revision):
        counts[str(path.parent)].append((code_lines(text), len(text.splitlines()), path.name))
    rows = [f"{'folder':<36}{'files':>7}{'lines':>9}  longest file"]
    for name, files in [*sorted(counts.items()), ("total", [file for group in counts.values() for file in group])]:
        _, longest, file = max(files, key=lambda entry: entry[1:], default=(0, 0, "none"))
        rows.append(f"{name:<36}{len(files):>7,}{sum(lines for lines, *_ in files):>9,}  {file} ({longest})")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", default="gan_bench", help="folder of the checkout (default: gan_bench)")
    parser.add_argument("--rev", help="git revision to count instead of the working tree")
    args = parser.parse_args()
    if args.rev is None and not (ROOT / args.folder).is_dir():
        parser.error(f"{args.folder!r} is no folder of {ROOT}")
    try:
        print("\n".join(table(args.folder.rstrip("/"), args.rev)))
    except subprocess.CalledProcessError as error:
        parser.error(f"git knows no folder {args.folder!r} in revision {args.rev!r}: {error.stderr.decode().strip()}")


if __name__ == "__main__":
    main()
