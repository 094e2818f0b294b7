"""Studies mutated at random: refused in sentences, or accepted as something that can be carried out."""

import copy
import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_bench.config.check import check_report
from gan_bench.config.grid import expand
from gan_bench.config.load import parse_study
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError

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
STUDIES: list[Any] = [RICH, *(yaml.safe_load(file.read_text()) for file in sorted(FOLDER.glob("*.yaml")))]

#: Values that are wrong somewhere, and some that are right.
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


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values inside `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in items for place in [(*path, key), *_places(item, (*path, key))]]


def _mutate(study: Any, data: st.DataObject) -> Any:
    """`study` with one value replaced, removed, doubled, renamed, wrapped in a list or added."""
    study = copy.deepcopy(study)
    path = data.draw(st.sampled_from(_places(study)))
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
        for step in data.draw(st.sampled_from(_places(study))):
            other = other[step]
        parent[key] = copy.deepcopy(other)
    else:
        parent[key] = data.draw(NASTY)
    return study


def _judge(text: str) -> None:
    """Refused in whole sentences, or a plan whose ids are unique and whose JSON is finite."""
    try:
        study = parse_study(text, "fuzzed", FOLDER)
    except UserError as error:
        assert error.sentences
        for sentence in error.sentences:
            assert sentence.startswith("fuzzed.yaml:") and "\n" not in sentence and len(sentence) < 900, sentence
        return
    plan = expand(study)
    assert plan.cells and all(cell.seeds for cell in plan.cells)
    assert len({(cell.dataset, cell.id) for cell in plan.cells}) == len(plan.cells)
    assert len({(cell.dataset, cell.variant) for cell in plan.cells}) == len(plan.cells)
    assert json.loads(json.dumps(plan.to_json(), allow_nan=False)) == plan.to_json()
    assert plan.to_json() == expand(parse_study(text, "fuzzed", FOLDER)).to_json()
    assert check_report(study).startswith("study fuzzed: valid")
    for cell in plan.cells[:2]:
        run = {**cell.settings, "seed": cell.seeds[0]}
        assert validate_run_settings(run) == run


def test_the_rich_study_is_accepted_as_it_is() -> None:
    text = yaml.safe_dump(RICH, sort_keys=False)
    assert len(expand(parse_study(text, "fuzzed", FOLDER)).cells) == 36
    _judge(text)


FUZZ = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@FUZZ
@given(st.data())
def test_mutated_data(data: st.DataObject) -> None:
    study = data.draw(st.sampled_from(STUDIES))
    for _ in range(data.draw(st.integers(1, 3))):
        study = _mutate(study, data)
        if not isinstance(study, dict) or not _places(study):
            break
    _judge(yaml.safe_dump(study, sort_keys=False, allow_unicode=True))


@FUZZ
@given(st.data())
def test_mutated_text(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(sorted(FOLDER.glob("*.yaml")))).read_text()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        removed = data.draw(st.integers(0, 3))
        text = (
            text[:start]
            + data.draw(st.text("\t\n :-{}[]&*!|>'\"#%@`0123e.~nay\x00\ud800é", max_size=3))
            + text[start + removed :]
        )
    _judge(text)


@FUZZ
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    _judge(text)
