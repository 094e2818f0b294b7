"""The table of the settings of a run: type, default, meaning and valid places of each key.

A new setting needs one entry of RUN_KEYS and the code that reads it. The grammar of studies, the settings of a run, the
JSON schema, the reference of keys and the report are made from this table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Marks a key without a default. A run whose method reads the key must set it.
REQUIRED: Any = object()

#: Places where a key may be written: the top of a study, an item of `variants`, `set` of an override, and the settings
#: of one run (settings.json).
STUDY, VARIANT, OVERRIDE, RUN = "study", "variant", "override", "run"

VARIED = (VARIANT, OVERRIDE, RUN)
COMMON = (STUDY, OVERRIDE, RUN)
EVERYWHERE = (STUDY, VARIANT, OVERRIDE, RUN)


@dataclass(frozen=True)
class RunKey:
    """One setting of a run.

    type: int, float, choice, budget, component (of `axis`), components (a list of them), or early_stop, rewind
        or continuation: mappings whose keys are in gan_bench.config.grammar.continuation.
    read_by: the methods that read the key. "all": every method; "uses": methods whose FACTS list the key under "uses";
        the name of another key: methods that read that other key.
    several: whether an item of `variants` may list several values. Each value makes a variant.
    stored: whether the settings of a run contain the key even if it has its default. It is False for keys that earlier
        versions did not have, so that the ids of older runs do not change.
    sets: for a shorthand, the keys that it sets, as `optimizer` sets `g_optimizer` and `d_optimizer`. A shorthand is
        not itself a setting of a run.
    when: for keys with components: the name that an override's `when` uses for this key.
    column: heading of the key's column in the report's table of variants; empty for no column.
    remark: for keys that are not `stored`: text in the report for a value that is not the default.
    """

    name: str
    type: str
    help: str
    default: Any = REQUIRED
    places: tuple[str, ...] = EVERYWHERE
    axis: str = ""
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    read_by: str = "all"
    several: bool = True
    stored: bool = False
    sets: tuple[str, ...] = ()
    when: str = ""
    column: str = ""
    remark: str = "{name} {value}"


def _used(name: str, type: str, help: str, **entry: Any) -> RunKey:
    """A key that only some methods read."""
    return RunKey(name, type, help, **{"read_by": "uses", "stored": True, **entry})


#: The order is that of a run's settings. If several keys in an item of `variants` have lists, every combination of
#: their values is a variant. Combinations are listed in the order of these keys; the last key varies fastest.
RUN_KEYS = (
    RunKey("dataset", "component", "data set", axis="data", places=(RUN,), stored=True),
    RunKey(
        "method", "component", "how the generator is made; it determines which other keys are read",
        axis="methods", default="adversarial", places=VARIED, stored=True, when="method", column="method",
    ),
    _used(
        "model", "component", "generator and discriminator",
        axis="models", places=VARIED, when="model", column="model",
    ),
    _used("loss", "component", "losses of both networks", axis="losses", places=VARIED, when="loss", column="loss"),
    _used(
        "penalty", "component", "what constrains the discriminator",
        axis="penalties", default="none", places=VARIED, when="penalty", column="penalty",
    ),
    _used(
        "tricks", "components", "tricks; they replace those of a preset",
        axis="tricks", default=[], places=VARIED, when="trick", column="tricks",
    ),
    RunKey(
        "optimizer", "component", "optimizer of both networks",
        axis="optimizers", places=(VARIANT, OVERRIDE), sets=("g_optimizer", "d_optimizer"), when="optimizer",
    ),
    _used(
        "g_optimizer", "component", "optimizer of the generator",
        axis="optimizers", places=VARIED, column="G optimizer",
    ),
    _used(
        "d_optimizer", "component", "optimizer of the discriminator",
        axis="optimizers", places=VARIED, column="D optimizer",
    ),
    _used("d_steps", "int", "discriminator steps for each generator step", default=1, places=VARIED, min=1, max=1000),
    _used("batch_size", "int", "real images in a minibatch", default=64, min=2, max=65536, unit="images"),
    _used(
        "ema", "float",
        "decay of the running average of the generator's weights; this average is then scored; null = none",
        default=None, nullable=True, above=0, below=1, places=VARIED, column="average of G",
    ),
    RunKey(
        "precision", "choice", "precision of the networks' passes in training (docs/precision.md)",
        default="float32", choices=("float32", "bf16"), places=VARIED, remark="in {value}",
    ),
    _used("budget", "budget", "how long a run trains: exactly one key", several=False),
    _used(
        "log_points", "int", "largest number of rows of history.parquet",
        default=200, places=COMMON, min=2, max=10_000, unit="rows",
    ),
    _used(
        "snapshots", "int", "number of frames of progress.gif",
        default=12, places=COMMON, min=2, max=10_000, unit="frames",
    ),
    _used(
        "checkpoints", "int", "number of generators that are kept during training and scored, for curves; null = none",
        default=None, nullable=True, places=COMMON, min=1, max=1000, read_by="snapshots",
    ),
    _used(
        "early_stop", "early_stop",
        "on_collapse = end a run when the detector reports a lasting collapse (docs/collapse.md); a mapping = end a "
        "run whose score on images set aside no longer improves (docs/continuation.md); null = never",
        default=None, nullable=True, several=False, read_by="d_optimizer",
    ),
    RunKey(
        "rewind_on_collapse", "rewind",
        "when the detector reports a lasting collapse, go back to a step with changed settings (docs/continuation.md)",
        default=None, nullable=True, several=False, read_by="d_optimizer",
        remark="back to {value[to]} on collapse",
    ),
    RunKey(
        "continue_from", "continuation", "the run that this run continues, and from which step (docs/continuation.md)",
        default=None, nullable=True, places=(RUN,), read_by="budget", remark="continued from step {value[step]}",
    ),
    RunKey(
        "timeout", "float", "time of training after which a run ends with status timeout; null = never",
        default=None, nullable=True, places=COMMON, above=0, unit="seconds", read_by="budget",
    ),
    RunKey(
        "threads", "int", "CPU threads of a run; they change the bits of its results",
        default=1, places=COMMON, min=1, max=256, stored=True,
    ),
    RunKey(
        "device", "choice", "where a run trains",
        default="cpu", choices=("cpu", "cuda"), places=(RUN,), stored=True,
    ),
    RunKey("seed", "int", "seed of every random draw of the run", places=(RUN,), min=0, max=2**53 - 1, stored=True),
)  # fmt: skip

BY_NAME: Mapping[str, RunKey] = {key.name: key for key in RUN_KEYS}

#: Keys that a method's FACTS may name under "uses".
USABLE = tuple(key.name for key in RUN_KEYS if key.read_by == "uses")

#: Key -> axis, for each key with which a variant chooses one component.
COMPONENT_KEYS: Mapping[str, str] = {
    key.name: key.axis for key in RUN_KEYS if key.type == "component" and {VARIANT, RUN} <= set(key.places)
}

#: Keys that may change when a run goes back on collapse.
CHANGEABLE = (
    "loss", "penalty", "tricks", "optimizer", "g_optimizer", "d_optimizer", "d_steps", "ema", "precision",
)  # fmt: skip

#: Keys of the two optimizers.
OPTIMIZERS = BY_NAME["optimizer"].sets


def keys_at(place: str) -> Iterator[RunKey]:
    """The keys that are valid at a place."""
    return (key for key in RUN_KEYS if place in key.places)


def remarks(settings: Mapping[str, Any]) -> list[str]:
    """Remarks on `early_stop`, and on settings that are stored only if they are not default (such as "in bf16")."""
    keys = (BY_NAME[name] for name in settings if name in BY_NAME)
    texts = [
        key.remark.format(name=key.name, value=settings[key.name]) for key in keys if not key.stored and not key.sets
    ]
    rule = settings.get("early_stop")
    shown = rule["metric"]["name"] if isinstance(rule, Mapping) else rule
    return texts if rule is None else [*texts, f"early_stop {shown}"]
