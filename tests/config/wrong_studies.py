"""Random valid studies with a known number of cells, and studies with one mistake of a known kind.

The valid values are written here, or read from the components' declarations, without the code that checks studies.
test_config_fuzz.py and benchmarks/fuzz.py use this module.
"""

import copy
import itertools
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st
from odd_studies import FOLDER, NonsenseError, UnclearError, fits, judge
from study_text import study_text

from gan_bench import registry
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError
from gan_bench.registry import Setting

NAN, INF = float("nan"), float("inf")
TEXT = ["", " ", "five", "é", "2e-4", "a\nb", "$(touch x)", "../x", "\x00"]
NOT_A_NUMBER = [None, True, "3", "many", [], {}, [[1]], {"a": 1}, NAN, INF, -INF]


@dataclass(frozen=True)
class Mistake:
    """An invalid value, and the `path` from the top of the study to its place."""

    path: tuple[str | int, ...]
    value: Any


def whole(low: int, high: int) -> list[Any]:
    """Values that are not valid where a whole number from `low` to `high` is needed."""
    return [*NOT_A_NUMBER, low - 1, -high, high + 1, 10**30, low + 0.5, 1e300]


def number(above: float, below: float) -> list[Any]:
    """Values that are not valid where a number above `above` and at most `below` is needed."""
    return [*NOT_A_NUMBER, above, above - 1, below + 1, 1e301]


NO_MAPPING = [None, True, 3, "text", [1], NAN]
NO_LIST_OF_PARTS = [None, True, 3, NAN, [], {}, [None], [[]], ["no_such_part"], "no_such_part"]
NO_PART = [None, True, 3, -1.5, NAN, "no_such_part", "__init__", "../mlp", "mlp.py", "/etc/passwd", {}, {"width": 3}]

#: Path to a place in a study -> values that are not valid at this place in any study.
IMPOSSIBLE: dict[tuple[str | int, ...], list[Any]] = {
    ("description",): [None, True, 3, NAN, [], {}, "x" * 1001],
    ("datasets",): NO_LIST_OF_PARTS,
    ("datasets", 0): [*NO_PART, {"name": "digits", "label": "../x"}, {"name": "digits", "label": "a b"}],
    ("variants",): [None, True, 3, "mlp", [], {}, [None], [3]],
    ("variants", 0): [*NO_MAPPING, {}, {"preset": "no_such_part"}],
    ("variants", 0, "name"): [None, True, 3, "", " a", "a\nb", "x" * 81, []],
    ("variants", 0, "method"): NO_PART,
    ("variants", 0, "model"): [*NO_PART, []],
    ("variants", 0, "loss"): [*NO_PART, [], ["minimax", None]],
    ("variants", 0, "penalty"): [*NO_PART, []],
    ("variants", 0, "optimizer"): [*NO_PART, []],
    ("variants", 0, "tricks"): [True, 3, "no_such_part", ["flips", "flips"], [["flips"], "labels"]],
    ("variants", 0, "d_steps"): [*whole(1, 1000), [1, 0], [1, None]],
    ("variants", 0, "batch_size"): [*whole(2, 65536), [64, 1]],
    ("variants", 0, "ema"): [True, "0.9", [], {}, NAN, 0, 1, 1.5, -0.1, [0.9, 2]],
    ("variants", 0, "budget"): [*NO_MAPPING, {}, {"g_steps": 1, "images": 2}, {"g_steps": 0}, {"epochs": NAN}],
    ("variants", 0, "datasets"): [None, True, 3, [], "elsewhere", ["elsewhere"]],
    ("overrides",): [None, True, 3, "text", {}, [None], [{}]],
    ("overrides", 0): [*NO_MAPPING, {}, {"when": {"dataset": "digits"}}, {"set": {"d_steps": 2}}],
    ("overrides", 0, "when"): [*NO_MAPPING, {}, {"dataset": "elsewhere"}, {"model": []}],
    ("overrides", 0, "set"): [*NO_MAPPING, {}, {"d_steps": 0}, {"seeds": 3}, {"batch_size": 1.5}],
    ("seeds",): [*NOT_A_NUMBER, 0, -1, 10_001, 1.5, [1, 1], [-1], [2**53], [1.5], [None], [True]],
    ("budget",): [*NO_MAPPING, {}, {"g_steps": 10, "epochs": 1}, {"steps": 3}],
    ("budget", "g_steps"): whole(1, 10**12),
    ("batch_size",): whole(2, 65536),
    ("log_points",): whole(2, 10_000),
    ("snapshots",): whole(2, 10_000),
    ("checkpoints",): [bad for bad in whole(1, 1000) if bad is not None],
    ("early_stop",): [True, 3, "always", [], {}, NAN],
    ("timeout",): [True, 0, -1, "an hour", [], {}, NAN],
    ("threads",): whole(1, 256),
    ("chunk",): [bad for bad in whole(1, 1000) if bad is not None],
    ("evaluation",): NO_MAPPING,
    ("evaluation", "metrics"): [*NO_LIST_OF_PARTS, ["frechet", "frechet"]],
    ("evaluation", "split"): [None, True, 3, "all", [], NAN],
    ("evaluation", "n_samples"): [bad for bad in whole(2, 10**7) if bad is not None],
    ("evaluation", "extractor"): NO_PART,
    ("figures",): [True, 3, "loss_curves", {}, ["no_such_part"], ["loss_curves", "loss_curves"]],
}

