"""Types of the settings that an override changes or that a search tries."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gan_bench.config.grammar import continuation  # noqa: F401 (it adds the types of its keys to key_fields.MAPPINGS)
from gan_bench.config.grammar.fields import Strict
from gan_bench.config.grammar.key_fields import with_run_keys
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.run_keys import OVERRIDE


class NotEmpty(Strict):
    """A mapping with at least one key."""

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        if not data:
            yield (), f"is empty; one or more of {', '.join(cls.model_fields)} is needed."


@with_run_keys(OVERRIDE)
class Change(NotEmpty):
    """What an override sets. Runs whose method does not read a key are not changed by it.

    A component's mapping without `name` is merged into the present component.
    """

    PLACE = "under `set` of an override"
