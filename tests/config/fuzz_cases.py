"""Kinds of random studies. Each is a function that draws a study with hypothesis, and returns whether it is accepted.

A case raises NonsenseError if a meaningless study is accepted, and UnclearError if a message does not say what is
wrong. Any other error is a bug. test_config_fuzz.py runs some cases of each kind, and benchmarks/fuzz.py runs
thousands.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st
from odd_studies import FOLDER, STUDIES, UnclearError, judge, mutated
from odd_studies import places as places_of
from study_text import study_text
from wrong_studies import IMPOSSIBLE, PLACES, Mistake, impossible_settings, judge_mistake, judge_valid, put, valid
from wrong_texts import ENCODINGS, FILES, NOWHERE, checked, refused, scalar_lines, with_key_twice, with_value

SETTINGS = impossible_settings()
TEXTS = [file.read_text() for file in sorted(FOLDER.glob("*.yaml"))]
PIECES = "\t\n :-{}[]&*!|>'\"#%@`0123e.~nay\x00\ud800é"


def valid_study(data: st.DataObject) -> bool:
    """A valid study must be accepted, with the cells, seeds and numbers that it names."""
    judge_valid(*data.draw(valid()))
    return True


def impossible_value(data: st.DataObject) -> bool:
    """A value that a key of the grammar does not allow."""
    study, _ = data.draw(valid())
    path = data.draw(st.sampled_from(list(IMPOSSIBLE)))
    if path[:2] == ("overrides", 0):
        study = put(study, ("overrides", 0), {"when": {"dataset": "digits"}, "set": {"ema": 0.5}})
    mistake = Mistake(path, data.draw(st.sampled_from(IMPOSSIBLE[path])))
    judge_mistake(put(study, path, mistake.value), mistake)
    return False


def impossible_setting(data: st.DataObject) -> bool:
    """A value of a component's setting that the component's file does not allow."""
    study, _ = data.draw(valid())
    axis, name, setting, values = data.draw(st.sampled_from(SETTINGS))
    mistake = Mistake((*PLACES[axis], setting.name), data.draw(st.sampled_from(values)))
    judge_mistake(put(study, PLACES[axis], {"name": name, setting.name: mistake.value}), mistake)
    return False


def unknown_key(data: st.DataObject) -> bool:
    """An unknown key in any mapping."""
    study, _ = data.draw(valid())
    mappings = [(), *(path for path in places_of(study) if isinstance(_at(study, path), dict))]
    path = data.draw(st.sampled_from(mappings))
    key = data.draw(
        st.sampled_from(["zzz", "Seeds", "lrr", "__class__", "Seed", "model_", "étape", "a b", "$(touch x)"])
    )
    judge_mistake(put(study, (*path, key), 3), Mistake((*path, key), key))
    return False


def key_twice(data: st.DataObject) -> bool:
    """A key that occurs twice, because a line of the study is repeated."""
    study, _ = data.draw(valid())
    text = study_text(study)
    text, key = with_key_twice(text, data.draw(st.sampled_from(scalar_lines(text))))
    said = refused(text)
    if f"key {key!r} is given twice" not in said:
        raise UnclearError(said)
    return False


def yaml_that_is_no_value(data: st.DataObject) -> bool:
    """YAML tags, aliases, broken syntax or deep nesting in place of a value."""
    text = study_text(data.draw(valid())[0])
    refused(with_value(text, data.draw(st.sampled_from(scalar_lines(text))), data.draw(st.sampled_from(NOWHERE))))
    return False


def no_study_at_all(data: st.DataObject) -> bool:
    """Files that are not studies, alone and followed by the text of a study."""
    text = data.draw(st.sampled_from(FILES))
    refused(text)
    judge(text + data.draw(st.sampled_from(TEXTS)))
    return False


def changed_data(data: st.DataObject) -> bool:
    """Studies with one to three random changes of their data."""
    study = data.draw(st.sampled_from(STUDIES))
    for _ in range(data.draw(st.integers(1, 3))):
        study = mutated(study, data)
        if not isinstance(study, dict) or not places_of(study):
            break
    return judge(study_text(study))


def changed_text(data: st.DataObject) -> bool:
    """Studies with up to four short pieces of their text inserted, replaced or removed."""
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        start, removed = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 3))
        text = text[:start] + data.draw(st.text(PIECES, max_size=3)) + text[start + removed :]
    return judge(text)


def any_text(data: st.DataObject) -> bool:
    return judge(data.draw(st.text(max_size=60)))


def any_bytes(data: st.DataObject) -> bool:
    """Files for `gan-bench check`: random bytes, or a study in some encoding, sometimes cut or with a flipped bit."""
    content = data.draw(st.one_of(st.binary(max_size=60), st.sampled_from(TEXTS).map(str.encode)))
    if len(content) > 60:
        content = content.decode().encode(data.draw(ENCODINGS), "replace")
        content = content[: data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))]
        place = data.draw(st.one_of(st.none(), st.integers(0, max(len(content) - 1, 0))))
        if place is not None and content:
            flipped = content[place] ^ (1 << data.draw(st.integers(0, 7)))
            content = content[:place] + bytes([flipped]) + content[place + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        return checked(content, Path(folder) / "fuzzed.yaml")


#: Kind -> (function that draws and judges a case, weight of this kind among all cases).
KINDS: dict[str, tuple[Callable[[st.DataObject], bool], int]] = {
    "valid study": (valid_study, 3),
    "impossible value": (impossible_value, 5),
    "impossible setting": (impossible_setting, 5),
    "unknown key": (unknown_key, 2),
    "key twice": (key_twice, 1),
    "YAML that is no value": (yaml_that_is_no_value, 2),
    "no study at all": (no_study_at_all, 1),
    "changed data": (changed_data, 6),
    "changed text": (changed_text, 3),
    "any text": (any_text, 1),
    "any bytes": (any_bytes, 1),
}


def _at(value: object, path: tuple[str | int, ...]) -> object:
    for key in path:
        value = value[key]  # type: ignore[index]
    return value
