"""Words for counts."""


def plural(count: int, singular: str, plural_form: str | None = None) -> str:
    """ "1 run", "2,000 runs"; `plural_form` is given for nouns whose plural is not the singular with an s."""
    return f"{count:,} {singular if count == 1 else plural_form or singular + 's'}"
