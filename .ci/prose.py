"""List sentences that a reader may have to read twice. The exit code is always 0.

    python .ci/prose.py [FILE ...]      default: Markdown documents (see `main`) and the package's docstrings

These are sentences of more than 35 words, and sentences with an expression of `RIDDLES`. Code, tables and headings are
not read.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 35
#: Expression that a reader has to decode -> a plain form.
RIDDLES = {
    "so-manieth": "k-th",
    "to be had": "available",
    "somebody else's matter": "out of scope",
    "that is not one": "NaN",
    "in place of it": "instead",
    "what it is made of": "its parts",
    "what stands beside": "(name the thing)",
    "that of others": "(name the thing)",
    "of its own": "separate, or its own (noun)",
    "those that are there": "the present ones",
    "that there are": "existing",
    "on its way": "during training",
    "what became of": "the outcome of",
    "are asked of": "are judged by, or are needed by",
    "is asked for": "is requested",
    "stands beside": "is beside, or (name the relation)",
    "says nothing of": "does not state",
    "made anew": "made again",
    "no more of them": "(name the thing)",
    "it is not where": "it is false if",
    "taken for": "treated as",
    "brought to": "resized to, or converted to",
    "told of": "given",
    "told apart": "distinguished",
    "so many": "(give the number's name)",
    "what is left": "the rest",
    "has a use for": "reads, or uses",
}


def paragraphs_of_markdown(text: str) -> Iterator[tuple[int, str]]:
    """(number of the first line, text) of each paragraph or list item that is prose."""
    text = re.sub(r"^```.*?^```", lambda block: "\n" * block.group().count("\n"), text, flags=re.MULTILINE | re.DOTALL)
    start, lines = 0, []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        # Tables, headings, HTML comments and code are not prose. A line with columns (several spaces between words)
        # starts a paragraph.
        other = line.lstrip().startswith(("|", "#", "<!--")) or line.startswith("    ")
        columns = re.search(r"\S {2,}\S", line)
        if lines and (not line.strip() or other or columns or re.match(r"\s*([-*]|\d+\.)\s", line)):
            yield start, " ".join(lines)
            lines = []
        if line.strip() and not other:
            start = start if lines else number
            lines.append(line.strip())


def paragraphs_of_python(text: str) -> Iterator[tuple[int, str]]:
    """(line number, text) of each paragraph of the docstrings."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (doc := ast.get_docstring(node)):
            for offset, paragraph in paragraphs_of_markdown(
                re.sub(r"^(Args|Returns|Raises|Yields):$", "", doc, flags=re.M)
            ):
                yield node.body[0].lineno + offset - 1, paragraph


def sentences(paragraph: str) -> list[str]:
    """Sentences of a paragraph. They end at one of .?!:; before a space, except after "et al.", "e.g." and "i.e."."""
    text = re.sub(r"\]\([^)]*\)", "]", paragraph.replace("**", ""))
    plain = re.sub(r"`[^`]*`", "name", text)
    end = r"(?<=[\w)\]\"'%*][.?!:;])\s+(?=[\"'(*\[]{0,2}[A-Z0-9a-z])(?<!al\. )(?<!e\.g\. )(?<!i\.e\. )"
    return re.split(end, plain)


def findings(file: Path) -> Iterator[str]:
    """One line for each sentence that is too long, and for each expression of RIDDLES in a sentence."""
    text = file.read_text(encoding="utf-8")
    read = paragraphs_of_python if file.suffix == ".py" else paragraphs_of_markdown
    for number, paragraph in read(text):
        for sentence in sentences(paragraph):
            words = len(re.findall(r"\w[\w'-]*", sentence))
            if words > LONGEST:
                yield f"{file.relative_to(ROOT)}:{number}: {words} words: {sentence[:90]} ..."
            for riddle, plain in RIDDLES.items():
                if riddle in sentence:
                    yield f"{file.relative_to(ROOT)}:{number}: {riddle!r}, better {plain!r}"


def main() -> None:
    names = sys.argv[1:]
    files = [Path(name).resolve() for name in names] or [
        *sorted(ROOT.glob("*.md")),
        *sorted(ROOT.glob("docs/*.md")),
        ROOT / "config" / "README.md",
        ROOT / "results" / "README.md",
        *sorted((ROOT / "gan_bench").rglob("*.py")),
    ]
    lines = [line for file in files for line in findings(file)]
    print("\n".join(lines))
    print(f"{len(lines)} sentences to look at in {len(files)} files")


if __name__ == "__main__":
    main()
