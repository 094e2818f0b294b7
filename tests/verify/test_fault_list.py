"""Every line of docs/faults.md names a test that is there."""

import re

import pytest
from workflow_tree import ROOT

TEXT = (ROOT / "docs/faults.md").read_text()
NAMES = sorted(set(re.findall(r"`((?:\w+/)?test_\w+\.py(?:::\w+)?)`", TEXT)))


@pytest.mark.parametrize("name", NAMES)
def test_the_test_is_there(name):
    file, _, function = name.partition("::")
    text = (ROOT / "tests" / file).read_text()
    assert not function or f"def {function}(" in text


def test_every_line_of_the_tables_has_one():
    lines = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
    assert len(lines) > 15 and all(re.search(r"test_\w+\.py", line) for line in lines)
