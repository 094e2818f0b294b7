"""The page in a real browser: quiet, offline, sortable by mouse and keys, on a wide screen, a phone and paper."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import Page, find_browser

from gan_bench import paths
from gan_bench.report.page import render

pytestmark = pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")

#: Names in the first column of the first comparison, calibration last.
NAMES = (
    "Array.from(document.querySelectorAll('#comparison table')[0].querySelectorAll('tbody th'), th => th.textContent)"
)
HEADING = "document.querySelectorAll('#comparison th > button')"
FLOOR = "real images (ideal)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with Page(str(find_browser()), tmp_path_factory.mktemp("profile")) as page:
        yield page


def test_a_noisy_page_is_heard(browser: Page, tmp_path: Path) -> None:
    file = tmp_path / "noisy.html"
    file.write_text("<img src='http://127.0.0.1:9/x.png'><script>console.error('here'); alert(1)</script>")
    browser.open(file)
    assert browser.complaints() and browser.requests() == ["http://127.0.0.1:9/x.png"] and browser.dialogs()


@pytest.mark.parametrize("kind", ["fates", "odd"])
def test_the_page_is_quiet_and_asks_for_nothing(browser: Page, pages: Callable[[str], Path], kind: str) -> None:
    browser.open(pages(kind) / paths.REPORT)
    browser.find("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    browser.find(
        "Promise.all(Array.from(document.images, image => { image.loading = 'eager'; return image.decode(); }))"
    )
    assert browser.find("Array.from(document.images).every(image => image.naturalWidth > 0)")
    assert browser.find("document.images.length") >= 12
    assert browser.complaints() == [] and browser.requests() == []
    assert browser.dialogs() == []


def test_a_press_on_a_heading_sorts(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("fates") / paths.REPORT)
    assert browser.find(NAMES) == ["DCGAN", "LSGAN", "WGAN-GP", FLOOR]
    coverage = f"{HEADING}[2]"
    browser.find(f"{coverage}.click()")
    assert browser.find(NAMES) == ["WGAN-GP", "LSGAN", "DCGAN", FLOOR]
    assert browser.find(f"{coverage}.parentElement.ariaSort") == "ascending"
    browser.find(f"{coverage}.click()")
    assert browser.find(NAMES) == ["DCGAN", "LSGAN", "WGAN-GP", FLOOR]
    assert browser.find(f"{coverage}.parentElement.ariaSort") == "descending"
    browser.find(f"{HEADING}[0].click()")
    assert browser.find(f"{coverage}.parentElement.ariaSort") is None


def test_a_row_without_a_number_stays_below_the_others(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("fates") / paths.REPORT)
    faces = NAMES.replace("[0]", "[1]")
    first = "document.querySelectorAll('#comparison table')[1].querySelectorAll('th > button')[1]"
    for _ in range(2):
        browser.find(f"{first}.click()")
        last, floor = browser.find(faces)[2:]
        assert last.startswith("WGAN-GP") and floor == FLOOR


def test_the_keyboard_reaches_and_sorts(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("fates") / paths.REPORT)
    browser.find(f"{HEADING}[0].focus()")
    browser.press("Tab", 9)
    assert browser.find(f"document.activeElement === {HEADING}[1]")
    for _ in range(2):
        browser.press("Enter", 13)
    assert browser.find(NAMES) == ["WGAN-GP", "LSGAN", "DCGAN", FLOOR]
    browser.find("document.querySelector('details.run > summary').focus()")
    browser.press("Enter", 13)
    assert browser.find("document.querySelector('details.run').open")


@pytest.mark.parametrize("kind", ["fates", "odd"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_as_wide_as_its_window(browser: Page, pages: Callable[[str], Path], kind: str, width: int) -> None:
    browser.open(pages(kind) / paths.REPORT, width=width)
    browser.find("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert browser.find("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_it_is_dark_in_the_dark(browser: Page, pages: Callable[[str], Path]) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        browser.open(pages("tiny") / paths.REPORT, scheme=scheme)
        style = "getComputedStyle(document.body)"
        colours[scheme] = browser.find(f"[{style}.backgroundColor, {style}.color]")
    assert colours["light"][0] == "rgb(255, 255, 255)" and colours["dark"][0] == "rgb(20, 24, 29)"
    assert colours["light"][1] != colours["dark"][1]


def test_it_prints(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("fates") / paths.REPORT)
    document = browser.printed()
    assert document.startswith(b"%PDF") and 2 <= document.count(b"/Type /Page\n") <= 30
    # What was unfolded for the print is folded again.
    assert not browser.find("document.querySelector('details.run').open")


def _type(browser: Page, selector: str, words: str) -> None:
    browser.find(f"document.querySelector('{selector}').focus()")
    browser.ask("Input.insertText", text=words)


def test_a_field_leaves_what_holds_its_words(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("fates") / paths.REPORT)
    shown = f"{NAMES[:-1].replace('tbody th', 'tbody tr:not([hidden]) th')})"
    _type(browser, "#filter-comparison", "wgan")
    assert browser.find(shown) == ["WGAN-GP", FLOOR]
    assert browser.find("document.querySelector('output[for=filter-comparison]').value") == "2 of 6"
    _type(browser, "#filter-runs", "lsgan seed 1")
    cards = "Array.from(document.querySelectorAll('details.run:not([hidden]) > summary'), s => s.textContent)"
    assert len(browser.find(cards)) == 2 and "missing" in browser.find(cards)[0]


def test_an_address_opens_its_run(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("fates") / paths.REPORT)
    browser.find("document.querySelectorAll('table.matrix td a')[4].focus()")
    browser.press("Enter", 13)
    assert browser.find("new Promise(done => setTimeout(() => done(document.getElementById('run-5').open), 200))")


def test_a_card_of_many_is_built_when_it_is_opened(
    browser: Page, pages: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(pages("fates"), tmp_path / "study")
    monkeypatch.setattr("gan_bench.report.page.MANY_RUNS", 1)
    render(tmp_path / "study")
    browser.open(tmp_path / "study" / paths.REPORT)
    body = "document.querySelector('#run-1 .body') !== null"
    assert not browser.find(body)
    browser.find("document.querySelector('#run-1 > summary').focus()")
    browser.press("Enter", 13)
    assert browser.find(f"new Promise(done => setTimeout(() => done({body}), 200))")
    assert browser.find("document.querySelector('#run-1 img').decode().then(() => true)")
    assert browser.complaints() == [] and browser.requests() == []


def test_a_column_can_be_hidden(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("wide") / paths.REPORT)
    head = "document.querySelector('#comparison thead tr').children"
    assert browser.find(f"{head}[2].offsetWidth > 0")
    browser.find("document.querySelector('details.columns').open = true")
    browser.find("document.querySelector('input[data-column=\"2\"]').focus()")
    browser.press(" ", 32)
    assert browser.find(f"{head}[2].offsetWidth === 0 && {head}[1].offsetWidth > 0")
