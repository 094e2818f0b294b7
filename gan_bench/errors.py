"""The one exception that is the user's to mend: a sentence, exit code 2, no traceback."""

from difflib import get_close_matches


class UserError(Exception):
    """A mistake in a setting, a file or a command line; `str()` is what the user reads.

    Several mistakes found at once travel in one error, one per line.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def unknown_name(kind: str, name: object, valid: list[str]) -> str:
    """Sentence for a name that is not in `valid`: names the nearest one, then all of them."""
    near = get_close_matches(str(name), valid, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown {kind} {str(name)!r}{hint} Valid: {', '.join(sorted(valid)) or 'none'}."
