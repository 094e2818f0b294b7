"""Counts in sentences."""


def counted(n: int, singular: str, plural: str = "") -> str:
    """A count with its noun, such as "1 file" or "2,000 files"; `plural` is needed if it is not `singular` + "s"."""
    return f"{n:,} {singular if n == 1 else plural or f'{singular}s'}"
