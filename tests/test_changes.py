"""If a study or a component uses a name of version 0.1.0, the error states the present name."""

import importlib

import pytest
import torch

from gan_bench.changes import COMPONENTS, PLACES, SETTINGS, error_hint, in_words
from gan_bench.errors import UserError
from gan_bench.game.tricks import Tricks
from gan_bench.registry import component, load, names


def _object(name):
    """The module, name or member with this full name; None if it does not exist."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            declared = getattr(found, "__annotations__", {})
            found = getattr(found, part, declared.get(part))
        return found
    return None


@pytest.mark.parametrize("former", PLACES)
def test_what_stands_for_a_former_name_is_there(former):
    present = PLACES[former].removeprefix("the class ").partition(",")[0].partition("(")[0]
    present = present if present.startswith("gan_bench.") else f"{former.rpartition('.')[0]}.{present}"
    assert _object(former) is None and _object(present) is not None


def test_a_component_that_uses_a_former_name_is_told_the_present_one(tmp_path):
    for line, sentence in (
        ("from gan_bench.game.latent import Layout", "gan_bench.game.latent.Layout is LatentLayout since 0.2.0"),
        ("import gan_bench.game.opinion", "gan_bench.game.opinion is gan_bench.game.discriminator_report since 0.2.0"),
        (
            "from gan_bench.report.figures import _rows; _rows.Block",
            "gan_bench.report.figures._rows.Block is RowBlock since 0.2.0",
        ),
    ):
        (tmp_path / "own.py").write_text(f'"""Own."""\n{line}\nFACTS = {{}}\n')
        with pytest.raises(UserError) as mistake:
            load("losses", str(tmp_path / "own.py"))
        assert str(mistake.value).endswith(f"; {sentence}")
    with pytest.raises(AttributeError) as used:
        Tricks([]).flag("conditions")
    assert in_words(used.value).endswith("; gan_bench.game.tricks.Tricks.flag is any_declares since 0.2.0")
    with pytest.raises(AttributeError) as other:
        _ = torch.zeros(1).flag
    assert error_hint(other.value) == error_hint(ValueError("x")) == ""


def test_a_study_that_names_a_former_component_or_setting_is_told_the_present_one(tmp_path):
    from gan_bench.config.load import load_study

    assert all(name not in names(axis) and present in names(axis) for (axis, name), present in COMPONENTS.items())
    assert all(setting not in component(axis, name).settings for axis, name, setting in SETTINGS)
    text = "description: old\ndatasets: [digits]\nvariants: [dcgan]\nseeds: 1\nbudget: {g_steps: 9}\n"
    text += "figures: [FIGURE]\n"
    for figure, sentence in (
        ("samples", "unknown figures component 'samples'; it is called 'sample_wall' since 0.2.0."),
        (
            "{name: metric_agreement, unit: runs}",
            "unknown setting of metric_agreement: 'unit'; it was a setting before 0.2.0: metrics are now always "
            "compared over cells; take it out.",
        ),
    ):
        (tmp_path / "old.yaml").write_text(text.replace("FIGURE", figure))
        with pytest.raises(UserError) as mistake:
            load_study(str(tmp_path / "old.yaml"))
        assert sentence in str(mistake.value)
