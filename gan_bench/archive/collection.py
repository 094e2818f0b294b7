"""A static table of the archives in a folder: CSV, Markdown, and a page without scripts."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gan_bench.archive.crate import author_of
from gan_bench.archive.names import METADATA, RESULTS
from gan_bench.errors import UserError
from gan_bench.files import digest_file, write_text
from gan_bench.paths import COMPARISON_TABLE, MANIFEST
from gan_bench.report.page import STYLES
from gan_bench.report.page import TEMPLATES as REPORT_TEMPLATES
from gan_bench.stats.write.markdown import ARROW, escape, estimate, markdown_table, with_decimals
from gan_bench.stats.write.names import TABLES
from gan_bench.stats.write.table_files import read_csv, write_csv
from gan_bench.words import plural

TEMPLATES = Path(__file__).parent / "templates"
#: Name of the files that are written, without suffix.
NAME = "collection"
#: All rows of a table have equal values in these columns. Scores with different protocols are in different tables.
GROUP = ["dataset", "data", "label", "direction", "n_real", "n_fake", "split", "extractor"]
SCORE = ["kind", "variant", "centre", "ci_low", "ci_high", "n_scored", "n_asked", "g_steps", "d_steps", "images"]
COLUMNS = [*GROUP, *SCORE, "study", "author", "licence", "archive", "sha256"]
HEADS = ("variant", "score", "seeds", "budget", "study", "author", "archive")

Say = Callable[[str], None]


class Collection(NamedTuple):
    """A written collection: its page, and the numbers of accepted and refused archives."""

    page: Path
    n_taken: int
    n_refused: int


def make_collection(folder: Path, out: Path, sample: int, trust_code: bool, say: Say) -> Collection:
    """Check each archive of a folder, and write collection.csv, .md and .html of the archives that pass the check.

    Each archive is checked by `gan-bench verify` in a separate process. A file with the same bytes as an accepted
    archive is refused without this check.

    Raises:
        UserError: the folder has no archives, or `sample` is below 0.
    """
    archives = sorted(folder.glob("*.zip"))
    if not archives:
        raise UserError(f"{folder}: no archives; give a folder of zip files that `gan-bench export` wrote.")
    if sample < 0:
        raise UserError(f"--sample is {sample}; valid: 0 or more runs.")
    parts, refused = [], []
    taken: dict[str, str] = {}
    for file in archives:
        sha = digest_file(file)
        why = f"a copy of {taken[sha]}." if sha in taken else why_refused(file, sample, trust_code)
        say(f"{file}: {f'refused: {why}' if why else 'accepted'}")
        if why:
            refused.append((file.name, why))
        else:
            taken[sha] = file.name
            parts.append(scores(file))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    write_csv(out / f"{NAME}.csv", table)
    checked = f"{plural(sample, 'run')} of each archive trained again." if sample else "No run was trained again."
    write_text(out / f"{NAME}.md", markdown(table, refused, checked))
    write_text(out / f"{NAME}.html", page(table, refused, checked))
    return Collection(out / f"{NAME}.html", len(taken), len(refused))


def why_refused(file: Path, sample: int, trust_code: bool) -> str:
    """Sentences of `gan-bench verify` on an archive; "" if the archive passes the check."""
    command = [sys.executable, "-m", "gan_bench.cli", "verify", str(file), "--sample", str(sample)]
    run = subprocess.run(  # noqa: S603 - no shell, and the archive is an argument
        [*command, *(["--trust-code"] if trust_code else [])], capture_output=True, text=True, check=False
    )
    if run.returncode == 0:
        return ""
    if run.returncode != 2:
        return (
            f"`gan-bench verify` ended with {run.returncode}: {(run.stderr.strip().splitlines() or ['no message'])[-1]}"
        )
    lines = run.stderr.strip().splitlines()
    return " ".join(line.removeprefix("gan-bench verify: ").replace(f"{file}: ", "") for line in lines)


def scores(file: Path) -> pd.DataFrame:
    """The scores of a checked archive, with the columns COLUMNS.

    Each row has the score of a variant, or the score of real images (kind "floor"), for one data set and metric value.
    Metric values that cannot rank variants are left out.
    """
    with zipfile.ZipFile(file) as archive:
        author = author_of(json.loads(archive.read(METADATA)))
        study = next(name for name in archive.namelist() if name.startswith(f"{RESULTS}/") and _is_study(name))
        runs = json.loads(archive.read(study))["results"]["runs"]
        content = archive.read(f"{study.removesuffix(MANIFEST)}{TABLES}/{COMPARISON_TABLE}")
    table = read_csv(io.BytesIO(content))
    table = table[table["direction"] != "none"]
    data = {name.partition("/")[0]: str(run["data"]) for name, run in runs.items() if run["data"]}
    facts = {"author": author.name, "licence": author.licence, "archive": file.name, "sha256": digest_file(file)}
    return table.assign(data=table["dataset"].map(data), **facts).reindex(columns=COLUMNS)


def _is_study(name: str) -> bool:
    return name.endswith(f"/{MANIFEST}") and name.count("/") == 2


def _groups(table: pd.DataFrame) -> Iterable[tuple[Mapping[str, Any], pd.DataFrame]]:
    """Yield (protocol, rows) of each table, best score first. Equal rows of real images appear only once."""
    for key, group in table.groupby(GROUP, dropna=False, sort=False):
        protocol = dict(zip(GROUP, key, strict=True))
        rows = group[(group["kind"] != "floor") | ~group.duplicated(["kind", "centre"])]
        distance = (rows["centre"] - 0.5).abs() if protocol["direction"] == "half" else rows["centre"]
        order = distance.sort_values(ascending=protocol["direction"] != "higher", kind="stable", na_position="last")
        yield protocol, with_decimals(rows.loc[order.index])


def _protocol(protocol: Mapping[str, Any]) -> str:
    if pd.isna(protocol["extractor"]):
        return "no feature space"
    counts = f"{protocol['n_fake']:.0f} samples against {protocol['n_real']:.0f} images"
    data = f"data {str(protocol['data'])[:12]}"
    return f"{data}, {counts} of the {protocol['split']} split, features of {protocol['extractor']}"


def _cells(row: Mapping[Any, Any]) -> list[str]:
    score = "none" if pd.isna(row["centre"]) else " ".join(filter(None, estimate(row)))
    seeds = "" if pd.isna(row["n_asked"]) else f"{row['n_scored']:.0f} of {row['n_asked']:.0f}"
    budget = "" if pd.isna(row["images"]) else f"{row['g_steps']:,.0f} G steps, {row['images']:,.0f} images"
    return [str(row["variant"]), score, seeds, budget, str(row["study"]), str(row["author"]), str(row["archive"])]


def sections(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Title, protocol and rows of text of each table."""
    return [
        {
            "title": f"{protocol['dataset']}: {protocol['label']} {ARROW[protocol['direction']]}",
            "protocol": _protocol(protocol),
            "rows": [_cells(row) for row in rows.to_dict("records")],
        }
        for protocol, rows in _groups(table)
    ]


