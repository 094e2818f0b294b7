"""Verdicts of the collapse detector as rows of the report page, each with its evidence and probability."""

from typing import Any

import pandas as pd

from gan_bench.collapse.answer import stated_probability
from gan_bench.collapse.verdict import COLLAPSE, CONFIRMED, HOPPING, NO_SIGN, NOT_JUDGED
from gan_bench.report.style import in_words
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.write.markdown import number

#: Verdicts on finished runs that report no sign of failure.
CALM = (NO_SIGN, NOT_JUDGED)

#: Verdict or status -> its tone, the colour class on the page. All other verdicts and statuses have the tone "plain".
TONES = {
    "ok": "good",
    "diverged": "bad",
    "failed": "bad",
    "timeout": "warn",
    "missing": "warn",
    "collapse_suspected": "bad",
    "d_overpowering": "warn",
    "generator_stalled": "warn",
    "collapse_confirmed": "bad",
    "mode_hopping_suspected": "warn",
    "poor_quality": "warn",
    "failure_suspected": "bad",
}


def tone(name: str) -> str:
    return TONES.get(name, "plain")


def any_judged(tables: Tables) -> bool:
    """Whether the detector judged any run."""
    return bool((tables.collapse["verdict"].dropna() != NOT_JUDGED).any())


def evidence_rows(tables: Tables, most: int) -> tuple[list[dict[str, Any]], int]:
    """(entries, number of runs) for the runs with a sign of failure, which are those with a verdict outside of CALM.

    Only the first `most` of these runs have entries. An entry has the verdict and the first evidence for it.
    """
    table = tables.collapse
    fired = table[table["verdict"].notna() & ~table["verdict"].isin(CALM)]
    rows = records(fired.head(most))
    # The entry of a collapse or of mode hopping has the probability, if known, instead of the precision of the sign.
    cards = [tables.cards.get((row["dataset"], row["cell"], int(row["seed"]))) for row in rows]
    chances = [chance((card or {}).get("collapse")) for card in cards]
    entries = [
        {
            "run": f"{row['variant']}, seed {row['seed']}",
            "dataset": row["dataset"],
            "verdict": in_words(row["verdict"]),
            "tone": tone(row["verdict"]),
            "began": "" if pd.isna(row["began_step"]) else str(int(row["began_step"])),
            "says": "" if pd.isna(row["says"]) else row["says"],
            "rate": "" if chances[i] and row["verdict"] in (COLLAPSE, HOPPING, CONFIRMED) else _rate(row),
            "chance": chances[i],
        }
        for i, row in enumerate(rows)
    ]
    return entries, len(fired)


def chance(document: dict[str, Any] | None) -> str:
    """The probability that belongs to a verdict, and the result of the check of the samples; "" if there is neither.

    Example: "collapse 87 % (70 to 95 %) from diversity".
    """
    verdict = document or {}
    parts = []
    if (stated := stated_probability(verdict)) is not None:
        event, p, ends = stated
        interval = f" ({100 * ends[0]:.0f} to {100 * ends[1]:.0f} %)" if ends and None not in ends else ""
        source = f" from {verdict['confidence']['signals']}" if verdict.get("confidence") else ""
        parts.append(f"{event} {100 * p:.0f} %{interval}{source}")
    if says := (verdict.get("sample_check") or {}).get("says"):
        parts.append("samples inconclusive" if says == "open" else f"samples say {in_words(says)}")
    return "; ".join(parts)


def _rate(row: dict[str, Any]) -> str:
    """Precision of the sign on the detector's training corpus, with its interval; "" if unknown."""
    if pd.isna(row["precision"]):
        return ""
    interval = ""
    if pd.notna(row["precision_low"]):
        interval = f" (95 %: {row['precision_low']:.0%} to {row['precision_high']:.0%})"
    return f"{row['precision']:.0%} of {int(row['n_fired'])} alarms{interval}"


def evidence_lines(document: dict[str, Any] | None, kind: str) -> list[dict[str, str]]:
    """Entries of one kind in a verdict document, as text. `kind`: "evidence", "weak_signs" or "counter_evidence"."""
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
