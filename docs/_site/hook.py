"""Hook of MkDocs: the navigation, generated reference pages, notebooks, and pages from outside of docs/."""

import posixpath
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))

import notebooks
import reference

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "index.md"

#: Pages from outside of docs/ -> their place on the site.
OUTSIDE = {
    "config/README.md": "study.md",
    "config/reference.md": "reference/keys.md",
    "results/README.md": "results.md",
    "benchmarks/RESULTS.md": "speed.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    **{f"examples/{file.name}": f"examples/{file.stem}.md" for file in sorted((ROOT / "examples").glob("*.ipynb"))},
}
PLACES = {place: source for source, place in OUTSIDE.items()}
#: Titles in the navigation of pages whose headings are meant for another place.
TITLES = {"results.md": {"The results folder": "results.md"}, "changelog.md": {"Changes": "changelog.md"}}
#: Section of docs/index.md after which the generated pages stand.
GENERATED_SECTION = "Reference"

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """The navigation is the list of links in docs/index.md, by heading."""
    nav: list[Any] = ["index.md"]
    for heading, body in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", INDEX.read_text(encoding="utf-8"), re.MULTILINE):
        pages = [place for place in _places(body) if place.endswith(".md")]
        if heading == GENERATED_SECTION:
            pages += reference.PAGES
        if pages:
            nav.append({heading: [TITLES.get(page, page) for page in dict.fromkeys(pages)]})
    config["nav"] = nav
    return config


def _places(text: str) -> Iterator[str]:
    for image, _, target, _ in LINK.findall(text):
        source = posixpath.normpath(posixpath.join("docs", target))
        if not image:
            yield OUTSIDE.get(source, source.removeprefix("docs/"))


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages that are not files of docs/, with the pictures of notebooks."""
    contents: dict[str, str | bytes] = dict(reference.pages())
    for source, place in OUTSIDE.items():
        if source.endswith(".ipynb"):
            contents.update(notebooks.page(ROOT / source, place))
        elif place not in contents:
            contents[place] = (ROOT / source).read_text(encoding="utf-8")
    for place, content in contents.items():
        files.append(File.generated(config, place, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links to files of the repository lead to their pages; what is not on the site becomes plain text."""
    place = page.file.src_uri
    source = PLACES.get(place, f"docs/{place}")

    def replaced(match: re.Match[str]) -> str:
        image, text, target, anchor = match.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        goal = OUTSIDE.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)
        if goal is None and source.endswith(".ipynb") and image:
            return match[0]  # a picture of an output, beside the page
        if goal is None:
            return text if text.startswith("`") or " " in text else f"`{path}`"
        return f"{image}[{text}]({posixpath.relpath(goal, posixpath.dirname(place) or '.')}{anchor or ''})"

    return LINK.sub(replaced, markdown) if place not in reference.PAGES else markdown
