"""The plan of a study and the outcomes of its runs, as text and table rows of the report page."""

import shlex
from collections import Counter
from collections.abc import Mapping
from typing import Any

from gan_bench.config.plan.protocol import all_extractors
from gan_bench.files import digest_file
from gan_bench.provenance import LOCK
from gan_bench.registry import is_path, stem
from gan_bench.report.style import size_in_words
from gan_bench.report.tables_input import Tables
from gan_bench.run_keys import RUN_KEYS, remarks
from gan_bench.stats.write.names import STATUSES
from gan_bench.words import plural

#: Settings that have a column in the table of variants, if their values differ between variants.
COLUMNS = tuple(key.name for key in RUN_KEYS if key.column)
HEADS = ("variant", *(key.column for key in RUN_KEYS if key.column), "budget", "data sets")
BUDGETS = {
    "g_steps": "generator steps",
    "d_steps": "discriminator steps",
    "images": "real images shown",
    "epochs": "epochs",
}

LABELS = {"ok": "finished", "diverged": "diverged", "failed": "failed", "timeout": "out of time", "missing": "missing"}


def coverage(tables: Tables) -> dict[str, Any]:
    """Outcomes of the planned runs: "sentence", "asked" (the number of planned runs) and "counts".

    "counts" has (status, label of the status, number of runs) for each status.
    """
    counts = Counter(tables.card(cell, seed)["status"] for cell in tables.cells for seed in cell.seeds)
    n_runs = sum(counts.values())
    parts = [f"{counts[status]} {LABELS[status]}" for status in STATUSES]
    return {
        "sentence": f"{plural(n_runs, 'run was', 'runs were')} planned: {', '.join(parts)}.",
        "asked": n_runs,
        "counts": [(status, LABELS[status], counts[status]) for status in STATUSES],
    }


def facts(tables: Tables) -> list[tuple[str, list[str]]]:
    """(heading, lines) for each fact of the plan, such as data sets, variants, seeds, budget and metrics."""
    plan = tables.plan
    evaluation = plan["evaluation"]
    seeds = sorted({seed for cell in tables.cells for seed in cell.seeds})
    variants = dict.fromkeys(cell.variant for cell in tables.cells)
    budgets = dict.fromkeys(budget(cell.settings) for cell in tables.cells)
    n_samples = evaluation["n_samples"]
    extractors = dict.fromkeys(reference(ref) for ref in all_extractors(evaluation))
    outside_code = own_components(plan)
    return [
        ("data sets", [_dataset(label, entry) for label, entry in plan["datasets"].items()]),
        ("variants", [plural(len(variants), "variant")]),
        ("seeds", [", ".join(map(str, seeds)) or "none"]),
        ("budget of a run", list(budgets) or ["none"]),
        ("metrics", [reference(ref) for ref in evaluation["metrics"]] or ["none"]),
        ("feature extractor", list(extractors) or ["none"]),
        (
            "scored on",
            [
                f"{evaluation['split']} split, {f'{n_samples} images on each side' if n_samples else 'all its images'}",
                *set_aside(evaluation),
            ],
        ),
        *([("code from outside gan-bench", outside_code)] if outside_code else []),
    ]


def set_aside(evaluation: Mapping[str, Any]) -> list[str]:
    """[line on the share of images that the study sets aside for validation]; [] if there are none."""
    share = evaluation.get("validation")
    return [] if share is None else [f"{share:.3g} of that split is set aside for choices and not in reported scores"]


def own_components(plan: Mapping[str, Any]) -> list[str]:
    """One line per component that the study names by a file path: kind, file and code digest.

    The plan stores no digests of figures, so their lines have none.
    """
    refs = [("data set", entry["ref"]) for entry in plan["datasets"].values()]
    for cell in plan["cells"]:
        for key, value in cell["settings"].items():
            refs += [(key.replace("_", " "), ref) for ref in (value if isinstance(value, list) else [value])]
    refs += [("metric", ref) for ref in plan["evaluation"]["metrics"]]
    refs += [("feature extractor", ref) for ref in all_extractors(plan["evaluation"])]
    refs += [("figure", ref) for ref in plan["figures"]]
    lines: dict[str, None] = {}
    for what, ref in refs:
        if isinstance(ref, Mapping) and is_path(str(ref.get("name", ""))):
            digest = f", code digest {ref['digest']}" if "digest" in ref else ""
            lines[f"{what} {stem(str(ref['name']))}: {ref['name']}{digest}"] = None
    return list(lines)


def _dataset(label: str, entry: Mapping[str, Any]) -> str:
    kind = "labelled" if entry["labelled"] else "without labels"
    return f"{label}: {reference(entry['ref'])}; {size_in_words(entry['shape'])}, {kind}"


