"""The page lists code from outside the package, and says what is unknown without a git checkout."""

import re

from gan_bench import paths
from gan_bench.report.asked import known, own_components

DIGEST = "ab" * 32
PLAN = {
    "datasets": {"a": {"ref": {"name": "digits"}}, "b": {"ref": {"name": "own/data.py", "digest": DIGEST, "n": 3}}},
    "cells": [
        {
            "settings": {
                "model": {"name": "mlp"},
                "loss": {"name": "/x/my.py", "digest": DIGEST},
                "g_optimizer": {"name": "adam"},
                "tricks": [{"name": "flips"}, {"name": "t.py", "digest": DIGEST}],
                "penalty": None,
                "seed": 3,
            }
        }
    ]
    * 2,
    "evaluation": {
        "metrics": [{"name": "frechet"}, {"name": "m.py", "digest": DIGEST}],
        "extractor": {"a": {"name": "pixels"}, "b": {"name": "e.py", "digest": DIGEST}},
    },
    "figures": [{"name": "loss_curves"}, {"name": "f.py"}],
}


def test_every_component_that_is_named_by_a_path_has_one_line_with_its_digest():
    assert own_components(PLAN) == [
        f"data set data: own/data.py, code digest {DIGEST}",
        f"loss my: /x/my.py, code digest {DIGEST}",
        f"tricks t: t.py, code digest {DIGEST}",
        f"metric m: m.py, code digest {DIGEST}",
        f"feature extractor e: e.py, code digest {DIGEST}",
        "figure f: f.py",
    ]


def test_components_of_the_package_are_not_listed():
    plain = {**PLAN, "datasets": {}, "cells": [], "evaluation": {"metrics": [], "extractor": {}}}
    assert own_components({**plain, "figures": [{"name": "loss_curves"}]}) == []


def test_the_page_lists_them(pages):
    """The metrics of the fabricated studies are component files outside the package."""
    text = (pages("fates") / paths.REPORT).read_text()
    shown = re.search(r"<dt>code from outside gan-bench</dt><dd>(.*)</dd>", text)
    assert re.fullmatch(r"metric frechet: \S+/frechet\.py<br>metric neighbours: \S+/neighbours\.py", shown[1])


def test_what_there_is_no_checkout_for_is_unknown():
    assert known(None) == "unknown (no git checkout)" and known(False) == "False" and known("1a2b") == "1a2b"
