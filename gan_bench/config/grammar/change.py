"""Types of the settings that an override may change or a search may vary."""

from gan_bench.config.grammar import continuation  # noqa: F401 (it adds the types of its keys to key_fields.MAPPINGS)
from gan_bench.config.grammar.fields import NotEmpty
from gan_bench.config.grammar.key_fields import with_run_keys
from gan_bench.run_keys import OVERRIDE


@with_run_keys(OVERRIDE)
class Change(NotEmpty):
    """What an override sets. A key has no effect on runs whose method does not read the key.

    If the value of a component is a mapping without `name`, it changes settings of the component that the run has.
    """

    PLACE = "under `set` of an override"
