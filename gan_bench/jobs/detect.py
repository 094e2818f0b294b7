"""Judges the histories of the runs of one chunk (some seeds of a cell).

The code digest "collapse" covers this module and the modules that it imports.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench.collapse.field_verdict import with_failure
from gan_bench.collapse.loss_facts import run_loss_facts
from gan_bench.collapse.samples import sample_check
from gan_bench.collapse.verdict import judge, not_judged
from gan_bench.files import digest_file, read_json, write_json
from gan_bench.paths import COLLAPSE, HISTORY, METRICS, SETTINGS, STATUS, seed_folder
from gan_bench.registry import component, stem
from gan_bench.tricks import is_conditional


def detect_cell(cell_folder: Path, seeds: Sequence[int]) -> dict[str, Any]:
    """Write `collapse.json` (the verdict) for the run of each seed. Return {"sha256": {seed: digest of this file}}.

    If scores of the samples contradict the verdict from the losses, the scores decide. Torch is not needed.
    """
    record = {}
    for seed in seeds:
        run = seed_folder(cell_folder, seed)
        settings, status = read_json(run / SETTINGS), read_json(run / STATUS)
        method = settings["method"]["name"]
        if status["status"] == "failed":
            verdict = not_judged(f"The run failed and left no losses: {status['reason']}", status)
        elif component("methods", method).facts["adversarial"]:
            scores = read_json(run / METRICS)
            shares = not is_conditional(settings) and _has_classes_of_data(scores["protocol"])
            samples = sample_check(scores["metrics"], scores["floor"], class_shares=shares)
            history, facts = pd.read_parquet(run / HISTORY), run_loss_facts(settings)
            verdict = with_failure(judge(history, facts, status, samples), history, facts)
        else:
            verdict = not_judged(
                f"Method {stem(method)} is not adversarial: its losses do not show a collapse.", status
            )
        write_json(run / COLLAPSE, verdict)
        record[str(seed)] = digest_file(run / COLLAPSE)
    return {"sha256": record}


def _has_classes_of_data(protocol: Mapping[str, Any]) -> bool:
    """Whether the classes of the extractor are the labels of the data set.

    An extractor that is fitted to a data set learns the labels of this data set. A pretrained network has other
    classes, such as those of ImageNet.
    """
    return bool(component("features", protocol["extractor_settings"]["name"]).facts.get("fitted", True))
