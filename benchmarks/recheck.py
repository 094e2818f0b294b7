"""Repeat claims of a published study with other seeds.

    python benchmarks/recheck.py --study STUDY [--claims 2] [--first-seed 1000] [--cores 2] [--results FOLDER]

results/reference/STUDY/claims.yaml lists the claims of the study's page:

    - {dataset: digits, metric: frechet, better: DCGAN, than: perceptron}

The first --claims claims are repeated. For each, the workflow trains the two variants with as many new seeds as the
study has. A study with a search is repeated as a whole, with new trials and new seeds; this repetition is made once,
for all claims. A claim passes if the new difference between the variants has the published sign, and its simultaneous
interval overlaps the published interval. Both intervals come from pairwise.csv. Exit code 1 if a claim does not pass.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from gan_bench.archive.kept import KEPT, REFERENCE, opened
from gan_bench.config.load import find_study, load_study
from gan_bench.config.plan.grid import expand
from gan_bench.stats.write.table_files import read_csv

COLUMNS = ["difference", "difference_low", "difference_high"]


def difference(tables: Path, claim: dict[str, str]) -> list[float]:
    """Difference between the two variants of a claim, and the ends of its interval. It is positive if the claim holds.

    KeyError if the table has no such pair.
    """
    table = read_csv(tables / "pairwise.csv")
    rows = table[(table["dataset"] == claim["dataset"]) & (table["metric"] == claim["metric"])]
    for a, b, sign in ((claim["better"], claim["than"], 1), (claim["than"], claim["better"], -1)):
        pair = rows[(rows["a"] == a) & (rows["b"] == b)]
        if len(pair):
            value, low, high = (float(x) for x in pair[COLUMNS].iloc[0])
            # Metrics with the direction "half" are accuracies above one half here, so lower is better.
            positive = (sign > 0) == (pair["direction"].iloc[0] == "higher")
            return [value, low, high] if positive else [-value, -high, -low]
    raise KeyError(f"no pair of {claim['better']!r} and {claim['than']!r} in {tables}")


def trained_again(study: str, claim: dict[str, str], first_seed: int, cores: int, folder: Path) -> Path:
    """Folder with the tables of a repetition with new seeds.

    The repetition has the two variants of the claim on its data set, or the whole study if the study has a search.
    """
    loaded, part = load_study(study), []
    content: dict[str, Any] = yaml.safe_load(find_study(study).read_text())
    content["seeds"] = list(range(first_seed, first_seed + len(loaded.seeds)))
    if loaded.search:
        content["search"]["sampler_seed"] = first_seed
    else:
        names = (claim["better"], claim["than"])
        cells = [c for c in expand(loaded).cells if c.dataset == claim["dataset"] and c.variant in names]
        part = [",".join([f"part={claim['dataset']}", *(f"cell:{cell.id}" for cell in cells)])]
    file = folder / f"{study}_again.yaml"
    tables = folder / "results" / file.stem / "tables"
    if not loaded.search or not tables.is_dir():
        file.write_text(yaml.safe_dump(content, sort_keys=False))
        command = [sys.executable, "-m", "gan_bench.cli", "run", str(file), "--cores", str(cores)]
        subprocess.run([*command, "--config", f"results={folder / 'results'}", *part], check=True)
    return tables


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", required=True)
    parser.add_argument("--claims", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--results", type=Path)
    args = parser.parse_args()
    reference = REFERENCE / args.study
    claims = yaml.safe_load((reference / "claims.yaml").read_text())[: args.claims]
    rows = []
    with opened([reference / KEPT]) as (study,), tempfile.TemporaryDirectory() as temporary:
        for i, claim in enumerate(claims):
            folder = (args.results or Path(temporary)) / ("all" if load_study(args.study).search else str(i))
            folder.mkdir(parents=True, exist_ok=True)
            then = difference(study / "tables", claim)
            now = difference(trained_again(args.study, claim, args.first_seed, args.cores, folder), claim)
            holds = then[0] * now[0] > 0 and now[1] <= then[2] and then[1] <= now[2]
            shown = [f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in (then, now)]
            rows.append({**claim, "published": shown[0], "again": shown[1], "holds": "yes" if holds else "NO"})
    print(pd.DataFrame(rows).to_markdown(index=False))
    return 0 if all(row["holds"] == "yes" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
