"""The generated pages of the site name every command, component and metric value."""

import sys

from workflow_tree import ROOT

from gan_bench import registry
from gan_bench.cli import entry, job


def test_the_generated_pages_are_complete(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_site"))
    monkeypatch.setenv("COLUMNS", "80")
    import reference

    commands, keys, components, metrics = reference.pages().values()
    assert all(f"### gan-bench {name}\n" in commands for group in entry.GROUPS for name in group.commands)
    assert all(f"### gan-bench job {name}\n" in commands for name in job.group.commands)
    assert "# Keys of a study" in keys
    for axis in registry.AXES:
        heading, text = ("## ", metrics) if axis == "metrics" else ("### ", components)
        assert all(f"{heading}{name}\n" in text for name in registry.names(axis)), axis
    values = [name for metric in registry.components("metrics") for name in metric.facts["values"]]
    assert all(f"- Value `{name}` (" in metrics for name in values)
    del sys.modules["reference"]
