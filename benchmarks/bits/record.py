"""Finds operations whose bits depend on the processor, and the caps with which the bits are equal.

    python benchmarks/bits/record.py record OUT.json
        records single operations under every set of caps, and one training step and one scoring of each run of
        portable.yaml under two of these sets; takes minutes
    python benchmarks/bits/record.py compare A.json B.json [--caps portable]
        for each part of the records (single operations, fitting a feature space, training a run, scoring a run), gives
        the number of operations that differ, and names the first

A cap is an environment variable that limits the instructions of a library. It works only before the library is loaded,
so there is a separate process for each set of caps. Records of two machine classes show the operations that differ
between them; the sets of caps in one record show which library causes the difference. Records of tested classes are in
results/reference/bits/.
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from gan_bench.bits import PORTABLE, machine_class

#: Name of a set of caps -> its environment variables.
CAPS: dict[str, dict[str, str]] = {
    "native": {},
    **{key: {key: value} for key, value in PORTABLE.items()},
    "MKL_CBWR=AVX2": {"MKL_CBWR": "AVX2"},
    "MKL_CBWR=COMPATIBLE": {"MKL_CBWR": "COMPATIBLE"},
    "portable": dict(PORTABLE),
}


#: Sets of caps under which training and scoring are traced in addition to single operations.
TRACED = ("native", "portable")


def main() -> None:
    """The two commands of the module's docstring, and the internal command that they call."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("record").add_argument("out", type=Path)
    compare = commands.add_parser("compare")
    compare.add_argument("records", type=Path, nargs=2)
    compare.add_argument("--caps", default="portable")
    commands.add_parser("one").add_argument("--traces", action="store_true")
    args = parser.parse_args()
    if args.command == "record":
        record(args.out)
    elif args.command == "compare":
        first, second = (json.loads(path.read_text(encoding="utf-8")) for path in args.records)
        print("\n".join(differences(first, second, args.caps)))
    else:
        from traces import single_operations, traces  # `_one` has set the caps of this process

        print(json.dumps(single_operations() | (traces() if args.traces else {})))


def record(out: Path, names: Iterable[str] = tuple(CAPS)) -> None:
    """Write the record: {"class", "versions", "caps", "operations", "digests": {name of caps: {part: [places, text]}}}.

    "operations" lists the names of operations. `places` has, for each operation of the part, its place in this list.
    `text` has 6 hex digits for each operation: the beginning of the digest of its results.
    """
    parts = {name: _one(CAPS[name], name in TRACED) for name in names}
    vocabulary = sorted({row[0] for rows in parts.values() for part in rows.values() for row in part})
    number = {name: i for i, name in enumerate(vocabulary)}
    digests = {
        name: {part: [[number[op] for op, _ in rows], "".join(d[:6] for _, d in rows)] for part, rows in table.items()}
        for name, table in parts.items()
    }
    content = {"class": machine_class(), "versions": _versions(), "caps": CAPS, "operations": vocabulary}
    content["digests"] = digests
    out.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
    print("\n".join(table(content)))


def _one(variables: dict[str, str], traced: bool) -> dict[str, Any]:
    clean = {key: value for key, value in os.environ.items() if key not in {*PORTABLE}}
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    mode = "portable" if variables == PORTABLE else "native"
    environment = {**clean, **one_thread, "GAN_BENCH_BITS": mode, **variables}
    command = [sys.executable, str(Path(__file__)), "one", *(["--traces"] if traced else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{variables}: {done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("torch", "numpy", "scipy")}


def _rows(content: dict[str, Any], caps: str, part: str) -> list[tuple[str, str]]:
    """(operation, digest) of a part of a record, in the order of computation."""
    numbers, text = content["digests"][caps][part]
    return [(content["operations"][n], text[6 * i : 6 * i + 6]) for i, n in enumerate(numbers)]


def _differing(rows: list[tuple[str, str]], others: list[tuple[str, str]]) -> list[int]:
    """Indices of the rows that differ from the row at the same place in `others`, or for which `others` has no row."""
    same = [a == b for a, b in zip(rows, others, strict=False)]
    return [i for i in range(len(rows)) if i >= len(same) or not same[i]]


def table(content: dict[str, Any]) -> list[str]:
    """Markdown: for each set of caps and each part, the number of operations that differ from those without caps.

    The last column names the first of the differing operations.
    """
    lines = [f"Class: {content['class']}", "", "| caps | part | differ | of | first |", "|---|---|---|---|---|"]
    for caps, parts in content["digests"].items():
        for part in parts:
            rows = _rows(content, caps, part)
            other = [rows[i][0] for i in _differing(rows, _rows(content, "native", part))]
            shown = ", ".join(dict.fromkeys(other[:6]))
            lines.append(f"| {caps} | {part} | {len(other)} | {len(rows)} | {shown} |")
    return lines


def differences(first: dict[str, Any], second: dict[str, Any], caps: str) -> list[str]:
    """A line for each part that both records have: how many operations differ, and the first that differs."""
    lines = [f"{first['class']} against {second['class']}, caps {caps}"]
    for part in sorted(first["digests"][caps].keys() & second["digests"][caps].keys()):
        rows = _rows(first, caps, part)
        differing = _differing(rows, _rows(second, caps, part))
        if differing:
            place = f"first {rows[differing[0]][0]} (row {differing[0]})"
            lines.append(f"{part}: {len(differing)} of {len(rows)} differ, {place}")
        else:
            lines.append(f"{part}: {len(rows)} of {len(rows)} equal")
    return lines


if __name__ == "__main__":
    main()