#: Axis -> path to a place in a study that names a component of this axis.
PLACES: dict[str, tuple[str | int, ...]] = {
    "data": ("datasets", 0),
    "methods": ("variants", 0, "method"),
    "models": ("variants", 0, "model"),
    "losses": ("variants", 0, "loss"),
    "penalties": ("variants", 0, "penalty"),
    "optimizers": ("variants", 0, "optimizer"),
    "tricks": ("variants", 0, "tricks", 0),
    "features": ("evaluation", "extractor"),
    "metrics": ("evaluation", "metrics", 0),
    "figures": ("figures", 0),
}


@st.composite
def valid(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A study as data, and the number of its cells."""

    def some(values: list[Any], most: int = 3) -> list[Any]:
        return draw(st.lists(st.sampled_from(values), min_size=1, max_size=most, unique_by=json.dumps))

    datasets = some(["digits", {"name": "sunflowers", "size": 32}, {"name": "digits", "label": "d.2", "size": 16}], 2)
    lists: dict[str, list[Any]] = {
        "model": some(["mlp", {"name": "mlp", "g_widths": [16]}, {"name": "dcgan", "width": 8}]),
        "loss": some(["minimax", "non_saturating", "hinge", "least_squares"], 2),
        "optimizer": [
            {"name": draw(st.sampled_from(["adam", "sgd", "rmsprop"])), "lr": lr}
            for lr in draw(st.lists(st.floats(1e-6, 0.9), min_size=1, max_size=2, unique=True))
        ],
        "d_steps": draw(st.lists(st.integers(1, 1000), min_size=1, max_size=2, unique=True)),
        "batch_size": draw(st.lists(st.integers(2, 500), min_size=1, max_size=2, unique=True)),
    }
    variant = {key: values if len(values) > 1 else values[0] for key, values in lists.items()}
    seeds = draw(
        st.one_of(st.integers(1, 50), st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=4, unique=True))
    )
    study: dict[str, Any] = {
        "datasets": datasets,
        "variants": [variant],
        "seeds": seeds,
        "budget": draw(st.sampled_from([{"g_steps": 10}, {"images": 10**6}, {"epochs": 0.5}, {"d_steps": 10**12}])),
    }
    for key, values in (("chunk", (1, 1000)), ("threads", (1, 256)), ("log_points", (2, 10_000))):
        if draw(st.booleans()):
            study[key] = draw(st.integers(*values))
    return study, len(datasets) * math.prod(map(len, lists.values()))


def judge_valid(study: dict[str, Any], cells: int) -> None:
    """Raises NonsenseError if a valid study is refused, or if its plan has other cells or numbers than the study."""
    text = study_text(study)
    try:
        plan = expand(parse_study(text, "fuzzed", FOLDER))
    except UserError as error:
        raise NonsenseError(f"a valid study is refused: {error}") from None
    if len(plan.cells) != cells:
        raise NonsenseError(f"{len(plan.cells)} cells instead of {cells}")
    seeds = list(range(study["seeds"])) if isinstance(study["seeds"], int) else study["seeds"]
    (variant,) = study["variants"]
    for key, found in (
        ("d_steps", [cell.settings["d_steps"] for cell in plan.cells]),
        ("batch_size", [cell.settings["batch_size"] for cell in plan.cells]),
        ("optimizer", [cell.settings["g_optimizer"] for cell in plan.cells]),
    ):
        asked = variant[key] if isinstance(variant[key], list) else [variant[key]]
        values = [item["lr"] for item in asked] if key == "optimizer" else asked
        if {item["lr"] for item in found} != set(values) if key == "optimizer" else set(found) != set(values):
            raise NonsenseError(f"{key} is {found}, not {asked}")
    if any(cell.seeds != seeds or cell.settings["budget"] != study["budget"] for cell in plan.cells):
        raise NonsenseError("other seeds or another budget than the study names")
    judge(text)


def put(study: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """A copy of `study` with `value` at `path`; missing parents are created."""
    study = copy.deepcopy(study)
    parent: Any = study
    for key, after in itertools.pairwise(path):
        missing: Any = [] if isinstance(after, int) else {}
        if isinstance(key, int):
            parent.extend([missing] * (key + 1 - len(parent)))
        elif not isinstance(parent.get(key), list if isinstance(after, int) else dict):
            parent[key] = missing
        parent = parent[key]
    if isinstance(parent, list):
        parent.extend([None] * (int(path[-1]) + 1 - len(parent)))
    parent[path[-1]] = copy.deepcopy(value)
    return study


def impossible_settings() -> list[tuple[str, str, Setting, list[Any]]]:
    """(axis, component, setting, values that its declaration excludes) for every component."""
    found = []
    for axis in PLACES:
        for name in registry.names(axis):
            for setting in registry.component(axis, name).settings.values():
                bad = [value for value in _candidates(setting) if not fits(setting, _read(setting, value))]
                found.append((axis, name, setting, bad))
    return found


def _read(setting: Setting, value: Any) -> Any:
    """The value as the study reads it: a whole number becomes a float if the setting is a float."""
    return float(value) if setting.type == "float" and type(value) is int else value


def _candidates(setting: Setting) -> list[Any]:
    limits = [limit for limit in (setting.min, setting.max, setting.above, setting.below) if limit is not None]
    beside = [value for limit in limits for value in (limit, limit - 1, limit + 1, limit - 1e-9, -limit, limit * 1e9)]
    kind: Callable[[Any], Any] = int if setting.type in ("int", "ints") else float
    typed = [kind(value) for value in beside if math.isfinite(value)]
    return [*NOT_A_NUMBER, *TEXT, *typed, *([value] for value in typed), 10**30, 1e301, [True], ["x"], [-(10**20)]]


def judge_mistake(study: dict[str, Any], mistake: Mistake) -> None:
    """Raises NonsenseError if a study with this mistake is accepted.

    Raises UnclearError if no message names the place, the value, and what is valid.
    """
    text = study_text(study)
    if judge(text):
        raise NonsenseError(f"{show_path(mistake.path)}: {mistake.value!r} is accepted")
    try:
        parse_study(text, "fuzzed", FOLDER)
    except UserError as error:
        place, forms = show_path(mistake.path), [form for form in _forms(mistake.value) if form]
        if not any(
            place in sentence and any(form in sentence for form in forms) and HELP.search(sentence)
            for sentence in error.sentences
        ):
            raise UnclearError(f"{place}: {mistake.value!r}: {error}") from None


#: Words with which a message states what is valid.
HELP = re.compile(
    r"needed|give the path|[Vv]alid|missing|once|possible|rename|keep one|is not in|a list of|no component file"
)


def show_path(path: tuple[str | int, ...]) -> str:
    """("variants", 0, "ema") -> "variants[0].ema"."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def _forms(value: Any) -> list[str]:
    """The ways in which a message may write a value, or the wrong part of it."""
    if value is None or value == [] or value == {}:
        return ["empty", "missing", "null", "[]", "{}", "has nothing", "at least 1", "at least one", "no optimizer"]
    if isinstance(value, dict | list):
        items = [*value, *value.values()] if isinstance(value, dict) else value
        return ["is missing", json.dumps(value)[:50], *(form for item in items for form in _forms(item))]
    if isinstance(value, str):
        return [value if value.isprintable() and value.strip() else repr(value)[1:-1], repr(value)[:50], "empty"][
            : 3 - bool(value)
        ]
    large = ["a number of more than 60 digits"] if abs(value) > 1e60 else []
    return [yaml.safe_dump(value).partition("\n")[0][:50], str(value)[:50], json.dumps(value)[:50], *large]
