"""The report page's card of one run: status, scores, verdict and provenance."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.collapse.answer import signs_in_losses, verdict_lines
from gan_bench.report.asked import known
from gan_bench.report.judged import NOT_JUDGED, evidence_lines, tone
from gan_bench.report.style import in_words
from gan_bench.report.tables_input import PlannedCell, Tables, records
from gan_bench.stats.write.markdown import number

#: Key of a run's status document (status.json) -> its label on the page.
STATUS_ROWS = {
    "reason": "reason",
    "step": "diverged at G step",
    "g_steps": "generator steps",
    "d_steps": "discriminator steps",
    "images": "real images shown",
    "seconds": "training time, s",
    "steps_per_second": "G steps per second",
}


def run_scores(tables: Tables, listed: Collection[str]) -> dict[tuple[str, str, int], list[tuple[str, str, str]]]:
    """{(data set, cell, seed): scores, each as (metric, value, note)} for the cells whose ids are in `listed`."""
    labels = dict(zip(tables.metrics["metric"], tables.metrics["label"], strict=True))
    scores: dict[tuple[str, str, int], list[tuple[str, str, str]]] = {}
    runs = tables.runs[["dataset", "cell", "seed", "metric", "value", "note"]]
    for row in records(runs[runs["cell"].isin(listed)]):
        note = "" if pd.isna(row["note"]) else str(row["note"])
        entry = (labels[row["metric"]], number(row["value"]), note)
        scores.setdefault((row["dataset"], row["cell"], int(row["seed"])), []).append(entry)
    return scores


def run_entry(tables: Tables, cell: PlannedCell, seed: int) -> dict[str, Any]:
    """The card of one run without its name, scores and pictures. Empty entries are left out."""
    card = tables.card(cell, seed)
    collapse = card["collapse"]
    document = card["status_document"] or {}
    entry = {
        "folder": paths.seed_folder(f"runs/{cell.dataset}/{cell.id}", seed).as_posix(),
        "facts": _facts(document),
        "answer": verdict_lines(collapse) if collapse else [],
        "signs": signs_in_losses(collapse) if collapse else [],
        "provenance": _provenance(document),
        "evidence": evidence_lines(collapse, "evidence"),
        "minor": evidence_lines(collapse, "weak_signs"),
        "against": evidence_lines(collapse, "counter_evidence"),
        "missing": (collapse or {}).get("signals_missing", []),
        "note": (collapse or {}).get("note"),
    }
    return {key: value for key, value in entry.items() if value}


def run_outcome(tables: Tables, cell: PlannedCell, seed: int) -> tuple[str, str, str, str]:
    """(status, tone of the status, verdict, tone of the verdict) of one run. A tone is a colour class of the page."""
    card = tables.card(cell, seed)
    verdict = str((card["collapse"] or {}).get("verdict") or NOT_JUDGED)
    return in_words(card["status"]), tone(card["status"]), in_words(verdict), tone(verdict)


def _facts(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    values = [(label, status[key]) for key, label in STATUS_ROWS.items() if status.get(key) is not None]
    rows = [(label, number(value) if isinstance(value, float) else str(value)) for label, value in values]
    if continued := status.get("continued"):
        rows.append(("continued another run", f"from step {continued['step']}; {_kept(continued['optimizers'])}"))
    for rewind in status.get("rewound") or ():
        text = f"from step {rewind['at']} to step {rewind['to']}; {_kept(rewind['optimizers'])}"
        rows.append(("went back on collapse", text))
    parameters = status.get("parameters") or {}
    return [*rows, *((f"parameters of the {name}", str(count)) for name, count in sorted(parameters.items()))]


def _kept(optimizers: Mapping[str, str]) -> str:
    return ", ".join(f"optimizer of the {player} {state}" for player, state in optimizers.items())


def _provenance(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, value) for each version, the machine, the digests of settings, code and data, and reproducible files.

    The value of a reproducible file is its SHA-256.
    """
    rows = [(key.replace("_", " "), known(value)) for key, value in (status.get("provenance") or {}).items()]
    identity = status.get("identity") or {}
    rows += [(f"digest of {key}", str(identity[key])) for key in ("settings", "code", "data") if key in identity]
    return [*rows, *((f"SHA-256 of {name}", str(sha)) for name, sha in sorted((status.get("sha256") or {}).items()))]
