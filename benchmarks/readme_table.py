"""The small table of README.md: four columns of the demo's comparison on digits.

    python benchmarks/readme_table.py            print it
    python benchmarks/readme_table.py --write    put it into README.md

The cells are those of `results/reference/demo/comparison.md`, without counts of seeds. `tests/docs/test_pages.py`
checks that the table in README.md equals this one.
"""

import argparse
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "results" / "reference" / "demo" / "comparison.md"
COLUMNS = ("Fréchet distance", "Inception Score", "1-NN accuracy", "Coverage")
MARKS = ("<!-- the demo's table, by benchmarks/readme_table.py -->\n\n", "\n<!-- end of the table -->")


def cells(line: str) -> list[str]:
    """Cells of one row of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def table(markdown: str) -> str:
    """The rows of the data set digits as a Markdown table. Its columns are the variant and `COLUMNS`."""
    section = re.search(r"^## digits\n\n(.*?)\n\n", markdown, re.MULTILINE | re.DOTALL)
    if section is None:
        raise SystemExit(f"{STORED}: no section '## digits'")
    head, _, *rows = (cells(line) for line in section.group(1).splitlines())
    places = [next(k for k, name in enumerate(head) if re.match(rf"{column} \(", name)) for column in COLUMNS]
    names = [re.sub(r" \(\w+\)", "", head[place]) for place in places]
    lines = [["variant", *names], ["---", *["---:"] * len(names)]]
    lines += [[row[0], *(re.sub(r" \(\d+/\d+\)", "", row[place]) for place in places)] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def replaced(readme: str, text: str) -> str:
    """The text of README.md with `text` between the two marks of the table."""
    start, end = MARKS
    before, rest = readme.split(start)
    return before + start + text + end + rest.split(end)[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    text = table(STORED.read_text())
    if not parser.parse_args().write:
        print(text)
        return
    readme = ROOT / "README.md"
    readme.write_text(replaced(readme.read_text(), text))


if __name__ == "__main__":
    main()
