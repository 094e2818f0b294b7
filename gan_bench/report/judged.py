"""Verdicts on the runs as rows of the page: counted by cell, and the evidence behind each."""

from collections import Counter
from typing import Any

import pandas as pd

from gan_bench.report.style import in_words
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.write.markdown import number

NO_SIGN = "no_sign_found"
NOT_JUDGED = "not judged"
#: Verdicts that suspect nothing of a run that finished.
CALM = (NO_SIGN,)

#: Tone of a verdict or status on the page; what is not named is neutral.
TONES = {
    "ok": "good",
    "no_sign_found": "plain",
    "diverged": "bad",
    "failed": "bad",
    "timeout": "warn",
    "missing": "warn",
    "collapse_suspected": "bad",
    "d_overpowering": "warn",
    "generator_stalled": "warn",
    "collapse_confirmed": "bad",
    "mode_hopping_suspected": "warn",
}


def tone(name: str) -> str:
    return TONES.get(name, "plain")


def verdict_counts(tables: Tables) -> dict[str, Any]:
    """Whether any run was judged, columns (verdicts that occur), rows (data set, variant, n by verdict)."""
    counts = {
        cell: Counter(_verdict(tables.card(cell, seed)["collapse"]) for seed in cell.seeds) for cell in tables.cells
    }
    names = list(dict.fromkeys([NO_SIGN, *(name for found in counts.values() for name in found)]))
    rows = [(cell.dataset, cell.variant, [found[name] for name in names]) for cell, found in counts.items()]
    judged = any(name != NOT_JUDGED for found in counts.values() for name in found)
    return {"judged": judged, "names": [in_words(name) for name in names], "rows": rows}


def _verdict(document: dict[str, Any] | None) -> str:
    return str((document or {}).get("verdict") or NOT_JUDGED)


def evidence_rows(tables: Tables) -> list[dict[str, Any]]:
    """One entry per run with a verdict other than "no sign found", with its leading evidence."""
    table = tables.collapse
    fired = table[table["verdict"].notna() & (table["verdict"] != NO_SIGN)]
    cards = {key: card["collapse"] for key, card in tables.cards.items()}
    return [
        {
            "run": f"{row['variant']}, seed {row['seed']}",
            "dataset": row["dataset"],
            "verdict": in_words(row["verdict"]),
            "tone": tone(row["verdict"]),
            "began": "" if pd.isna(row["began_step"]) else str(int(row["began_step"])),
            "says": "" if pd.isna(row["says"]) else row["says"],
            "rate": _rate(row),
            "chance": chance(cards.get((row["dataset"], row["cell"], int(row["seed"])))),
        }
        for row in records(fired)
    ]


def chance(document: dict[str, Any] | None) -> str:
    """ "87% [70%, 95%] from diversity; false alarms 5/59": what the learned detector says of a run, "" if nothing."""
    found = document or {}
    parts = []
    if found.get("p_collapse") is not None:
        ends = found.get("interval")
        interval = f" [{_percent(ends[0])}, {_percent(ends[1])}]" if ends and None not in ends else ""
        source = f" from {found['confidence']['signals']}" if found.get("confidence") else ""
        parts.append(f"{_percent(found['p_collapse'])}{interval}{source}")
    if found.get("false_alarms"):
        parts.append(f"false alarms {found['false_alarms']['hits']}/{found['false_alarms']['of']}")
    if (found.get("sample_check") or {}).get("says"):
        parts.append(f"samples say {in_words(found['sample_check']['says'])}")
    return "; ".join(parts)


def _percent(value: Any) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else str(value)


def _rate(row: dict[str, Any]) -> str:
    """How often the sign was right on the corpus that it was measured on."""
    if pd.isna(row["precision"]):
        return ""
    interval = ""
    if pd.notna(row["precision_low"]):
        interval = f" (95 %: {row['precision_low']:.0%} to {row['precision_high']:.0%})"
    return f"{row['precision']:.0%} of {int(row['n_fired'])} alarms{interval}"


def evidence_lines(document: dict[str, Any] | None, kind: str) -> list[dict[str, str]]:
    """Entries of a verdict document under `kind` ("evidence", "weak_signs", "counter_evidence") in words."""
    return [_line(entry) for entry in (document or {}).get(kind, [])]


def _line(entry: dict[str, Any]) -> dict[str, str]:
    rule = f"{entry['measure']} {entry['comparison']} {number(entry['threshold'])}" if entry.get("measure") else ""
    rule = rule if entry.get("threshold") is not None else ""
    return {
        "sign": in_words(str(entry["sign"])),
        "says": str(entry["says"]),
        "rule": rule,
        "source": str(entry["source"]),
    }
