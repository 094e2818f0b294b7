"""Reads the settings of one run, either complete or in a short form: a preset, a data set and a budget."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError, unknown_name
from gan_bench.run_keys import RUN_KEYS, STUDY, VARIANT

#: Keys of the short form that are not keys of a variant or of a study in RUN_KEYS.
OWN_KEYS = ("preset", "dataset", "seed", "device")


def run_settings(content: Any, title: str = "settings") -> dict[str, Any]:
    """The complete settings of a run. `content` is the content of settings.json, or a short form of it.

    The short form has "preset": {"preset": "dcgan", "dataset": "digits", "budget": {"g_steps": 100}, "seed": 0}. It
    may also have keys of a variant, such as batch_size, which override the preset. Keys of a study, such as threads,
    are valid too.

    Raises:
        UserError: the settings are not valid, with one sentence for each mistake. In the short form, only the first
            unknown or missing key is named, and lists of several values are not valid.
    """
    if not isinstance(content, Mapping) or "preset" not in content:
        return validate_run_settings(content, title=title)
    varied = {key.name for key in RUN_KEYS if VARIANT in key.places}
    shared = {key.name for key in RUN_KEYS if STUDY in key.places} - varied
    valid = [*OWN_KEYS, *varied, *shared]
    if unknown := [key for key in content if key not in valid]:
        raise UserError(f"{title}: {unknown_name('key', unknown[0], valid)}")
    if missing := [key for key in ("dataset", "budget") if key not in content]:
        raise UserError(f"{title}: {missing[0]} is missing; settings with a preset need dataset and budget.")
    study = {
        "datasets": [content["dataset"]],
        "variants": [{"preset": content["preset"], **{k: v for k, v in content.items() if k in varied}}],
        "seeds": [content.get("seed", 0)],
        "budget": content["budget"],
        **{key: value for key, value in content.items() if key in shared},
    }
    plan = expand(parse_study(json.dumps(study), "settings", Path.cwd(), title), content.get("device", "cpu"))
    if len(plan.cells) != 1:
        raise UserError(
            f"{title}: these settings describe {len(plan.cells)} runs, because a key has a list of values; give one "
            "value for each key."
        )
    return {**plan.cells[0].settings, "seed": plan.cells[0].seeds[0]}
