"""Checks whether six small runs and their scores give the digests of results/reference/portable.json on this machine.

    python benchmarks/bits/portable.py            the study portable.yaml, then the comparison (`make portable`)
    python benchmarks/bits/portable.py --write    write the reference, with the class of this machine; if the stored
                                                  reference is equal, its machine classes are kept

Without --write, the last line is "N of M equal on CLASS", and the exit code is 0 only if all M digests agree. They
are the digests of the files of the runs, features and tables. Files of a run are its settings, history, generator,
checkpoints, samples, progress, scores, diagnostic pictures and verdict. A machine class is a processor model with its
widest instruction set, such as AVX-512. If files differ, a record of the operations on this machine is made and
compared with the records of tested machine classes (record.py).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from gan_bench import bits
from gan_bench.files import read_json, write_json

REFERENCE = ROOT / "results" / "reference" / "portable.json"
RECORDS = ROOT / "results" / "reference" / "bits"
STUDY = HERE / "portable.yaml"


def main() -> int:
    """Run the study, then compare its files with the reference or write the reference. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the reference instead of comparing with it")
    parser.add_argument("--cores", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gan-bench-portable-") as folder:
        run_study(Path(folder), args.cores)
        digests = digests_of(read_json(Path(folder) / STUDY.stem / "manifest.json"))
    if args.write:
        write_reference(digests)
        return 0
    return compare(digests, read_json(REFERENCE))


def run_study(results: Path, cores: int) -> None:
    """Make everything of the study except its page, with the workflow."""
    target = f"{results}/{STUDY.stem}/manifest.json"
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), target]
    config = [f"study={STUDY}", f"results={results}", "bits=portable"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command += ["--config", *config]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def digests_of(manifest: dict[str, Any]) -> dict[str, str]:
    """ "<run>/<file>", "features/<name>" or "tables/<file>" -> SHA-256, for everything that must repeat."""
    results = manifest["results"]
    runs = {f"{name}/{file}": sha for name, run in results["runs"].items() for file, sha in run["sha256"].items()}
    tables = {f"tables/{file}": sha for file, sha in results["tables"].items()}
    features = {f"features/{name}": value for name, value in _flat(results["features"])}
    return dict(sorted({**runs, **tables, **features}.items()))


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key in sorted(value) for pair in _flat(value[key], f"{name}/{key}".strip("/"))]
    return [(name, str(value))]


def compare(digests: dict[str, str], reference: dict[str, Any]) -> int:
    """Print the differing files, then the number of equal files. Returns 0 if no file differs, else 1."""
    stored = reference["sha256"]
    names = sorted({*stored, *digests})
    differing = [name for name in names if stored.get(name) != digests.get(name)]
    print("\n".join(f"differs: {name}" for name in differing))
    if differing:
        print("\n".join(first_operations()))
    print(f"made equal on: {'; '.join(reference['classes'])}")
    print(f"{len(names) - len(differing)} of {len(names)} equal on {bits.machine_class()}")
    return 1 if differing else 0


def first_operations() -> list[str]:
    """Lines of `record.differences` between each stored record and this machine, under the portable caps."""
    import record

    with tempfile.TemporaryDirectory() as folder:
        record.record(Path(folder) / "here.json", ("native", "portable"))
        here = read_json(Path(folder) / "here.json")
    lines = []
    for path in sorted(RECORDS.glob("*.json")):
        lines += record.differences(read_json(path), here, "portable")
    return lines


def write_reference(digests: dict[str, str]) -> None:
    """Write the reference.

    If the stored reference has the same digests, its machine classes are kept, and the class of this machine is added.
    """
    classes = [bits.machine_class()]
    if REFERENCE.is_file() and (old := read_json(REFERENCE))["sha256"] == digests:
        classes = sorted({*classes, *old["classes"]})
    write_json(REFERENCE, {"classes": classes, "caps": dict(bits.PORTABLE), "sha256": digests})
    print(f"{REFERENCE}: {len(digests)} digests, classes: {'; '.join(classes)}")


if __name__ == "__main__":
    sys.exit(main())