def budget(settings: Mapping[str, Any]) -> str:
    """The budget as text: "2,000 generator steps, 1 D step per G step, batches of 64, in bf16".

    The default precision, float32, is not mentioned.
    """
    if settings["budget"] is None:
        return "no training"
    (unit, amount), *_ = settings["budget"].items()
    steps = "" if settings["d_steps"] is None else f" {plural(settings['d_steps'], 'D step')} per G step,"
    parts = [f"{amount:,} {BUDGETS.get(unit, unit)},{steps} batches of {settings['batch_size']}", *remarks(settings)]
    return ", ".join(parts)


def part(value: Any) -> str:
    """Text of a value in the table of variants: components with their settings, a number, or "none"."""
    if isinstance(value, list):
        return "; ".join(map(reference, value)) or "none"
    return reference(value) if isinstance(value, Mapping) else _short(value)


def reference(ref: Mapping[str, Any]) -> str:
    """A component with its settings: "adam (lr 0.0002, beta1 0.5)"."""
    settings = [f"{key} {_short(value)}" for key, value in ref.items() if key not in ("name", "digest")]
    name = stem(str(ref["name"]))
    return f"{name} ({', '.join(settings)})" if settings else name


def _short(value: Any) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def variants(tables: Tables) -> dict[str, Any]:
    """The table of variants, with a column for each setting in which variants differ.

    "same" lists (head, text) of the settings that all variants share. A variant with the same settings on several data
    sets has one row.
    """
    datasets_of: dict[tuple[str, ...], list[str]] = {}
    for cell in tables.cells:
        parts = [*(part(cell.settings[name]) for name in COLUMNS), budget(cell.settings)]
        datasets_of.setdefault((cell.variant, *parts), []).append(cell.dataset)
    rows = [[*row, ", ".join(dict.fromkeys(datasets))] for row, datasets in datasets_of.items()]
    differing = [i for i in range(len(HEADS)) if i == 0 or len({row[i] for row in rows}) > 1]
    same = [(head, rows[0][i]) for i, head in enumerate(HEADS[:-1]) if i not in differing] if rows else []
    return {"heads": [HEADS[i] for i in differing], "rows": [[row[i] for i in differing] for row in rows], "same": same}


def reproduce(tables: Tables) -> dict[str, Any]:
    """Commands that reproduce the study, digests of its inputs, and the versions and machines recorded by its runs."""
    study = shlex.quote(str(tables.plan["study"]))
    versions: dict[str, dict[str, int]] = {}
    for card in tables.cards.values():
        for key, value in ((card["status_document"] or {}).get("provenance") or {}).items():
            versions.setdefault(str(key), Counter())[known(value)] += 1
    return {
        "train": f"snakemake --cores all --config study={study}",
        "redraw": f"snakemake --cores 1 --config study={study} figures",
        "digest": tables.plan["config_digest"],
        "lock": digest_file(LOCK) if LOCK.is_file() else None,
        "data": _data(tables),
        "versions": [(key.replace("_", "-"), list(values)) for key, values in sorted(versions.items())],
    }


def known(value: Any) -> str:
    """Text of a version or digest in a run's provenance. `value` is None if the package was not in a git checkout."""
    return "unknown (no git checkout)" if value is None else str(value)


def _data(tables: Tables) -> list[tuple[str, list[str]]]:
    """(data set, digests of its images, labels and splits), as recorded by the runs.

    A data set has several digests only if its runs used different data.
    """
    digests_of: dict[str, dict[str, None]] = {}
    for (dataset, _, _), card in tables.cards.items():
        digest = ((card["status_document"] or {}).get("identity") or {}).get("data")
        if digest:
            digests_of.setdefault(dataset, {})[str(digest)] = None
    return [(dataset, list(digests)) for dataset, digests in digests_of.items()]


def caveats(tables: Tables) -> dict[str, Any]:
    """Facts that the warnings on the page mention. "floor": whether real images were scored."""
    scored = tables.comparison[tables.comparison["kind"] == "variant"]
    counts = [int(n) for n in scored["n_fake"].dropna().unique()]
    seeds = sorted({len(cell.seeds) for cell in tables.cells})
    return {
        "extractors": [str(name) for name in scored["extractor"].dropna().unique()],
        "n_fake": " or ".join(map(str, sorted(counts))),
        "n_seeds": " or ".join([*map(str, seeds[:-1]), plural(seeds[-1], "seed")]) if seeds else "no seeds",
        "budgets": list(dict.fromkeys(budget(cell.settings) for cell in tables.cells)),
        "floor": bool((tables.comparison["kind"] == "floor").any()),
    }
