"""Test cases from several lists of values. The normal suite uses each value; --slow adds all combinations of values."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest


def covering(names: str, *lists: Sequence[Any]) -> Any:
    """A mark that parametrizes a test over the product of the lists.

    Args:
        names: argument names, separated by commas, one for each list.
        *lists: values of each argument.

    Returns:
        `pytest.mark.parametrize` with all combinations. Case i of the normal suite takes value i of each list; a
        shorter list is repeated. All other combinations are marked slow.
    """
    longest = max(map(len, lists))
    ordinary = {tuple(i % len(values) for values in lists) for i in range(longest)}
    cases = [
        pytest.param(
            *(values[i] for values, i in zip(lists, indices, strict=True)),
            id="-".join(_word(values[i]) for values, i in zip(lists, indices, strict=True)),
            marks=() if indices in ordinary else pytest.mark.slow,
        )
        for indices in product(*(range(len(values)) for values in lists))
    ]
    return pytest.mark.parametrize(names, cases)


def _word(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(map(_word, value))
    return str(getattr(value, "__name__", value))
