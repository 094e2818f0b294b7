"""Runs Snakemake like `python -m snakemake`. If a signal stops Snakemake at its start, one sentence is printed."""

import sys

from gan_bench.errors import STOPPED


def main() -> None:
    try:
        from snakemake.cli import main

        main()
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
