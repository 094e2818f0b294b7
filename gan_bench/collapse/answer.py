"""A verdict as text of at most twelve lines: what was read, the verdict, its reasons, what to look at next."""

from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.collapse.field_verdict import losses_decide
from gan_bench.collapse.verdict import NO_SIGN, NOT_JUDGED

#: Verdicts that do not state a failure.
NO_FAILURE = (NOT_JUDGED, NO_SIGN)
#: Upper bounds of a probability and the words for it, from the IPCC's guidance note of 2010.
LIKELIHOOD = ((0.1, "very unlikely"), (0.33, "unlikely"), (0.66, "about as likely as not"), (0.9, "likely"))
#: Largest number of reasons shown for a failure, and of reasons shown against it.
REASONS = 2
MOST_LINES = 12


def answer(document: Mapping[str, Any]) -> str:
    """The document of a log (see `detect_file`) as text of at most MOST_LINES lines."""
    lines = [_read(document), *_changed(document), _loss(document)]
    plausibility = document["plausibility"]
    if plausibility["problem"]:
        lines.append(f"not plausible: {plausibility['problem']}. Perhaps {_or(plausibility['suggestions'])}.")
    elif plausibility["suggestions"]:
        lines.append(f"note: {' '.join(plausibility['suggestions'])}")
    return "\n".join(line for line in (*lines, *verdict_lines(document)) if line)


def verdict_lines(document: Mapping[str, Any]) -> list[str]:
    """A verdict in at most seven lines: verdict, probability, reasons for and against a failure, and the next check."""
    lines = [_verdict(document), _probability(document)]
    if document["verdict"] != NOT_JUDGED or document["signals_used"]:
        lines += [f"for a failure: {reason}" for reason in _reasons_for(document)[:REASONS]]
        lines += [f"against a failure: {reason}" for reason in _reasons_against(document)[:REASONS]]
        lines.append(f"next: {document['next_check']}")
    return [line for line in lines if line]


def _read(document: Mapping[str, Any]) -> str:
    recognised = dict(document["recognised"])
    words = ", ".join(f"{name} = {source}" for name, source in recognised.items() if name not in ("format", source))
    pair = f", pair {document['pair']}" if document["pair"] else ""
    rows = f"{document['rows']} row{'s' * (document['rows'] != 1)}"
    return f"{document['file']}{pair}: {rows}, {recognised['format']}; {words or 'columns step, d_loss, g_loss'}"


def _changed(document: Mapping[str, Any]) -> list[str]:
    """One line with the changes made when the log was read; [] if there were none."""
    return [f"changed: {' '.join(document['reading'])}"] if document["reading"] else []


def _loss(document: Mapping[str, Any]) -> str:
    family, probability = next(iter(document["inferred_loss"].items()), (None, None))
    guess = "" if family is None else f"its numbers suggest {family.replace('_', ' ')}, probability {probability:.0%}"
    if document["loss"] is None:
        return f"loss: not named; {guess}" if guess else "loss: not named"
    return f"loss: {document['loss'].replace('_', ' ')}, as you said" + (f" ({guess})" if guess else "")


def _verdict(document: Mapping[str, Any]) -> str:
    if document["verdict"] == NOT_JUDGED:
        return f"verdict: not judged. {document['reason'] or document['note']}"
    since = "" if document["began_step"] is None else f", since step {document['began_step']}"
    return f"verdict: {verdict_words(document['verdict'])}{since}"


def verdict_words(verdict: str) -> str:
    words = verdict.replace("_", " ")
    return f"D{words[1:]}" if words.startswith("d ") else words


def _probability(document: Mapping[str, Any]) -> str:
    stated = stated_probability(document)
    if stated is None:
        reason = next((part for part in document["note"].split(". ") if "probability" in part.lower()), "")
        return f"{reason.rstrip('.')}." if reason and document["verdict"] != NOT_JUDGED else ""
    event, p, (low, high) = stated
    runs, had = {"collapse": ("small runs", "collapsed"), "failure": ("runs", "failed")}[event]
    return f"a {event} is {likelihood(p)}: {p:.0%}; of {runs} like it, {low:.0%} to {high:.0%} had {had}"


