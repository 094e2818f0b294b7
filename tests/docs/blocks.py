"""Code blocks of the documents, and the comments that say how a block is tested.

A comment is the only text on the line above the block:

    <!-- slow -->                      takes ten seconds or more: only `make test-docs` executes it
    <!-- not executed: the reason -->  cannot be executed here
"""

import re
from dataclasses import dataclass
from pathlib import Path

from workflow_tree import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "config/README.md", "results/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
#: Languages whose blocks are executed or checked. Blocks of "text" are output, formulas or lists.
CODE = ("sh", "python", "yaml")
COMMENT = re.compile(r"<!-- (slow|not executed: .+) -->")
FENCE = re.compile(r"^( *)```(\S*)")
#: Beginning of a command. A block of "text" must not contain a command, because it would not be executed.
COMMAND = re.compile(r"^\s*(\$ |gan-bench [a-z]|snakemake -|python[3]? [-\w/]+|pip install|make [a-z])", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: path of its page in the checkout, line, language, text, and the comment above the block."""

    page: str
    line: int
    language: str
    text: str
    comment: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def slow(self) -> bool:
        return self.comment == "slow"

    @property
    def reason(self) -> str:
        """Why the block is not executed; "" for a block that is executed."""
        return self.comment.removeprefix("not executed: ") if self.comment.startswith("not executed") else ""


def blocks_of(page: Path) -> list[Block]:
    """The fenced code blocks of a page, in order."""
    name = str(page.relative_to(ROOT)) if page.is_relative_to(ROOT) else page.name
    lines = page.read_text(encoding="utf-8").splitlines()
    blocks: list[Block] = []
    opening: tuple[int, str, str] | None = None
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if fence is None:
            continue
        if opening is None:
            opening = (number, fence[1], fence[2])
            continue
        start, indent, language = opening
        opening = None
        text = "\n".join(each.removeprefix(indent) for each in lines[start + 1 : number]) + "\n"
        comment = COMMENT.fullmatch(lines[start - 1].strip()) if start else None
        blocks.append(Block(name, start + 1, language, text, comment[1] if comment else ""))
    return blocks


def complaints(page: Path) -> list[str]:
    """Errors in the blocks of a page: code that no test would execute."""
    wrong = []
    for block in blocks_of(page):
        if block.language not in (*CODE, "text"):
            wrong.append(f"{block.place}: the language {block.language!r} is none of {', '.join(CODE)}, text")
        if block.language == "text" and not block.reason and COMMAND.search(block.text):
            wrong.append(f"{block.place}: a block of text holds a command; call it sh")
    inside = False
    before = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if FENCE.match(line):
            inside = not inside
        elif (
            not inside
            and line.startswith("    ")
            and not before.strip()
            and not re.match(r" *([-*] |\d+\. |<!--)", line)
        ):
            wrong.append(f"{page.name}:{number}: an indented block; write it between ``` with a language")
        before = line
    return wrong
