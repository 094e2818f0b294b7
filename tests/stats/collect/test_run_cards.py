"""The file of run cards (JSON, one object per run) has the bytes that `write_json` gives. Cards are read one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json
from gan_bench.stats.collect import run_cards
from gan_bench.stats.collect.run_cards import Cards, card_stream, each_card, to_json

ODD = [
    *({}, [], "", 'a\nb\u2028"\\ü模', 0, -1, 10**30, 1.0, -0.0, 1e-7, 1e300, True, False, None),
    {"b": {"a": [{}, [], [[1, [2]], {"z": None, "a": "\t"}]], "": 0.1}, "a": [], "Z": {}},
]


def cards(n: int) -> list[dict[str, Any]]:
    """n cards whose texts look like the end of a card or like the keys of a card."""
    tricky = {"seed": 99, "says": '\n }\n "cell": "x",', "none": {}, "rows": [{"cell": "y"}, []]}
    key = {"dataset": 'a "b"\n }', "cell": "cell-1", "variant": "模 · v"}
    return [{**key, "seed": i, "status": "ok", "settings": {"seed": i}, "collapse": tricky} for i in range(n)]


@pytest.mark.parametrize("value", ODD)
def test_the_layout_is_that_of_json(value: Any) -> None:
    assert to_json(value) == json.dumps(value, indent=1, sort_keys=True)


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(value)


@pytest.mark.parametrize("n", [0, 1, 2, 7])
@pytest.mark.parametrize("chunk", [1, 10, 1 << 20])
def test_one_by_one_is_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int, chunk: int) -> None:
    monkeypatch.setattr(run_cards, "CHUNK", chunk)
    file, whole = tmp_path / "cards.json", tmp_path / "whole.json"
    with card_stream(file) as put:
        for card in cards(n):
            put(card)
    write_json(whole, cards(n))
    assert file.read_bytes() == whole.read_bytes()
    assert list(each_card(file)) == cards(n)
    stored = Cards(file)
    assert list(stored.values()) == cards(n) and len(stored) == n
    assert list(stored) == [(card["dataset"], card["cell"], card["seed"]) for card in cards(n)]
    assert ("digits", "cell-1", 0) not in stored


def test_another_layout_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "cards.json"
    file.write_text(json.dumps(cards(3)))
    assert list(each_card(file)) == cards(3) and list(Cards(file).values()) == cards(3)


@pytest.mark.parametrize("read", [lambda file: list(each_card(file)), Cards])
def test_a_file_that_is_cut_off_or_absent_is_named(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "cards.json"
    with pytest.raises(UserError, match=r"cards\.json: no such file"):
        read(file)
    write_json(file, cards(3))
    content = file.read_bytes()
    for size in (len(content) // 2, len(content) - 3, 3):
        file.write_bytes(content[:size])
        with pytest.raises(UserError, match=r"cards\.json: not valid JSON"):
            read(file)


def test_cards_are_not_held(tmp_path: Path) -> None:
    """Reading keeps only the last card in memory."""
    file = tmp_path / "cards.json"
    write_json(file, cards(3))
    stored = Cards(file)
    first = stored['a "b"\n }', "cell-1", 0]
    assert first == read_json(file)[0] and stored['a "b"\n }', "cell-1", 0] is first
    assert stored['a "b"\n }', "cell-1", 1]["seed"] == 1
    assert stored['a "b"\n }', "cell-1", 0] is not first
