"""Numbers in a study are read as in YAML 1.2: 2e-4 is a number, and 1e6 can be a count."""

import math

import pytest

from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.files import canonical_json
from gan_bench.stats.tables.published_numbers import read_published


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2e-4", 2e-4),
        ("2.0e-4", 2e-4),
        ("1E-3", 1e-3),
        (".5", 0.5),
        ("+.5e0", 0.5),
        ("1.", 1.0),
        ("-3", -3),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("1e5", 100_000),
        ("1.0e5", 100_000),
        ("1.0E+5", 100_000),
        ("1.5e3", 1500),
        ("-2e0", -2),
        ("9007199254740992e0", 2**53),
        ("16.0", 16.0),
        ("1.5e0", 1.5),
        ("1e-400", 0.0),
        ("1e300", 1e300),
        ("-.inf", -math.inf),
    ],
)
def test_a_number_has_its_value_and_is_whole_where_it_is_written_as_a_whole_power(text, value) -> None:
    (data,) = read_yaml(f"[{text}]", "study").data
    assert (data, type(data)) == (value, type(value))


@pytest.mark.parametrize("text", ["010", "0x1f", "0o17", "1:30", "2024-01-01", "1_", "_1", "1__0", "e5", "1e", "1.2.3"])
def test_the_rest_is_text(text) -> None:
    assert read_yaml(f"[{text}]", "study").data == [text]


@pytest.mark.parametrize("tagged", ["!!float 1e5", "!!float 2.5", "!!float 1:30"])
def test_an_explicit_tag_is_a_number_too(tagged) -> None:
    assert isinstance(read_yaml(f"[{tagged}]", "study").data[0], int | float)


def test_every_spelling_makes_the_same_study(small_text, plan) -> None:
    written = small_text.replace("g_steps: 10", "g_steps: 100000").replace("seeds: 2", "seeds: 10")
    wanted = canonical_json(plan(written).to_json())
    for rate, steps in (("2e-4", "1e5"), ("2E-4", "1.0e+5"), ("0.0002", "100_000"), (".2e-3", "1e+5")):
        text = small_text.replace("2.0e-4", rate).replace("g_steps: 10", f"g_steps: {steps}")
        assert canonical_json(plan(text.replace("seeds: 2", "seeds: 1e1")).to_json()) == wanted


def test_a_whole_power_is_a_rate_too(small_text, plan) -> None:
    (cell,) = plan(small_text.replace("lr: 2.0e-4", "lr: 1e0")).cells
    assert cell.settings["g_optimizer"]["lr"] == 1.0 and isinstance(cell.settings["g_optimizer"]["lr"], float)


def test_published_numbers_are_read_the_same_way(tmp_path) -> None:
    (tmp_path / "someone.yaml").write_text(
        "source: A\nevidence: read\nprotocol: {n_real: 1e4, runs: 5}\n"
        "rows:\n  - {name: x, dataset: digits, match: {loss: began}, metric: fid, value: 2e-1, spread: 1E-3}\n"
    )
    (number,) = read_published(tmp_path)
    assert (number.value, number.spread, number.protocol["n_real"]) == (0.2, 0.001, 10_000)
