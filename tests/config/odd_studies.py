"""Studies with random changes. `judge` checks that a text is refused with clear messages or gives a sensible plan.

test_config_fuzz.py and benchmarks/fuzz.py use this module.
"""

import copy
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from gan_bench.config.document.check import check_report
from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import Plan, expand
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError
from gan_bench.registry import AXES, Setting, component

FOLDER = Path(__file__).resolve().parents[2] / "config" / "studies"
PRESET, STILL, CODER = (
    str(Path(__file__).resolve().parent / "own" / f"{name}.py") for name in ("preset", "still", "coder")
)
RICH = {
    "description": "everything a study may have",
    "datasets": ["digits", {"name": "sunflowers", "label": "flowers", "size": 32}],
    "variants": [
        {"name": "a", "model": ["mlp", {"name": "dcgan", "width": 8}], "loss": "minimax", "optimizer": ["adam", "sgd"]},
        {
            "model": {"name": "mlp", "g_widths": [8, 16]},
            "loss": [{"name": "least_squares", "a": -1.0}, "wasserstein"],
            "penalty": ["weight_clipping", {"name": "gradient_penalty", "weight": 5.0}],
            "g_optimizer": {"name": "adam", "lr": 1e-4},
            "d_optimizer": "rmsprop",
            "d_steps": [1, 5],
            "batch_size": 16,
            "budget": {"images": 1000},
            "datasets": ["flowers"],
        },
        PRESET,
        {"preset": [PRESET], "model": {"g_widths": [8]}, "loss": ["minimax", "hinge"], "ema": [None, 0.99]},
        {
            "preset": PRESET,
            "name": "b",
            "tricks": [[], [{"name": "packing", "m": 4}]],
            "d_optimizer": {"lr": 0.2},
        },
        {"method": STILL, "datasets": "digits"},
        {"method": {"name": CODER, "depth": 3}, "model": "mlp", "optimizer": "adam", "batch_size": [4, 8]},
        {
            "model": "mlp",
            "loss": "non_saturating",
            "optimizer": "adam",
            "tricks": ["labels", {"name": "d_steps_schedule", "first": 3}],
            "ema": 0.5,
            "datasets": "digits",
        },
    ],
    "overrides": [
        {"when": {"dataset": "digits", "variant": "a"}, "set": {"optimizer": {"lr": 0.1}, "batch_size": 8}},
        {"when": {"variant": "preset", "method": "adversarial", "loss": "hinge"}, "set": {"tricks": ["flips"]}},
        {"when": {"trick": "labels"}, "set": {"d_steps": 2, "method": "unrolled", "ema": None}},
    ],
    "seeds": [3, 1],
    "budget": {"epochs": 1.5},
    "chunk": 1,
    "evaluation": {"metrics": ["frechet"], "split": "train", "n_samples": 10, "extractor": "random_conv"},
    "figures": [],
}
STUDIES: list[Any] = [RICH, *(read_yaml(file.read_text(), "study").data for file in sorted(FOLDER.glob("*.yaml")))]

