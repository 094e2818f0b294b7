"""The one exception that is the user's to mend: a sentence, exit code 2, no traceback."""

import errno
import os
import re
from difflib import get_close_matches

#: What the machine refuses, whatever the code does: no room, or no right to write.
REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


#: What NumPy says of an array that did not fit on the disk, without an error number.
CUT_SHORT = re.compile(r"\d+ requested and \d+ written")


class UserError(Exception):
    """A mistake in a setting, a file or a command line; `str()` is what the user reads.

    Several mistakes found at once travel in one error, one per line.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


#: Characters of names that one sentence lists.
LISTED = 600


def unknown_name(kind: str, name: object, valid: list[str]) -> str:
    """Sentence for a name that is not in `valid`: names the nearest one, then all, or as many as can be read."""
    near = get_close_matches(str(name), valid, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    shown = sorted(valid)
    while len(", ".join(shown)) > LISTED:
        shown = shown[: len(shown) // 2]
    more = f" and {len(valid) - len(shown)} more" if len(shown) < len(valid) else ""
    return f"unknown {kind} {str(name)!r}{hint} Valid: {', '.join(shown) or 'none'}{more}."


def machine_fault(error: BaseException) -> str | None:
    """Sentence for an error that is the machine's to mend (a full disk, no right to write); None for any other."""
    if isinstance(error, OSError) and error.errno is None and CUT_SHORT.fullmatch(str(error)):
        return "a file could not be written whole: is the disk full?"
    if not isinstance(error, OSError) or error.errno not in REFUSED:
        return None
    place = "" if error.filename is None else f"{error.filename}: "
    return f"{place}cannot be written or read: {os.strerror(error.errno)}."
