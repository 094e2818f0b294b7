"""Which variant makes recognisable sunflowers: grids of samples for judges, and the table of small_photos.md.

    python benchmarks/studies/small_photos.py draw RESULTS OUT [--dataset photos32]
    python benchmarks/studies/small_photos.py table RESULTS [--judged OUT COUNTS.txt ...] [--dataset photos32]
    python benchmarks/studies/small_photos.py picture RESULTS FILE.png [--dataset photos32]

`draw` writes grids of 64 pictures as OUT/A.png, OUT/B.png and so on, in random order. There is a grid of samples for
each run of the study in the folder RESULTS. Two more grids show 64 training pictures, and the same pictures blurred by
a radius of two pixels. OUT/key.json says what each grid shows; judges do not read it. A judge writes one line for each
grid into COUNTS.txt: its letter, and how many of its 64 pictures are recognisable as sunflowers ("A 12").

`table` prints the runs of each variant with their scores, and with the mean count over judges. `picture` draws the
first 32 samples of seed 0 of each variant.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

from gan_bench import bits

bits.choose()

import numpy as np
import pandas as pd
from samples_by_eye import COUNT, blurred, grid, tiled
from scipy.stats import spearmanr

from gan_bench.stats.write.table_files import read_csv

REAL, BLURRED = "training pictures", "training pictures, blurred"
RADIUS = 2


def draw(results: Path, out: Path, dataset: str) -> None:
    """Write the grids and the key. The real pictures are among those that D was trained with."""
    from gan_bench.data import open_data
    from gan_bench.train.generate import sample

    runs = sorted(file.parent for file in (results / "runs" / dataset).glob("*/seed*/generator.safetensors"))
    plan = json.loads((results / "plan.json").read_text())
    data = open_data(results.parent / "data" / plan["datasets"][dataset]["id"])
    real = np.asarray(data.images("train")[:COUNT])
    sets = {f"{run.parent.name} {run.name}": sample(run, COUNT, seed=0) for run in runs}
    sets |= {REAL: real, BLURRED: blurred(real, RADIUS)}
    out.mkdir(parents=True)
    letters = [_letters(i) for i in np.random.default_rng().permutation(len(sets))]
    for letter, images in zip(letters, sets.values(), strict=True):
        grid(images).save(out / f"{letter}.png")
    (out / "key.json").write_text(json.dumps(dict(zip(letters, sets, strict=True))))


def picture(results: Path, file: Path, dataset: str) -> None:
    """Two rows of 16 samples of seed 0 of each variant; nothing is selected."""
    import matplotlib.pyplot as plt

    from gan_bench.train.generate import sample

    cells = [c for c in json.loads((results / "plan.json").read_text())["cells"] if c["dataset"] == dataset]
    figure, axes = plt.subplots(len(cells), 1, figsize=(9, 1.45 * len(cells)))
    for ax, cell in zip(axes, cells, strict=True):
        images = sample(results / "runs" / dataset / cell["id"] / "seed0", 32, seed=0)
        ax.imshow(tiled(images, 16), interpolation="nearest")
        ax.set_title(cell["variant"], fontsize=9, loc="left")
        ax.set_axis_off()
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def _letters(i: int) -> str:
    return chr(ord("A") + i % 26) * (1 + i // 26)


def counts(out: Path, files: list[Path]) -> pd.Series:
    """Mean over judges of the number of recognisable pictures, by content of the grid.

    SystemExit if a file lacks a grid.
    """
    key = json.loads((out / "key.json").read_text())
    judges = []
    for file in files:
        lines = [line.split() for line in file.read_text().splitlines() if line.strip()]
        judged = {letter: int(count) for letter, count in lines}
        if sorted(judged) != sorted(key):
            raise SystemExit(f"{file} must have one line for each of {' '.join(sorted(key))}.")
        judges.append(pd.Series({key[letter]: count for letter, count in judged.items()}))
    table = pd.concat(judges, axis=1)
    if len(files) > 1:
        rho = table.corr("spearman").to_numpy()[np.triu_indices(len(files), 1)]
        print(f"Rank correlation between judges: {', '.join(f'{x:.2f}' for x in rho)}\n")
    return table.mean(axis=1)


def table(results: Path, dataset: str, judged: list[Path]) -> None:
    runs = read_csv(results / "tables" / "runs.csv")
    runs = runs[runs["dataset"] == dataset]
    keys = ["variant", "cell", "seed", "g_steps"]
    wide = runs.pivot_table(index=keys, columns="metric", values="value").reset_index()
    if judged:
        seen = counts(judged[0], judged[1:])
        wide["recognisable"] = [seen.get(f"{r.cell} seed{r.seed}", np.nan) for r in wide.itertuples()]
        print(f"{REAL}: {seen[REAL]:.1f} of {COUNT}; {BLURRED}: {seen[BLURRED]:.1f}\n")
        for metric in ("frechet", "kid"):
            both = wide.dropna(subset=["recognisable", metric])
            rho = spearmanr(both["recognisable"], both[metric]).statistic
            print(f"Rank correlation of the count and {metric}, {len(both)} runs: {rho:.2f}\n")
    shown = [column for column in wide.columns if column != "cell"]
    print(wide.sort_values(["variant", "seed"])[shown].round(3).to_markdown(index=False))
    numbers = [column for column in shown if column not in ("variant", "seed")]
    print()
    print(wide.groupby("variant")[numbers].mean().round(3).to_markdown())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("results", type=Path)
    drawing.add_argument("out", type=Path)
    tables = commands.add_parser("table")
    tables.add_argument("results", type=Path)
    tables.add_argument("--judged", type=Path, nargs="+", default=[], help="the folder of the grids, then the counts")
    drawn = commands.add_parser("picture")
    drawn.add_argument("results", type=Path)
    drawn.add_argument("file", type=Path)
    for command in (drawing, tables, drawn):
        command.add_argument("--dataset", default="photos32")
    args = parser.parse_args()
    if args.command == "draw":
        draw(args.results, args.out, args.dataset)
    elif args.command == "picture":
        picture(args.results, args.file, args.dataset)
    else:
        table(args.results, args.dataset, args.judged)


if __name__ == "__main__":
    main()
