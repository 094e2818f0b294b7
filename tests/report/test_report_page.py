"""The page is a single file, agrees with the tables, is safe with any label, and is reproducible."""

import base64
import hashlib
import itertools
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from kinds import EVIL, KINDS, ODD

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.report.draw import figure_file
from gan_bench.report.page import render
from gan_bench.report.redraw import redraw
from gan_bench.report.tables_input import Tables
from gan_bench.stats.write.table_files import read_csv

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Outline(HTMLParser):
    """Elements of a page as (tag, attributes, text). An element that is not closed fails the test."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)
        self.close()
        assert not self.open, [self.elements[i][0] for i in self.open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}, []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data):
        for i in self.open:
            self.elements[i][2].append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str], str]]:
        return [(attrs, " ".join("".join(text).split())) for name, attrs, text in self.elements if name == tag]

    @property
    def text(self) -> str:
        return self.all("body")[0][1]


@pytest.fixture(scope="module")
def fates(pages) -> Outline:
    return Outline(_text(pages("fates")))


def _text(folder: Path) -> str:
    return (folder / paths.REPORT).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "kind", [k if k in ("odd", "fates") else pytest.param(k, marks=pytest.mark.slow) for k in KINDS]
)
def test_the_page_needs_no_other_file(pages, kind):
    text = _text(pages(kind))
    outline = Outline(text)
    ids = [attrs["id"] for _, attrs, _ in outline.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs, _ in outline.elements:
        for key in ("src", "href", "srcset", "data", "action", "poster"):
            value = attrs.get(key, "data:")
            inside = value.startswith("#run=") or (value.startswith("#") and value[1:] in ids)
            file = tag == "a" and re.match(r"(tables|figures)/[\w.%-]+$", value)
            assert value.startswith("data:") or inside or file, (tag, key, value[:60])
        assert not [key for key in attrs if key.startswith("on") or key == "style"]
    assert not re.search(r"@import|url\(", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert len(text) < 15e6


def test_a_browser_runs_our_script_and_style_only(fates, pages):
    policy = next(a["content"] for a, _ in fates.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", _text(pages("fates")), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_labels_are_text_and_nothing_else(pages):
    text = _text(pages("odd"))
    assert EVIL not in text
    outline = Outline(text)
    assert [a["src"][:5] for a, _ in outline.all("img")] == ["data:"] * len(outline.all("img"))
    assert outline.all("h1")[0][1] == EVIL and outline.all("title")[0][1] == f"{EVIL} · gan-bench"
    names = [words for _, words in outline.all("th")]
    assert all(" ".join(label.split()) in names for label in ODD)


def test_the_coverage_is_said(fates):
    assert "18 runs were planned: 10 finished, 5 diverged, 1 failed, 1 out of time, 1 missing." in fates.text
    cards = [words for a, words in fates.all("article") if a.get("class") == "leader"]
    assert cards[0].startswith("digits No clear winner evidence: none") and "faces DCGAN evidence: strong" in cards[1]


def test_what_was_asked_is_said(fates):
    terms: dict[str, str] = {}
    for (_, term), (_, value) in zip(fates.all("dt"), fates.all("dd"), strict=True):
        terms.setdefault(term, value)
    assert (
        terms["data sets"] == "digits: digits; 8 × 8 px, 1 channel, labelledfaces: faces; 8 × 8 px, 1 channel, labelled"
    )
    assert terms["variants"] == "3 variants" and "0, 1, 2" in [value for _, value in fates.all("dd")]
    assert terms["budget of a run"] == "400 generator steps, 1 D step per G step, batches of 32"
    assert terms["scored on"] == "test split, 200 images on each side"


def test_the_comparison_is_that_of_the_tables(fates, pages):
    table = read_csv(pages("fates") / "tables" / "comparison.csv")
    rows = [words for _, words in fates.all("tr")]
    # On digits, seeds 0 and 2 of DCGAN scored 10 and 12. The geometric mean is sqrt(120). The interval goes from the
    # mean divided by exp(12.706 ln(1.2) / 2) to the mean multiplied by this factor.
    assert any(row.startswith("DCGAN11 (2/3)[3, 35]") for row in rows)
    values = [a["data-value"] for a, _ in fates.all("td") if a.get("data-value")]
    for mean in table["centre"].dropna():
        assert repr(float(mean)) in values
    protocols = [words for a, words in fates.all("p") if a.get("class") == "protocol"]
    assert len(protocols) == 2
    assert all(words.count("200 real images (test split) against 200 generated") == 1 for words in protocols)
    assert len([w for _, w in fates.all("summary") if w == "Protocol and estimators of 3 metrics"]) == 2
    assert sum("real images (ideal)" in row for row in rows) == 2


def test_every_verdict_has_its_evidence(fates):
    (summary,) = [w for _, w in fates.all("summary") if w.startswith("Leading evidence")]
    assert summary == "Leading evidence of 5 runs that diverged or show a sign of failure"
    rows = [w for _, w in fates.all("tr") if "WGAN-GP, seed" in w]
    assert len(rows) == 5 and all("diverged" in row and "a loss is not finite from step 100" in row for row in rows)
    assert "no warning does not mean that a run worked" in fates.text


def test_every_run_is_in_the_data(pages):
    text = _text(pages("fates"))
    data = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])
    assert len(data["runs"]) == data["n_runs"] == 18 and data["media"] is None
    assert [run[3] for run in data["runs"]].count("diverged") == 5
    cells = [json.loads(content) for content in re.findall(r'id="chunk-cell-\d+">(.*?)</script>', text)]
    runs = [run for cell in cells for run in cell["runs"].values()]
    # Each of the ten finished runs has four pictures: samples, training progress, interpolations and neighbours.
    assert len(runs) == 18 and sorted(len(run["pictures"]) for run in runs) == [0] * 8 + [4] * 10
    assert sum(["reason", "d_loss is not finite"] in run.get("facts", []) for run in runs) == 5


def test_a_mean_of_one_seed_has_two_digits_beside_the_curve_too(pages):
    for kind, digits in (("tiny", 2), ("fates", 4)):
        data = json.loads(re.search(r'id="data">(.*?)</script>', _text(pages(kind)))[1])
        metrics = [metric for dataset in data["datasets"] for metric in dataset["metrics"]]
        assert metrics and {metric["significant"] for metric in metrics} == {digits}


def test_pictures_have_words_and_sizes(fates):
    for attrs, _ in fates.all("img"):
        assert attrs["alt"] and int(attrs["width"]) > 0 and int(attrs["height"]) > 0
    assert len([w for _, w in fates.all("figcaption") if w.startswith("Figure ")]) == 2


def test_headings_go_down_one_step_at_a_time(fates):
    levels = [int(tag[1]) for tag, _, _ in fates.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_page_says_how_to_repeat_it_and_what_it_is_not(fates):
    commands = [words for _, words in fates.all("pre")]
    assert "snakemake --cores all --config study=demo" in commands
    assert "snakemake --cores 1 --config study=demo figures" in commands
    for words in (
        "torch",
        "2.14",
        "made-up-classifier",
        "1706.08500",
        "1911.07023",
        "describes the survivors",
        "MIT licence",
        "Copyright (c) 2022 Leon Sorokin",
    ):
        assert words in fates.text
    for line in _studied(fates):
        assert "FID" not in line.replace("Not the FID", "").replace("“FID”", "")


def _studied(outline: Outline) -> list[str]:
    return [words for tag in ("td", "th", "caption", "li") for _, words in outline.all(tag)]


def test_a_hostile_study_name_is_one_word_of_the_command(pages):
    assert f"snakemake --cores all --config study='{EVIL}'" in [w for _, w in Outline(_text(pages("odd"))).all("pre")]


def test_a_study_without_results_has_a_page(pages):
    text = Outline(_text(pages("missing"))).text
    assert "6 runs were planned: 0 finished, 0 diverged, 0 failed, 0 out of time, 6 missing." in text
    assert "No finished run has a score." in text and "No run has reported its versions." in text


def test_equal_tables_give_an_equal_page(pages, tmp_path):
    shutil.copytree(pages("fates"), tmp_path / "elsewhere")
    before = _text(tmp_path / "elsewhere")
    render(tmp_path / "elsewhere")
    assert _text(tmp_path / "elsewhere") == before
    assert str(tmp_path) not in before


def test_a_figure_that_is_not_drawn_is_named(pages, tmp_path):
    shutil.copytree(pages("tiny"), tmp_path / "study")
    figure_file(tmp_path / "study", {"name": "sample_wall"}, "svg").unlink()
    with pytest.raises(UserError, match="sample_wall"):
        render(tmp_path / "study")
    render(tmp_path / "study", figures=[{"name": "metric_by_variant"}])
    assert len([w for _, w in Outline(_text(tmp_path / "study")).all("figcaption") if w.startswith("Figure")]) == 1


def test_redrawing_makes_everything_from_what_is_stored(studies, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(studies("fates"), folder)
    refs = [{"name": "metric_by_variant", "dpi": 60}, {"name": "sample_wall", "dpi": 60}]
    redraw(folder, refs)
    made = [*folder.glob("figures/*"), *folder.glob("tables/*.csv"), folder / paths.REPORT]
    assert {p.name for p in folder.glob("figures/*")} == {f"{r['name']}.{k}" for r in refs for k in ("svg", "png")}
    before = {p: p.read_bytes() for p in made}
    # Redrawing does not delete these tables of an earlier plan.
    for name in ("spaces.csv", "validation.csv", "space_decisions.csv"):
        (folder / "tables" / name).write_text("dataset\n")
    # Redrawing gives the same bytes after the runs' pictures are removed, then their animations, then all their files.
    for pattern in ("*.png", "*.gif", "*"):
        for file in folder.glob(f"runs/*/*/*/{pattern}"):
            file.unlink()
        redraw(folder, refs)
        assert {p: p.read_bytes() for p in made} == before
    assert (folder / "tables/spaces.csv").is_file() and (folder / "tables/space_decisions.csv").is_file()


def test_redrawing_asks_for_a_plan(tmp_path):
    with pytest.raises(UserError, match=r"plan\.json: no such file"):
        redraw(tmp_path)


def test_what_is_odd_about_the_data_is_said(pages, tmp_path):
    shutil.copytree(pages("tiny"), tmp_path / "study")
    dataset = Tables(tmp_path / "study").datasets[0]
    remark = {dataset: [f"3 files are left out: {EVIL}"], "another": ["not of this plan"]}
    (tmp_path / "study" / "data_remarks.json").write_text(json.dumps(remark))
    render(tmp_path / "study")
    lines = [text for _, text in Outline(_text(tmp_path / "study")).all("li")]
    assert f"{dataset}: 3 files are left out: {EVIL}" in lines and "not of this plan" not in " ".join(lines)


def test_an_explored_run_has_a_section_until_it_is_trained_again(pages, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(pages("tiny"), folder)
    assert "Latents" not in [w for _, w in Outline(_text(folder)).all("h2")]
    cell = json.loads((folder / paths.PLAN).read_text())["cells"][0]
    place = folder / paths.EXPLORE / cell["dataset"] / cell["id"] / f"seed{cell['seeds'][0]}"
    place.mkdir(parents=True)
    (place / "paths.png").write_bytes(b"picture")
    part = {"name": "paths", "title": "Paths", "text": f"each row {EVIL}", "files": ["paths.png", "absent.csv"]}
    card = Tables(folder).card(Tables(folder).cells[0], cell["seeds"][0])
    for checksum, shown in ((card["status_document"].get("checksum"), True), ("of another training", False)):
        document = {"checksum": checksum, "classifier": "classifier (digits)", "parts": [part]}
        (place / paths.EXPLORED).write_text(json.dumps(document))
        render(folder)
        page = Outline(_text(folder))
        assert "Latents" in [w for _, w in page.all("h2")]
        picture = "data:image/png;base64," + base64.b64encode(b"picture").decode()
        assert (picture in [attrs["src"] for attrs, _ in page.all("img")]) == shown
        assert ("trained again since it was explored" in page.text) != shown
        assert (f"Each row {EVIL}" in page.text) == shown
