"""Texts and bytes that are not studies: tags, aliases, repeated keys, encodings, deep nesting.

test_config_fuzz.py and benchmarks/fuzz.py use this module.
"""

import contextlib
import io
import re
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from odd_studies import FOLDER, NonsenseError, UnclearError

from gan_bench.cli import main
from gan_bench.config.load import parse_study
from gan_bench.errors import UserError

#: This file exists only if the loader has executed a YAML tag.
EXECUTED = Path(tempfile.gettempdir()) / "gan_bench_fuzz_was_here"

#: YAML that is not valid anywhere in a study.
NOWHERE = [
    f'!!python/object/apply:os.system ["touch {EXECUTED}"]',
    f'!!python/object/new:subprocess.Popen [["touch", "{EXECUTED}"]]',
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple [1, 2]",
    "!own thing",
    "!!int abc",
    "!!float [x]",
    "!!bool maybe",
    "!!timestamp yesterday",
    '!!binary "*"',
    "!!set {a, b}",
    "!!omap [a: 1]",
    "&a [*a]",
    "&a {a: *a}",
    "*nowhere",
    '"unclosed',
    "{",
    "]",
    "%x",
    "@x",
    "`x`",
    "x: y: z",
    "[" * 3000,
    "{a: " * 3000,
    "2001-01-01",
    "12:30:45",
    "0x1f",
    "1_0.e",
    "--- 3",
    "\x00",
    "\x07",
    "\ufffe",
    "[" + "9" * 5000 + "]",
]

#: Texts of whole files that are not studies.
FILES = [
    "",
    " ",
    "\n\n\n",
    "# only a comment\n",
    "---\n",
    "---\n---\n",
    "...\n",
    "null\n",
    "3\n",
    "text\n",
    "- a\n- list\n",
    "\t",
    "? [a, b]\n: c\n",
    "? {a: b}\n: c\n",
    "{}: {}\n",
    "1: 2\n",
    "yes: no\n",
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "a: &a {x: 1}\n"
    + "".join(f"{b}: &{b} {{<<: [{','.join([f'*{a}'] * 9)}]}}\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "<<: 3\n",
    "<<: [1, 2]\n",
    "%YAML 9.9\n---\na: b\n",
    "%TAG ! tag:x,2000:\n---\na: !b c\n",
]

SCALAR = re.compile(r"^( *(?:- )?)(\w+): (\S.*)$")


def scalar_lines(text: str) -> list[int]:
    """Indices of the lines of a study that have a key and a value, except labels, which may be any text."""
    found = [SCALAR.match(line) for line in text.splitlines()]
    return [i for i, line in enumerate(found) if line is not None and line[2] != "label"]


def with_value(text: str, line: int, value: str) -> str:
    """`text` with another value in one line."""
    lines = text.splitlines()
    found = SCALAR.match(lines[line])
    assert found is not None
    lines[line] = f"{found[1]}{found[2]}: {value}"
    return "\n".join(lines) + "\n"


def with_key_twice(text: str, line: int) -> tuple[str, str]:
    """(`text` in which one line occurs twice, the key in this line)."""
    lines = text.splitlines()
    found = SCALAR.match(lines[line])
    assert found is not None
    lines.insert(line + 1, lines[line].replace("- ", "  ", 1) if "- " in found[1] else lines[line])
    return "\n".join(lines) + "\n", found[2]


def refused(text: str) -> str:
    """The messages with which a text is refused. Raises NonsenseError if it is accepted."""
    try:
        parse_study(text, "fuzzed", FOLDER)
    except UserError as error:
        for sentence in error.sentences:
            if not sentence.startswith("fuzzed.yaml:") or "\n" in sentence or len(sentence) >= 900:
                raise UnclearError(sentence) from None
        if EXECUTED.exists():
            raise NonsenseError("a tag was obeyed") from None
        return str(error)
    raise NonsenseError(f"accepted: {text!r}")


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp037"])


def checked(content: bytes, file: Path) -> bool:
    """Whether `gan-bench check` accepts a file with these bytes.

    Raises UnclearError if exit code and messages do not agree, or if a line on stderr is not a message.
    """
    file.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["check", str(file)])
    said = err.getvalue().splitlines()
    if (
        code not in (0, 2)
        or (code == 2) != bool(said)
        or any(not line.startswith("gan-bench check: ") for line in said)
    ):
        raise UnclearError(f"exit code {code}: {said}")
    return code == 0
