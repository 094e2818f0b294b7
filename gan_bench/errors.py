"""The exception for mistakes that the user can correct (exit code 2, no traceback), and helpers for messages."""

import errno
import os
import re
from collections.abc import Sequence
from difflib import get_close_matches

#: Error numbers for a full or read-only disk, an exceeded quota, a file that is too large, and missing permissions.
REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
#: Error numbers for faults of the disk, the file server or the machine, such as missing memory.
LOST = (errno.EIO, errno.ENOMEM, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ETIMEDOUT)
#: Messages of torch's RuntimeErrors for missing memory and lost devices.
TORCH_FAULT = re.compile(r"out of memory|can't allocate memory|CUDA error|CUDA driver", re.IGNORECASE)

#: NumPy's message if an array does not fit on the disk. This error has no error number.
CUT_SHORT = re.compile(r"\d+ requested and \d+ written")


class UserError(Exception):
    """One or several mistakes in a setting, a file or a command line. `str()` has one mistake per line."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


#: Message of a command that was stopped by Ctrl-C or SIGTERM and can be continued.
STOPPED = "stopped; the same command continues from here"

#: Largest length of the list of valid names in a message, in characters.
LISTED = 600


def nearest(name: object, valid: list[str]) -> list[str]:
    """A list of one item, the valid name most similar to `name` (ignoring case); [] if no name is similar."""
    by_lower = {other.lower(): other for other in valid}
    return [by_lower[other] for other in get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.5)]


def unknown_name(kind: str, name: object, valid: list[str], hint: str = "") -> str:
    """Message about a name that is not in `valid`: a hint (`hint` or the most similar name), then the valid names."""
    near = nearest(name, valid)
    hint = hint or (f"did you mean {near[0]!r}?" if near else "")
    hint = f"; {hint}{'' if hint.endswith('?') else '.'}" if hint else "."
    shown = sorted(valid)
    while len(", ".join(shown)) > LISTED:
        shown = shown[: len(shown) // 2]
    listed = first_of(sorted(valid), len(shown), ", ") or "none"
    return f"unknown {kind} {str(name)!r}{hint} Valid: {listed}."


def first_of(texts: Sequence[str], most: int, separator: str = "; ") -> str:
    """The first `most` texts, and how many more there are: "a; b; and 3 more"."""
    more = len(texts) - most
    return separator.join(texts[:most]) + (f"{';' * (separator == '; ')} and {more} more" if more > 0 else "")


def machine_fault(error: BaseException) -> str | None:
    """Sentence about an OSError whose number is in REFUSED, or about NumPy's error CUT_SHORT; None for other errors."""
    if isinstance(error, OSError) and error.errno is None and CUT_SHORT.fullmatch(str(error)):
        return "a file could not be written completely: is the disk full?"
    if not isinstance(error, OSError) or error.errno not in REFUSED:
        return None
    prefix = "" if error.filename is None else f"{error.filename}: "
    return f"{prefix}cannot be written or read: {os.strerror(error.errno)}."


def is_result(error: BaseException) -> bool:
    """Whether an error in training counts as the result of the run.

    If so, the error is stored, and the run is not tried again.

    Errors of the machine (disk, memory, permissions, a lost device) and of the user's set-up (UserError) do not count,
    because the same command may succeed later. A UserError that was raised from another error counts if that other
    error counts. For example, it counts if it was raised because the import of a component raised a ValueError.
    """
    if isinstance(error, UserError):
        return error.__cause__ is not None and is_result(error.__cause__)
    if isinstance(error, MemoryError) or machine_fault(error) is not None:
        return False
    if isinstance(error, OSError) and error.errno in LOST:
        return False
    return not (isinstance(error, RuntimeError) and TORCH_FAULT.search(str(error)))
