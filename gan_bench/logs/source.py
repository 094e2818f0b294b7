"""A file that is read as a log: its path, first bytes, and text."""

import functools
from dataclasses import dataclass
from pathlib import Path

from gan_bench.errors import UserError

#: A format recognises a file by the file's name and its first HEAD bytes. Only a file that starts like JSON and lacks
#: the suffix .json is read to the end, to test whether it is valid JSON.
HEAD = 65536


@dataclass(frozen=True)
class Source:
    """A file or folder. If `growing`, the file is still being written; an incomplete last line or record is dropped."""

    path: Path
    growing: bool = False

    @property
    def suffix(self) -> str:
        return "" if self.path.is_dir() else self.path.suffix.lower()

    @functools.cached_property
    def head(self) -> bytes:
        """The first HEAD bytes; empty for a folder."""
        if self.path.is_dir():
            return b""
        with self.path.open("rb") as file:
            return file.read(HEAD)

    @property
    def first_text(self) -> str:
        """The first bytes as text; empty if they are binary."""
        if b"\0" in self.head and not self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return ""
        return _decoded(self.head).lstrip("\ufeff")

    @functools.cached_property
    def content(self) -> bytes:
        return self.path.read_bytes()

    @property
    def text(self) -> str:
        """The whole text, without an incomplete last line if the file is growing. UserError if it is not text."""
        try:
            text = self.content.decode("utf-16" if self.head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
        except UnicodeDecodeError:
            kind = self.suffix[1:] or "text"
            raise UserError(f"{self.path}: not a readable {kind} file: it is not UTF-8 text.") from None
        return text[: text.rfind("\n") + 1] if self.growing else text

    @property
    def first_lines(self) -> list[str]:
        """Lines of `first_text`. If the file has HEAD bytes or more, the last line is left out: it may be cut off."""
        lines = self.first_text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return lines[:-1] if len(self.head) == HEAD and len(lines) > 1 else lines


def _decoded(head: bytes) -> str:
    return head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "replace")
