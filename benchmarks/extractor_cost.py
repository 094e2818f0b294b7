"""CPU seconds for 1,000 pictures and peak memory of two extractors for photographs, on one thread.

    python benchmarks/extractor_cost.py [--pictures 256]     prints a Markdown table

Each pair of an extractor and an input size is measured in a separate process. Pictures are 3 x 32 x 32 noise; the time
does not depend on their content.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

CASES = {
    "random_conv": '{"name": "random_conv"}',
    "efficientnet_lite0, 128 px": '{"name": "efficientnet_lite0", "size": 128}',
    "efficientnet_lite0, 224 px": '{"name": "efficientnet_lite0", "size": 224}',
}


def measure(reference: str, count: int) -> str:
    from gan_bench import bits

    bits.choose()
    import numpy as np

    from gan_bench.metrics.inputs.space import embed

    images = np.random.default_rng(0).integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    embed(images[:32], images[:32], None, None, reference, 0)
    base, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    embed(images, images, None, None, reference, 0)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{1000 * seconds / (2 * count):.1f} | {peak / 1024:.0f} (32 pictures: {base / 1024:.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--case")
    args = parser.parse_args()
    if args.case:
        print(measure(CASES[args.case], args.pictures))
        return
    print("| extractor | CPU s for 1,000 pictures | peak memory of the process, MB |\n|---|---|---|")
    for name in CASES:
        command = [sys.executable, __file__, "--case", name, "--pictures", str(args.pictures)]
        row = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        print(f"| {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