INTRODUCTION = (
    'A score is the mean over seeds with its 95 % interval. The best mean is on top. The column "seeds" shows how many '
    "of the planned seeds are in the mean. Each table has scores of one data set with one protocol. Each archive was "
    "checked: all files have their recorded SHA-256, and tables made again from its runs are equal to its tables."
)


def markdown(table: pd.DataFrame, refused: Iterable[tuple[str, str]], checked: str) -> str:
    parts = ["# Collection", f"{INTRODUCTION} {checked}"]
    for section in sections(table):
        rows = (map(escape, row) for row in section["rows"])
        parts += [f"## {escape(section['title'])}", f"{escape(section['protocol'])}.", markdown_table([HEADS, *rows])]
    names = "\n".join(f"- {escape(name)}: {escape(why)}" for name, why in refused)
    return "\n\n".join([*parts, "## Refused", names or "None."]) + "\n"


def page(table: pd.DataFrame, refused: Iterable[tuple[str, str]], checked: str) -> str:
    """The page as text, with the style of a study's page. Its content security policy forbids scripts."""
    style = "\n".join((REPORT_TEMPLATES / name).read_text(encoding="utf-8") for name in STYLES)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("collection.html.j2").render(
        style=Markup(style),  # noqa: S704 - the package's own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
        introduction=f"{INTRODUCTION} {checked}",
        heads=HEADS,
        sections=sections(table),
        refused=list(refused),
    )
