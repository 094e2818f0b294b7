"""The papers that components cite, as BibTeX: looked up in bibliography.json by arXiv number, DOI, or author."""

import functools
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "bibliography.json"

_IDENTIFIER = re.compile(r"arXiv[: ](\d{4}\.\d{4,5})|doi:([^\s;,]*[^\s;,.)])")
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
#: A citation of these words says that there is none.
_NONE = ("none", "method:", "common practice")
_KINDS = {"booktitle": "inproceedings", "journal": "article"}


@functools.lru_cache(maxsize=1)
def known() -> Mapping[str, Mapping[str, Any]]:
    """Entries by arXiv number, DOI, or by the words that cite a work without either."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def works(paper: str) -> list[str]:
    """What a component's `paper` cites: names of entries; a work that has no entry is named by its citation."""
    found: list[str] = []
    for part in _citations(paper):
        named = [number or doi for number, doi in _IDENTIFIER.findall(part)]
        named += [name for name in known() if " " in name and name in part]
        if not named and _YEAR.search(part) and not part.strip().startswith(_NONE):
            named = [part.strip().rstrip(".")]
        found += named
    return list(dict.fromkeys(found))


def _citations(paper: str) -> list[str]:
    """The parts between semicolons; one without a year belongs to the part before it: some titles have a semicolon."""
    parts: list[str] = []
    for part in paper.split("; "):
        if parts and not _YEAR.search(part):
            parts[-1] += f"; {part}"
        else:
            parts.append(part)
    return parts


def bibtex(names: Iterable[str]) -> str:
    """Entries of the named works, by key; a work that is not known is a @misc of its citation."""
    entries = sorted(_entry(name) for name in dict.fromkeys(names))
    return "\n\n".join(text for _, text in entries)


def _entry(name: str) -> tuple[str, str]:
    entry = known().get(name)
    if entry is None:
        year = _YEAR.search(name)
        fields = {"note": name, **({"year": year.group()} if year else {})}
        return _misc_key(name), _text("misc", _misc_key(name), fields)
    kind = next((kind for field, kind in _KINDS.items() if field in entry), "misc")
    fields = {key: str(value) for key, value in entry.items()}
    if re.fullmatch(r"\d{4}\.\d{4,5}", name):
        fields |= {"eprint": name, "archiveprefix": "arXiv"}
    elif name.startswith("10."):
        fields["doi"] = name
    key = key_of(entry)
    return key, _text(kind, key, fields)


def key_of(entry: Mapping[str, Any]) -> str:
    """ "goodfellow2014generative": first author, year, first long word of the title."""
    author = str(entry["author"]).split(" and ")[0].split(",")[0]
    word = next(w for w in re.findall(r"[^\W\d_]+", str(entry["title"])) if len(w) > 3)
    return _ascii(author) + str(entry["year"]) + _ascii(word)


def _misc_key(name: str) -> str:
    year = _YEAR.search(name)
    return _ascii(re.split(r"[ ,]", name)[0]) + (year.group() if year else "") + "cited"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("ł", "l"))
    return re.sub(r"[^a-z]", "", plain.lower())


def _text(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{_escaped(value, whole=name == 'title')}}}" for name, value in fields.items()]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def _escaped(value: str, *, whole: bool) -> str:
    """LaTeX's own characters escaped; a title in braces of its own keeps its capitals."""
    text = re.sub(r"([&%$#_])", r"\\\1", value.replace("{", "").replace("}", ""))
    return f"{{{text}}}" if whole else text
