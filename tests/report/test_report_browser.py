"""In a real browser, wide or narrow, the page has no errors, uses no network, and every control works."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import Page, find_browser

from gan_bench import paths
from gan_bench.report.page import MEDIA, render

pytestmark = pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")

#: Names in the first column of the shown table, real images last.
NAMES = (
    "Array.from(document.querySelectorAll('#comparison [data-dataset]:not([hidden]) tbody tr:not([hidden]) th'),"
    " th => th.firstChild.textContent)"
)
HEADING = "document.querySelectorAll('#comparison [data-dataset]:not([hidden]) th > button')"
FLOOR = "real images (ideal)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with Page(str(find_browser()), tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def fates(browser: Page, pages: Callable[[str], Path]) -> Path:
    return pages("fates") / paths.REPORT


def until(browser: Page, condition: str) -> None:
    """Wait at most ten seconds until a condition holds in the page."""
    script = f"""new Promise((done, fail) => {{
        const end = Date.now() + 10000;
        const look = () => {{
            if ({condition}) done(true); else if (Date.now() > end) done(false); else setTimeout(look, 20);
        }};
        look(); }})"""
    assert browser.find(script), condition


def test_a_noisy_page_is_heard(browser: Page, tmp_path: Path) -> None:
    file = tmp_path / "noisy.html"
    file.write_text("<img src='http://127.0.0.1:9/x.png'><script>console.error('here'); alert(1)</script>")
    browser.open(file)
    assert browser.complaints() and browser.requests() == ["http://127.0.0.1:9/x.png"] and browser.dialogs()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_page_of_odd_names_is_quiet_and_as_wide_as_its_window(
    browser: Page, pages: Callable[[str], Path], width: int
) -> None:
    browser.open(pages("odd") / paths.REPORT, width=width)
    browser.find("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    until(browser, "document.querySelectorAll('.run .media img').length")
    assert browser.find("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    cut = "part => part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1"
    assert browser.find(f"[...document.querySelectorAll('.tiles, #curves .u-legend')].filter({cut}).length") == 0
    assert browser.complaints() == [] and browser.requests() == [] and browser.dialogs() == []


def test_a_reader_goes_through_the_page(browser: Page, fates: Path) -> None:
    """The page is loaded once, and a reader uses samples, plots, sorting, filter, tabs, runs and the link."""
    browser.open(fates)
    until(browser, "document.querySelectorAll('#wall .wallrow').length === 3")
    assert browser.find("document.querySelector('#wall .wallname b').textContent") == "DCGAN"
    browser.find("document.querySelector('#plots').scrollIntoView()")
    until(browser, "document.querySelectorAll('#plots canvas').length === 3")
    _hovers_zooms_and_smooths(browser)
    # Rows are ordered by score. A click on a heading orders them by its metric. The small plot in each row (the strip)
    # then shows this metric.
    assert browser.find(NAMES) == ["DCGAN", "LSGAN", "WGAN-GP", FLOOR]
    browser.find(f"{HEADING}[2].click()")
    assert browser.find(NAMES) == ["WGAN-GP", "LSGAN", "DCGAN", FLOOR]
    assert browser.find(f"{HEADING}[2].parentElement.ariaSort") == "ascending"
    strip = "document.querySelector('#comparison td.strip svg').getAttribute('aria-label')"
    assert browser.find(strip).startswith("coverage of 1 seed: 0.69")
    _type(browser, "#filter-comparison", "wgan")
    assert browser.find(NAMES) == ["WGAN-GP"]
    assert browser.find("document.querySelector('output[for=filter-comparison]').value") == "1 of 3"
    # A tab shows one data set. A row without a number stays below the other rows.
    _type(browser, "#filter-comparison", "")
    browser.find("document.querySelector('#filter-comparison').select()")
    browser.press("Backspace", 8)
    browser.find("document.querySelectorAll('[data-tab]')[1].click()")
    for _ in range(2):
        browser.find(f"{HEADING}[1].click()")
        assert browser.find(NAMES)[2:] == ["WGAN-GP", FLOOR]
    _type(browser, "#filter-runs", "digits lsgan")
    cards = "Array.from(document.querySelectorAll('details.run > summary'), s => s.textContent)"
    assert len(browser.find(cards)) == 3 and "missing" in browser.find(cards)[1]
    _compares_two(browser)
    address = browser.find("location.hash")
    assert {"d=1", "compare=1.0%2C1.2"} <= set(address[1:].split("&"))
    browser.find("document.querySelector('details.run > summary').focus()")
    browser.press("Enter", 13)
    until(browser, "document.querySelector('details.run dl.facts')")
    assert "the process ended with code 1" in browser.find("document.querySelector('details.run').textContent")
    _downloads(browser)
    assert browser.complaints() == [] and browser.requests() == []


def _hovers_zooms_and_smooths(browser: Page) -> None:
    box = browser.find(
        "(r => [r.x, r.y, r.width, r.height])(document.querySelector('#plots .u-over').getBoundingClientRect())"
    )
    x, y = box[0] + box[2] / 3, box[1] + box[3] / 2
    # The legend shows the last step. While the pointer is in the plot, the legend shows the step under the pointer.
    step = "Number(document.querySelector('#plots .u-legend .u-value').textContent.replaceAll(',', ''))"
    until(browser, f"{step} === plots[0].data[0].at(-1)")
    browser.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    until(browser, f"{step} < plots[0].data[0].at(-1)")
    browser.ask("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
    until(browser, f"{step} === plots[0].data[0].at(-1)")
    span = "plots[0].scales.x.max - plots[0].scales.x.min"
    before = browser.find(span)
    browser.ask("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
    for i in range(1, 6):
        browser.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x + 15 * i, y=y, button="left", buttons=1)
    browser.ask("Input.dispatchMouseEvent", type="mouseReleased", x=x + 75, y=y, button="left", clickCount=1)
    until(browser, f"{span} < {before} / 2")
    rough = "(v => v.slice(1).reduce((a, x, i) => a + Math.abs(x - v[i]), 0))(plots[0].data[1].filter(x => x != null))"
    before = browser.find(rough)
    browser.find("(s => { s.value = 10; s.dispatchEvent(new Event('change')); })(document.querySelector('#smooth'))")
    until(browser, f"plots.length === 3 && {rough} < {before} / 2")
    browser.find("document.querySelector('#seeds').click()")
    until(browser, "plots.length === 3 && plots[0].series.length === 3")
    browser.find("document.querySelector('#log').click()")
    until(browser, "plots.length === 3 && plots[0].scales.y.distr === 3")


def _compares_two(browser: Page) -> None:
    for row in (0, 2):
        browser.find(f"document.querySelectorAll('.runrow input')[{row}].click()")
    until(browser, "document.querySelector('#compare tbody tr')")
    names = "Array.from(document.querySelectorAll('#compare tbody th'), th => th.textContent)"
    assert "seed" in browser.find(names) and "loss.name" not in browser.find(names)
    browser.find("document.querySelector('#differences').click()")
    assert "loss.name" in browser.find(names)


def _downloads(browser: Page) -> None:
    table = "document.querySelector('#comparison [data-dataset]:not([hidden]) table')"
    rows = browser.find(f"csv(shownCells({table})).split('\\n')")
    assert rows[0].startswith("variant,Fréchet distance ↓") and rows[-1] == ""
    assert [row.partition(",")[0] for row in rows[1:-1]] == ["LSGAN", "DCGAN", "WGAN-GP", FLOOR]
    assert "\\toprule" in browser.find(f"latexTable(shownCells({table}), 'faces')")
    assert browser.find(f"tablePicture(shownCells({table})).toDataURL().length") > 1000


def test_an_address_restores_what_was_chosen(browser: Page, fates: Path) -> None:
    browser.open(fates)
    browser.find("location.hash = '#d=0&sort=3%2B&q=gan&run=1.0'")
    until(browser, "document.querySelector('details.run[open] dl.facts')")
    assert browser.find("document.querySelector('#filter-comparison').value") == "gan"
    assert browser.find("document.activeElement.tagName") == "SUMMARY"
    browser.find(f"{HEADING}[0].focus()")
    browser.press("Tab", 9)
    assert browser.find(f"document.activeElement === {HEADING}[1]")


def test_it_is_dark_in_the_dark_and_prints(browser: Page, fates: Path) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        browser.open(fates, scheme=scheme)
        style = "getComputedStyle(document.body)"
        colours[scheme] = browser.find(f"[{style}.backgroundColor, {style}.color]")
    assert colours["light"][0] == "rgb(255, 255, 255)" and colours["dark"][0] == "rgb(20, 24, 29)"
    assert colours["light"][1] != colours["dark"][1]
    document = browser.printed()
    assert document.startswith(b"%PDF") and 2 <= document.count(b"/Type /Page\n") <= 30


def test_what_is_large_lies_beside_the_page(
    browser: Page, pages: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page opened from disk cannot fetch data, so large files beside the page are scripts. Nothing else is loaded."""
    shutil.copytree(pages("fates"), tmp_path / "study")
    monkeypatch.setattr("gan_bench.report.page.ONE_FILE", 0)
    render(tmp_path / "study")
    file = tmp_path / "study" / paths.REPORT
    assert file.stat().st_size < (pages("fates") / paths.REPORT).stat().st_size
    browser.open(file)
    until(browser, "document.querySelectorAll('#wall .tiles img, #wall .tiles canvas').length")
    browser.find("document.querySelector('details.run > summary').click()")
    until(browser, "document.querySelector('details.run .media img')")
    asked = browser.requests()
    assert asked and all(url.startswith((tmp_path / "study" / MEDIA).as_uri()) and url.endswith(".js") for url in asked)
    assert browser.complaints() == []


def test_the_first_rows_of_many_are_shown(browser: Page, pages: Callable[[str], Path]) -> None:
    browser.open(pages("wide") / paths.REPORT)
    assert len(browser.find(NAMES)) == 11
    assert browser.find("document.documentElement.scrollHeight") < 15000
    head = "document.querySelector('#comparison thead tr').children"
    assert browser.find(f"{head}[5].offsetWidth > 0 && {head}[6].offsetWidth === 0")
    browser.find("document.querySelector('[data-columns]').click()")
    browser.find("document.querySelector('[data-rest]').click()")
    assert browser.find(f"{head}[6].offsetWidth > 0") and len(browser.find(NAMES)) == 61


def _type(browser: Page, selector: str, words: str) -> None:
    browser.find(f"document.querySelector('{selector}').focus()")
    browser.ask("Input.insertText", text=words)
