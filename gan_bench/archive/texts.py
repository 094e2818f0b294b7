"""Makes the texts of an archive: its README, and a model card for each generator."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gan_bench import paths
from gan_bench.report.asked import budget, part
from gan_bench.report.cards import run_entry, run_outcome, run_scores
from gan_bench.report.findings import findings
from gan_bench.report.tables_input import PlannedCell, Tables
from gan_bench.run_keys import BY_NAME
from gan_bench.stats.write.markdown import escape, markdown_table, number

#: Columns of runs.csv with the protocol of a score.
PROTOCOL = ["n_real", "n_fake", "split", "extractor"]

CHECK = """\
```sh
sha256sum -c manifest-sha256.txt          # in the unpacked folder, without gan-bench
gan-bench verify ARCHIVE.zip --sample 1   # checks all files, makes the tables again, trains a run again
gan-bench import ARCHIVE.zip              # puts the runs into the store of this folder's results
```
"""


def readme(tables: Tables, paragraph: str, data: Sequence[Mapping[str, Any]]) -> str:
    """README.md of an archive."""
    study = escape(str(tables.plan["study"]))
    rows = [["data set", *DATA_KEYS[1:]], *([escape(str(entry[key])) for key in DATA_KEYS] for entry in data)]
    page = f"results/{tables.folder.name}/{paths.REPORT}"
    parts = [
        f"# {study}",
        escape(str(tables.plan["description"] or "A gan-bench study.")),
        " ".join(escape(sentence) for sentence in findings(tables)),
        f"Open [{page}](<{page}>) in a browser for the results. Next to each generator is its `model_card.md`.",
        "## Check it",
        CHECK.rstrip(),
        "## Methods",
        f"{escape(paragraph)} The papers are in [references.bib](references.bib).",
        "## Data",
        "The archive does not contain the data sets. The page and `neighbours.png` of each run show some of their "
        "images. The sources of the data sets state these licences:",
        markdown_table(rows),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


DATA_KEYS = ("name", "licence", "source", "digest")


def data_facts(tables: Tables, manifests: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Name, licence, source and digest of each data set. `manifests`: id -> manifest of the prepared data on disk."""
    facts = []
    for label, dataset in tables.plan["datasets"].items():
        manifest = manifests.get(dataset["id"], {})
        known = {key: str(manifest.get(key) or "unknown: the data are not on disk") for key in DATA_KEYS}
        facts.append({**known, "name": label, "id": dataset["id"]})
    return facts


def model_cards(tables: Tables) -> Iterator[tuple[str, str]]:
    """Yield (name of the run, text of its card) for each run with a generator."""
    scores = run_scores(tables, {cell.id for cell in tables.cells})
    rows = tables.runs[tables.runs["extractor"].notna()].drop_duplicates(["dataset", "cell", "seed"])
    protocols = {key: values for *key_list, values in _protocols(rows) for key in [tuple(key_list)]}
    for cell in tables.cells:
        for seed in cell.seeds:
            key = (cell.dataset, cell.id, seed)
            document = tables.card(cell, seed)["status_document"] or {}
            if paths.GENERATOR in document.get("sha256", {}):
                text = _card(tables, cell, seed, scores.get(key, []), protocols.get(key, "The run was not scored."))
                yield f"{cell.dataset}/{cell.id}/seed{seed}", text


def _protocols(rows: Any) -> Iterator[tuple[str, str, int, str]]:
    for row in rows.itertuples():
        sentence = (
            f"{number(row.n_fake)} samples against {number(row.n_real)} real images of the {row.split} split, "
            f"features of {row.extractor}. Scores with another protocol cannot be compared with these scores."
        )
        yield row.dataset, row.cell, int(row.seed), sentence


def _card(tables: Tables, cell: PlannedCell, seed: int, scores: Sequence[tuple[str, str, str]], protocol: str) -> str:
    entry, (status, _, verdict, _) = run_entry(tables, cell, seed), run_outcome(tables, cell, seed)
    settings = tables.card(cell, seed)["settings"]
    used = {key: value for key, value in settings.items() if key in BY_NAME and BY_NAME[key].column}
    parts = [
        "---\nlibrary_name: gan-bench\ntags: [gan, image-generation]\n---",
        f"# {escape(cell.variant)} on {escape(cell.dataset)}, seed {seed}",
        f"The final generator of a run of the study {escape(str(tables.plan['study']))}. It was not selected by its "
        "scores. Its file is `generator.safetensors` in the same folder as this card.",
        f"Run: {escape(status)}. Signs of failure in the losses and samples: {escape(verdict)}.",
        "\n".join(f"- {escape(line)}" for line in entry.get("answer", [])),
        "## Scores",
        markdown_table([["metric", "value", "note"], *(map(escape, row) for row in scores)], right=(1,)),
        escape(protocol),
        "## Training",
        f"Data set: {escape(part(settings['dataset']))}. Budget: {escape(budget(settings))}.",
        "\n".join(f"- {BY_NAME[key].column}: {escape(part(value))}" for key, value in used.items()),
        "All settings of the run:",
        f"```json\n{json.dumps(settings, indent=1, sort_keys=True)}\n```",
        "## Use",
        "Unpack the archive. Then, in the folder that contains `results`:",
        f"```sh\ngan-bench sample results/{tables.folder.name}/{entry['folder']} --n 64 --out grid.png\n```",
        "The samples resemble the training data, whose licence is in README.md of the archive. The generator was "
        "trained to compare training methods, not for use in a product.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"
