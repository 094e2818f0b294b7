"""The caption templates of Snakemake's report can be rendered, also for figures without their own caption."""

from types import SimpleNamespace

import pytest
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined
from snakemake.iocontainers import Namedlist

from gan_bench.registry import component, names


def rendered(root, name: str, **snakemake: object) -> str:
    template = (root / "workflow" / "report" / name).read_text()
    text = Environment(undefined=StrictUndefined).from_string(template).render(snakemake=SimpleNamespace(**snakemake))
    # If the markup has a mistake, the test gets an exception, not a red box in the report.
    body: str = publish_parts(text, writer="html", settings_overrides={"halt_level": 2})["body"]
    return " ".join(body.split())


@pytest.mark.parametrize("name", names("figures"))
def test_a_figure_has_a_caption(root, name):
    caption = component("figures", name).facts["caption"]
    with_own = rendered(root, "figure.rst", params=Namedlist(fromdict={"caption": caption}), wildcards=None)
    assert caption.split(".")[0] in with_own and "redrawing it trains nothing" in with_own
    without = rendered(
        root, "figure.rst", params=Namedlist(fromdict={}), wildcards=Namedlist(fromdict={"figure": name})
    )
    assert name in without


def test_the_report_says_which_study_it_is_of(root):
    config = {"study": "demo", "results": "results"}
    assert 'href="results/demo/report.html"' in rendered(root, "scores.rst", config=config)
    text = rendered(root, "workflow.rst", config=config)
    assert "demo" in text and "report.html" in text and "only in Inception-v3's features" in text
