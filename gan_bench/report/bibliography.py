"""BibTeX of the papers that components cite.

A component's `paper` names works by arXiv number ("arXiv:1406.2661"), DOI ("doi:10.24432/C50P49") or a phrase such as
"Wilson 1927". The entry of a work has its author, title and other fields. It is searched first in FACTS["references"]
of the component, then in bibliography.json, then in FACTS["references"] of the package's other components. A work
without an entry is cited in the words of `paper`.
"""

import functools
import itertools
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.registry import AXES, Component, components

FILE = Path(__file__).parent / "bibliography.json"

_ARXIV = re.compile(r"\d{4}\.\d{4,5}")
_IDENTIFIER = re.compile(r"arXiv[: ](\d{4}\.\d{4,5})|doi:([^\s;,]*[^\s;,.)])")
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
#: A citation that begins with one of these words refers to no published work.
_NO_WORK = ("none", "method:", "common practice")
_KINDS = {"booktitle": "inproceedings", "journal": "article"}

Entry = Mapping[str, Any]
"""Fields of a work: author, title and year; if known, booktitle, journal, volume, number, pages, howpublished."""


@functools.lru_cache(maxsize=1)
def known() -> Mapping[str, Entry]:
    """Entries of all works in bibliography.json and in FACTS["references"] of the package's components.

    Keys are arXiv numbers, DOIs, and phrases such as "Wilson 1927".
    """
    entries: dict[str, Entry] = json.loads(FILE.read_text(encoding="utf-8"))
    for axis in AXES:
        for component in components(axis):
            entries = {**component.references, **entries}
    return entries


def works(component: Component) -> dict[str, Entry]:
    """Entries of the works that a component cites, by identifier; {"note": citation} for a work without an entry."""
    return cited(component.paper, component.references)


def cited(paper: str, references: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries of the works that `paper` names. `references` take precedence over the entries of the package."""
    entries = {**known(), **references}
    cited: dict[str, Entry] = {}
    for citation in _citations(paper):
        names = [arxiv or doi for arxiv, doi in _IDENTIFIER.findall(citation)]
        names += [name for name in entries if " " in name and name in citation]
        if not names and _YEAR.search(citation) and not citation.startswith(_NO_WORK):
            names = [citation]
        cited |= {name: entries.get(name, {"note": citation}) for name in names}
    return cited


def _citations(paper: str) -> list[str]:
    """The citations in `paper`, which are separated by "; ".

    A part without a year belongs to the citation before it.
    """
    parts: list[str] = []
    for part in paper.split("; "):
        if parts and not _YEAR.search(part):
            parts[-1] += f"; {part}"
        else:
            parts.append(part)
    return [part.strip().rstrip(".") for part in parts]


def bibtex(entries: Mapping[str, Entry]) -> str:
    """BibTeX of the works, sorted by key.

    If several works have the same key, "x2", "x3", ... is appended from the second work on.
    """
    texts: dict[str, str] = {}
    for name, entry in sorted(entries.items(), key=lambda item: (key_of(item[1]), item[0])):
        keys = itertools.chain([key_of(entry)], (f"{key_of(entry)}x{n}" for n in itertools.count(2)))
        key = next(key for key in keys if key not in texts)
        texts[key] = _text(key, name, entry)
    return "\n\n".join(texts[key] for key in sorted(texts))


def key_of(entry: Entry) -> str:
    """The BibTeX key of a work, such as "goodfellow2014generative".

    It consists of the first author's family name, the year, and the first word of the title that has more than three
    letters. A work without an entry has a key from its citation: the first word, the year and "cited".
    """
    if "note" in entry:
        year = _YEAR.search(entry["note"])
        return _ascii(re.split(r"[ ,]", entry["note"])[0]) + (year.group() if year else "") + "cited"
    author = str(entry["author"]).split(" and ")[0].split(",")[0]
    words = re.findall(r"[^\W\d_]+", str(entry["title"]))
    return _ascii(author) + str(entry["year"]) + _ascii(next((word for word in words if len(word) > 3), words[0]))


def _text(key: str, name: str, entry: Entry) -> str:
    fields = {field: str(value) for field, value in entry.items()}
    if year := _YEAR.search(entry.get("note", "")):
        fields["year"] = year.group()
    if _ARXIV.fullmatch(name):
        fields |= {"eprint": name, "archiveprefix": "arXiv"}
    elif name.startswith("10."):
        fields["doi"] = name
    kind = next((kind for field, kind in _KINDS.items() if field in entry), "misc")
    lines = [f"  {field} = {{{_escaped(value, whole=field == 'title')}}}" for field, value in fields.items()]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("ł", "l"))
    return re.sub(r"[^a-z]", "", plain.lower())


def _escaped(value: str, *, whole: bool) -> str:
    """`value` with LaTeX's special characters escaped.

    `whole`: whether to add braces, which preserve capital letters.
    """
    text = re.sub(r"([&%$#_])", r"\\\1", value.replace("{", "").replace("}", ""))
    return f"{{{text}}}" if whole else text
