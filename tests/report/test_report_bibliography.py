"""Every paper that a component names is in the bibliography, and BibTeX of it can be read."""

import json
import re

import pytest

from gan_bench.registry import AXES, components
from gan_bench.report.bibliography import bibtex, key_of, known, works

COMPONENTS = [(axis, one.name, one.paper) for axis in AXES for one in components(axis)]


def parsed(text: str) -> dict[str, dict[str, str]]:
    """Fields of each entry by its key; braces must be balanced."""
    assert text.count("{") == text.count("}")
    found = {}
    for kind, key, body in re.findall(r"@(\w+)\{(\w+),\n(.*?)\n\}(?=\n\n|\Z)", text, re.DOTALL):
        fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", body, re.MULTILINE))
        found[key] = {"kind": kind, **fields}
    return found


@pytest.mark.parametrize(("axis", "name", "paper"), COMPONENTS, ids=[f"{a}-{n}" for a, n, _ in COMPONENTS])
def test_every_identifier_that_a_component_cites_has_an_entry(axis, name, paper):
    for identifier in re.findall(r"\d{4}\.\d{5}|10\.\d{4,5}/[^\s;,)]+", paper):
        assert identifier.rstrip(".") in known()
    cited = works(paper)
    entries = parsed(bibtex(cited))
    assert len(entries) == len(cited)
    for entry in entries.values():
        assert entry["kind"] == "misc" or {"author", "title", "year"} <= entry.keys()


def test_a_variant_of_a_paper_resolves_to_it():
    for axis, name, paper in COMPONENTS:
        if axis == "variants" and not paper.startswith("none"):
            assert works(paper) and works(paper)[0] in known(), name


def test_what_is_cited_is_found():
    paper = "Student 1908, Biometrika 6(1); after Agarwal et al. 2021, arXiv 2108.13264; Someone 1999, On things & more"
    assert works(paper) == ["Student 1908", "2108.13264", "Someone 1999, On things & more"]
    assert works("none: a calibration row") == works("method: medians") == []
    entries = parsed(bibtex(works(paper)))
    assert entries["student1908probable"]["journal"] == "Biometrika"
    assert (
        entries["agarwal2021deep"]["eprint"] == "2108.13264" and entries["agarwal2021deep"]["archiveprefix"] == "arXiv"
    )
    assert entries["someone1999cited"] == {"kind": "misc", "note": "Someone 1999, On things \\& more", "year": "1999"}


def test_the_file_is_in_order():
    keys = [key_of(entry) for entry in known().values()]
    assert len(set(keys)) == len(keys)
    for name, entry in known().items():
        assert entry.keys() <= {
            *("author", "title", "year", "booktitle", "journal", "volume", "number", "pages", "howpublished")
        }, name
        assert re.fullmatch(r"[^{}\\]+", json.dumps(list(map(str, entry.values())), ensure_ascii=False))
        if re.fullmatch(r"\d{4}\.\d+", name):
            # A paper is not in print before it is on arXiv, or hardly.
            assert int(entry["year"]) >= 2000 + int(name[:2]) - 1


def test_a_braced_word_cannot_break_an_entry():
    text = bibtex(["Evil 2020, } @article{x, title = {y}"])
    assert list(parsed(text)) == ["evil2020cited"]
