"""Hook of MkDocs: the navigation, generated reference pages, notebooks, and pages from other folders than docs/."""

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

#: File outside of docs/ -> place of its page on the site.
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
#: Place -> entry of the navigation, for pages whose own heading is unclear on the site.
TITLES = {"results.md": {"The results folder": "results.md"}, "changelog.md": {"Changes": "changelog.md"}}
#: Section of the navigation to which the generated pages are added.
GENERATED_SECTION = "Reference"

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Build the navigation from docs/index.md: each heading is a section with the pages linked below it."""
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
    """Add the pages whose sources are not in docs/, and the pictures of the notebooks."""
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
    """Replace links to files of the repository by links to their pages, or by plain text if the site has no page."""
    place = page.file.src_uri
    source = PLACES.get(place, f"docs/{place}")

    def replaced(match: re.Match[str]) -> str:
        image, text, target, anchor = match.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        goal = OUTSIDE.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)
        if goal is None and source.endswith(".ipynb") and image:
            return match[0]  # an output of the notebook; its picture is in the same folder as the page
        if goal is None:
            return text if text.startswith("`") or " " in text else f"`{path}`"
        return f"{image}[{text}]({posixpath.relpath(goal, posixpath.dirname(place) or '.')}{anchor or ''})"

    return LINK.sub(replaced, markdown) if place not in reference.PAGES else markdown
