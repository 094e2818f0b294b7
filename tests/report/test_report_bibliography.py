"""Works that components cite have entries, and the BibTeX of every component can be parsed."""

import itertools
import json
import re

import pytest

from gan_bench.registry import AXES, component, components
from gan_bench.report.bibliography import bibtex, cited, key_of, known, works

COMPONENTS = [declared for axis in AXES for declared in components(axis)]
PAPER = "Li & Ng 2026, On Things (arXiv:2601.00001); Li 2026, More Things (arXiv:2601.00002); Student 1908, Biometrika"
FIELDS = {"author", "title", "year", "booktitle", "journal", "volume", "number", "pages", "howpublished"}


def parsed(text: str) -> dict[str, dict[str, str]]:
    """Fields of each entry by its key; braces must be balanced."""
    assert text.count("{") == text.count("}")
    entries = {}
    for kind, key, body in re.findall(r"@(\w+)\{(\w+),\n(.*?)\n\}(?=\n\n|\Z)", text, re.DOTALL):
        fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", body, re.MULTILINE))
        entries[key] = {"kind": kind, **fields}
    return entries


@pytest.mark.parametrize("declared", COMPONENTS, ids=lambda declared: f"{declared.axis}-{declared.name}")
def test_what_a_component_cites_can_be_read(declared):
    entries = works(declared)
    assert len(parsed(bibtex(entries))) == len(entries)
    assert declared.references.keys() <= entries.keys(), "a reference that `paper` does not cite"
    assert all(entry.keys() <= FIELDS for entry in declared.references.values())


def test_works_of_several_components_have_one_entry():
    references = {}
    for declared in COMPONENTS:
        for name, entry in declared.references.items():
            assert references.setdefault(name, entry) == entry, (declared.name, name)
    keys = sorted(key_of(entry) for entry in known().values())
    assert [key for key, group in itertools.groupby(keys) if len(list(group)) > 1] == []


def test_what_is_cited_is_found():
    paper = "Student 1908, Biometrika 6(1); after Agarwal et al. 2021, arXiv 2108.13264; Someone 1999, On things & more"
    assert list(cited(paper, {})) == ["Student 1908", "2108.13264", "Someone 1999, On things & more"]
    assert cited("none: a calibration row", {}) == cited("method: medians", {}) == {}
    entries = parsed(bibtex(cited(paper, {})))
    assert entries["student1908probable"]["journal"] == "Biometrika"
    agarwal = entries["agarwal2021deep"]
    assert agarwal["eprint"] == "2108.13264" and agarwal["archiveprefix"] == "arXiv"
    assert entries["someone1999cited"] == {"kind": "misc", "note": "Someone 1999, On things \\& more", "year": "1999"}


def test_a_work_without_an_entry_is_cited_by_the_words_of_the_component():
    entries = parsed(bibtex(cited(PAPER, {})))
    assert list(entries) == ["li2026cited", "li2026citedx2", "student1908probable"]
    note = "Li \\& Ng 2026, On Things (arXiv:2601.00001)"
    arxiv = {"eprint": "2601.00001", "archiveprefix": "arXiv"}
    assert entries["li2026cited"] == {"kind": "misc", "note": note, "year": "2026", **arxiv}


def test_an_entry_of_the_component_comes_first(tmp_path):
    entry = {"author": "Li, Ann and Ng, Bo", "title": "On Things", "year": 2026, "journal": "Letters"}
    facts = {"paper": PAPER, "references": {"2601.00001": entry, "Student 1908": {**entry, "year": 1908}}}
    (tmp_path / "own.py").write_text(f'"""Own."""\nFACTS = {facts!r}\n')
    entries = parsed(bibtex(works(component("losses", str(tmp_path / "own.py")))))
    assert list(entries) == ["li1908things", "li2026cited", "li2026things"]
    assert entries["li2026things"]["kind"] == "article" and entries["li2026things"]["eprint"] == "2601.00001"
    assert entries["li2026cited"]["eprint"] == "2601.00002"


def test_the_stored_entries_are_in_order():
    for name, entry in known().items():
        assert entry.keys() <= FIELDS, name
        assert re.fullmatch(r"[^{}\\]+", json.dumps(list(map(str, entry.values())), ensure_ascii=False))
        if re.fullmatch(r"\d{4}\.\d+", name):
            # A paper is rarely in print more than a year before it is on arXiv.
            assert int(entry["year"]) >= 2000 + int(name[:2]) - 1


def test_a_braced_word_cannot_break_an_entry():
    text = bibtex(cited("Evil 2020, } @article{x, title = {y}", {}))
    assert list(parsed(text)) == ["evil2020cited"]
