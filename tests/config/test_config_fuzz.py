"""Each of hundreds of random studies is refused with clear messages, or accepted with a plan that can be run.

benchmarks/fuzz.py (`make fuzz`) draws thousands of studies.
"""

import copy

import pytest
from fuzz_cases import KINDS, SETTINGS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_studies import FOLDER, RICH, NonsenseError, fits, judge, wrong_plan
from study_text import study_text
from wrong_studies import Mistake, judge_mistake, judge_valid

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand

#: Number of cases of all kinds together.
CASES = 270


def test_the_rich_study_is_accepted_as_it_is() -> None:
    text = study_text(RICH)
    assert len(expand(parse_study(text, "fuzzed", FOLDER)).cells) == 36
    assert judge(text)


@pytest.mark.parametrize("kind", KINDS)
def test_made_up_studies(kind: str) -> None:
    case, share = KINDS[kind]
    count = CASES * share // sum(part for _, part in KINDS.values())

    @settings(
        max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        case(data)

    run()


SMALL = {
    "datasets": ["digits"],
    "variants": [
        {"model": "mlp", "loss": "hinge", "optimizer": {"name": "adam", "lr": 0.1}, "d_steps": 1, "batch_size": 8}
    ],
    "seeds": 2,
    "budget": {"g_steps": 10},
}


def test_the_judges_can_say_no() -> None:
    judge_valid(SMALL, 1)
    with pytest.raises(NonsenseError, match="1 cells instead of 2"):
        judge_valid(SMALL, 2)
    with pytest.raises(NonsenseError, match="a valid study is refused"):
        judge_valid({**SMALL, "seeds": -1}, 1)
    with pytest.raises(NonsenseError, match="seeds: 2 is accepted"):
        judge_mistake(SMALL, Mistake(("seeds",), 2))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("batch_size", 1),
        ("d_steps", True),
        ("ema", 1.0),
        ("budget", {"g_steps": float("nan")}),
        ("g_optimizer", {"name": "adam", "lr": -1.0, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8}),
        ("model", {"name": "mlp", "widths": 3}),
    ],
)
def test_a_plan_with_nonsense_in_it_is_seen(key: str, value: object) -> None:
    plan = expand(parse_study(study_text(SMALL), "fuzzed", FOLDER))
    assert wrong_plan(plan) == []
    changed = copy.deepcopy(plan)
    changed.cells[0].settings[key] = value
    assert wrong_plan(changed)


def test_every_declared_limit_gives_impossible_values() -> None:
    assert len(SETTINGS) > 60
    for axis, name, setting, values in SETTINGS:
        assert values and (setting.required or fits(setting, setting.default)), f"{axis}: {name}.{setting.name}"
