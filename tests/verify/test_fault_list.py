"""Every line of docs/faults.md names an existing test."""

import re

import pytest
from workflow_tree import ROOT

TEXT = (ROOT / "docs/faults.md").read_text()
NAMES = sorted(set(re.findall(r"`((?:\w+/)?test_\w+\.py(?:::\w+)?)`", TEXT)))


@pytest.mark.parametrize("name", NAMES)
def test_the_test_is_there(name):
    file, _, function = name.partition("::")
    text = (ROOT / "tests" / file).read_text()
    assert re.search(rf"^def {function or 'test_'}", text, re.MULTILINE)


def test_every_line_of_the_tables_has_one():
    tables = re.findall(r"^\| .*\n\|[-|]+\n((?:\| .*\n)+)", TEXT, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    assert len(tables) == 10 and len(lines) == len(re.findall(r"^\| ", TEXT, re.MULTILINE)) - len(tables)
    assert len(lines) > 60 and [line for line in lines if not re.search(r"test_\w+\.py", line)] == []