def stated_probability(document: Mapping[str, Any]) -> tuple[str, float, Sequence[float]] | None:
    """(event, probability, interval) that is printed with a verdict; None if there is none to print.

    The event is "collapse" if the document has a probability of a collapse. Otherwise it is "failure" if the document
    has a probability of a failure and the losses alone decide the verdict.
    """
    if document.get("p_collapse") is not None:
        return "collapse", document["p_collapse"], document["interval"]
    if document.get("p_failure") is not None and losses_decide(document):
        return "failure", document["p_failure"], document["failure_interval"]
    return None


def likelihood(p: float) -> str:
    """A probability in words."""
    return next((words for bound, words in LIKELIHOOD if p < bound), "very likely")


def sign_words(reason: Mapping[str, Any]) -> str:
    """What a sign in the losses says, and how often this sign was right on known logs."""
    rates = reason["rates"]
    parts = [(rates["field"], "public logs"), (rates["small"], "small runs")]
    right = " and ".join(f"{rate['right']} of {rate['fired']} {logs}" for rate, logs in parts if rate["fired"])
    return f"{reason['says']} (right on {right})" if right else str(reason["says"])


def signs_in_losses(document: Mapping[str, Any]) -> list[str]:
    """The sentences (`sign_words`) of the signs that the field detector found in a log.

    [] if the document has no key "failure".
    """
    return [sign_words(reason) for reason in (document.get("failure") or {}).get("reasons", ()) if "sign" in reason]


def _reasons_for(document: Mapping[str, Any]) -> list[str]:
    by_judge = [entry["says"] for entry in document["evidence"] if entry["sign"] != "field_detector"]
    if not losses_decide(document):
        return by_judge
    return [*signs_in_losses(document), *_properties(document, 1), *by_judge]


def _reasons_against(document: Mapping[str, Any]) -> list[str]:
    if losses_decide(document) and document.get("p_failure") is not None:
        return _properties(document, -1)
    return [entry["says"] for entry in _counter_evidence(document)]


def _properties(document: Mapping[str, Any], direction: int) -> list[str]:
    """Properties of the losses that raise (1) or lower (-1) the probability of a failure, the strongest first."""
    reasons = (document.get("failure") or {}).get("reasons", ())
    return [str(reason["says"]) for reason in reasons if "pull" in reason and reason["pull"] * direction > 0]


def _counter_evidence(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Counter-evidence. Signs with the highest recall come first, because their absence is the best evidence against a
    failure.

    The entry of the sign `non_finite` is left out, because the losses are finite in nearly every log.
    """

    def recall(entry: Mapping[str, Any]) -> float:
        pooled = (entry.get("corpus") or {}).get("pooled") or {}
        return -float(pooled.get("recall") or 0)

    return sorted((entry for entry in document["counter_evidence"] if entry["sign"] != "non_finite"), key=recall)


def _or(words: Sequence[str]) -> str:
    return ", or ".join(words)


def table(documents: Sequence[Mapping[str, Any]]) -> str:
    """A table with one row per verdict (one for each pair of networks). Lines below name the files that were not read.

    If some files are tables without losses of D and G, the last line gives their number. The columns of the table are
    file, rows, verdict, first step of the failure, probability of a failure or collapse, and the loss. For an unnamed
    loss, the last column has its likeliest family and a question mark.
    """
    rows = [("log", "rows", "verdict", "since", "probability", "loss")]
    for document in documents:
        if "error" in document:
            continue
        name = document["file"] + (f" [{document['pair']}]" if document["pair"] else "")
        verdict = verdict_words(document["verdict"])
        since = "" if document["began_step"] is None else str(document["began_step"])
        stated = stated_probability(document)
        p = "" if stated is None else f"{stated[1]:.0%} {stated[0]}"
        family = document["loss"] or next((f"{name}?" for name in document["inferred_loss"]), "")
        rows.append((name, str(document["rows"]), verdict, since, p, family.replace("_", " ")))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = (False, True, False, True, True, False)
    lines = [
        "  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in rows
    ]
    unread = [document["error"] for document in documents if "error" in document and not document.get("no_losses")]
    others = sum(bool(document.get("no_losses")) for document in documents)
    lines += [f"not read: {error}" for error in unread]
    if others:
        lines.append(f"{others} other table{'s' * (others != 1)} without losses of D and G")
    return "\n".join(lines)