#: Values that are wrong at many places of a study, and some correct values.
NASTY = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1, 2, 10**30, 0.0, -0.0, 1e-300, 1e308, float("nan"), float("inf")]),
    st.sampled_from(["", " ", "a/b", "../x", "x.py", "./", "2e-4", "no", "\x00", "é", "data", "none", "auto", "a\nb"]),
    st.sampled_from(
        ["mlp", "dcgan", "adam", "wasserstein", "gradient_penalty", "digits", "classifier", "__init__", "_idx"]
    ),
    st.sampled_from(["labels", "flips", "adversarial", "vae", "preset", PRESET, STILL, ["flips"], [["flips"], []]]),
    st.sampled_from(
        [[], {}, [[]], [None], {"name": None}, {"name": "mlp"}, {"lr": 1}, {1: 2}, {"name": "adam", "lr": []}]
    ),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
)
WORDS = "name label lr model loss seeds set when digest x epochs size preset method tricks ema trick"
KEYS = st.sampled_from(WORDS.split())


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values inside `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in items for place in [(*path, key), *places(item, (*path, key))]]


def mutated(study: Any, data: st.DataObject) -> Any:
    """`study` with one value replaced, removed, repeated, renamed, put into a list, added or swapped."""
    study = copy.deepcopy(study)
    path = data.draw(st.sampled_from(places(study)))
    parent = study
    for key in path[:-1]:
        parent = parent[key]
    key = path[-1]
    action = data.draw(st.sampled_from(["replace", "remove", "double", "rename", "wrap", "add", "swap"]))
    if action == "remove":
        del parent[key]
    elif action == "wrap":
        parent[key] = [parent[key], data.draw(NASTY)] if data.draw(st.booleans()) else [parent[key]]
    elif action == "double" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif action == "rename" and isinstance(parent, dict):
        parent[data.draw(KEYS)] = parent.pop(key)
    elif action == "add" and isinstance(parent[key], dict):
        parent[key][data.draw(KEYS)] = data.draw(NASTY)
    elif action == "swap":
        other: Any = study
        for step in data.draw(st.sampled_from(places(study))):
            other = other[step]
        parent[key] = copy.deepcopy(other)
    else:
        parent[key] = data.draw(NASTY)
    return study


class NonsenseError(AssertionError):
    """A meaningless study was accepted."""


class UnclearError(AssertionError):
    """A study was refused with a message that does not say what is wrong."""


def judge(text: str) -> bool:
    """Whether `text` is accepted as a study. Raises UnclearError or NonsenseError; any other error is a bug."""
    try:
        study = parse_study(text, "fuzzed", FOLDER)
    except UserError as error:
        if not error.sentences:
            raise UnclearError("refused without a sentence") from None
        for sentence in error.sentences:
            if not sentence.startswith("fuzzed.yaml:") or "\n" in sentence or len(sentence) >= 900:
                raise UnclearError(sentence) from None
        return False
    plan = expand(study)
    wrong = wrong_plan(plan)
    if plan.to_json() != expand(parse_study(text, "fuzzed", FOLDER)).to_json():
        wrong.append("two readings give two plans")
    if not check_report(study).startswith("study fuzzed: valid"):
        wrong.append("not called valid")
    for cell in plan.cells[:2]:
        run = {**cell.settings, "seed": cell.seeds[0]}
        wrong += [] if validate_run_settings(run) == run else ["the settings of a run are not settings of a run"]
    if wrong:
        raise NonsenseError("; ".join(wrong))
    return True


#: Key of a run's settings -> axis of the component that the key names.
PARTS = {
    "dataset": "data",
    "method": "methods",
    "model": "models",
    "loss": "losses",
    "penalty": "penalties",
    "g_optimizer": "optimizers",
    "d_optimizer": "optimizers",
}


def wrong_plan(plan: Plan) -> list[str]:
    """Errors in the plan of an accepted study, found without the code that checks studies."""
    cells = [*plan.cells, *plan.start]  # the chosen cells of a search are known only after the search
    wrong = [] if cells and all(cell.seeds for cell in cells) else ["nothing to run"]
    wrong += _repeated("cell", [(cell.dataset, cell.id) for cell in plan.cells])
    wrong += _repeated("variant", [(cell.dataset, cell.variant) for cell in plan.cells])
    try:
        if json.loads(json.dumps(plan.to_json(), allow_nan=False)) != plan.to_json():
            wrong.append("the plan changes when it is written")
    except ValueError as error:
        wrong.append(f"the plan cannot be written: {error}")
    for label in plan.datasets:
        wrong += [] if re.fullmatch(r"[A-Za-z0-9][\w.-]*", label, re.ASCII) else [f"label {label!r}"]
    for cell in cells:
        wrong += [] if re.fullmatch(r"[A-Za-z0-9][\w.-]*", cell.id, re.ASCII) else [f"id {cell.id!r}"]
        wrong += _repeated("seed", cell.seeds)
        wrong += [f"seed {seed!r}" for seed in cell.seeds if type(seed) is not int or not 0 <= seed < 2**53]
        wrong += _wrong_run(cell.settings)
    return wrong


def _repeated(what: str, values: list[Any]) -> list[str]:
    return [] if len(set(values)) == len(values) else [f"a {what} twice"]


def _wrong_run(run: Mapping[str, Any]) -> list[str]:
    refs = [(axis, run[key]) for key, axis in PARTS.items() if run[key] is not None]
    refs += [("tricks", ref) for ref in run["tricks"] or []]
    wrong = [text for axis, ref in refs for text in _wrong_ref(axis, ref)]
    for key, low, high in (("d_steps", 1, 1000), ("batch_size", 2, 65536), ("threads", 1, 256)):
        wrong += [] if run[key] is None or _whole(run[key], low, high) else [f"{key} {run[key]!r}"]
    for key, low, high in (("log_points", 2, 10_000), ("snapshots", 2, 10_000), ("checkpoints", 1, 1000)):
        wrong += [] if run[key] is None or _whole(run[key], low, high) else [f"{key} {run[key]!r}"]
    if run["ema"] is not None and not (type(run["ema"]) is float and 0 < run["ema"] < 1):
        wrong.append(f"ema {run['ema']!r}")
    if run["budget"] is not None:
        ((unit, amount),) = run["budget"].items()
        good = type(amount) in (int, float) and math.isfinite(amount) and amount > 0
        wrong += [] if good and unit in ("g_steps", "d_steps", "images", "epochs") else [f"budget {run['budget']}"]
    return wrong


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _wrong_ref(axis: str, ref: Mapping[str, Any]) -> list[str]:
    """Settings of a component that disagree with the declarations in the file of the component."""
    declared = component(axis, ref["name"]).settings
    given = {key: value for key, value in ref.items() if key not in ("name", "digest")}
    wrong = [] if axis in AXES and set(given) == set(declared) else [f"{ref['name']}: settings {sorted(given)}"]
    return wrong + [
        f"{ref['name']}.{key} {given[key]!r}"
        for key in set(given) & set(declared)
        if not fits(declared[key], given[key])
    ]


def fits(setting: Setting, value: Any) -> bool:
    """Whether a value agrees with the declaration of a setting.

    The function shares no code with the check of studies.
    """
    if value is None:
        return setting.nullable
    if setting.type == "ints":
        return (
            isinstance(value, list | tuple)
            and 0 < len(value) <= 100
            and all(_fits_one("int", setting, v) for v in value)
        )
    return _fits_one(setting.type, setting, value)


def _fits_one(kind: str, setting: Setting, value: Any) -> bool:
    types = {"int": (int,), "float": (float,), "bool": (bool,), "str": (str,), "path": (str,)}[kind]
    if type(value) not in types or (setting.choices and value not in setting.choices):
        return False
    if kind in ("str", "path"):
        return value.isprintable() and 0 < len(value) <= 1000
    if kind == "bool":
        return True
    inside = math.isfinite(value) and abs(value) < (2**53 if kind == "int" else math.inf)
    low = setting.min is None or value >= setting.min
    high = setting.max is None or value <= setting.max
    above = setting.above is None or value > setting.above
    below = setting.below is None or value < setting.below
    return inside and low and high and above and below
