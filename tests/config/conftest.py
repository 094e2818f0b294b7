"""A small valid study that tests change in one place, and functions that read it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from study_text import study_text

from gan_bench.config.grammar.study import Study
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import Plan, expand
from gan_bench.errors import UserError

SMALL = """\
description: small
datasets: [digits]
variants:
  - model: {name: dcgan, width: 16}
    loss: non_saturating
    penalty: none
    optimizer: {name: adam, lr: 2.0e-4}
seeds: 2
budget: {g_steps: 10}
"""


@pytest.fixture
def small() -> dict[str, Any]:
    """The small study as data, which a test may change."""
    data: dict[str, Any] = yaml.safe_load(SMALL)
    return data


@pytest.fixture
def small_text() -> str:
    return SMALL


@pytest.fixture
def read() -> Callable[..., Study]:
    """A function that reads a study from data or YAML text, under a given name."""

    def parse(content: Any, name: str = "tiny", folder: Path | None = None) -> Study:
        text = content if isinstance(content, str) else study_text(content)
        return parse_study(text, name, folder)

    return parse


@pytest.fixture
def plan(read: Callable[..., Study]) -> Callable[..., Plan]:
    """A function that returns the plan of a study given as data or YAML text."""
    return lambda content, **kwargs: expand(read(content, **kwargs))


@pytest.fixture
def mistakes(read: Callable[..., Study]) -> Callable[..., tuple[str, ...]]:
    """A function that returns the error messages for an invalid study."""

    def refused(content: Any, **kwargs: Any) -> tuple[str, ...]:
        with pytest.raises(UserError) as caught:
            read(content, **kwargs)
        return caught.value.sentences

    return refused
