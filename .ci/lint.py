"""`snakemake --lint` without the check that every rule names a conda environment or a container.

All rules run in the environment that runs Snakemake, which `make` builds from the hash-pinned requirements.lock.
"""

import sys

from snakemake.cli import main
from snakemake.linting.rules import RuleLinter

del RuleLinter.lint_missing_software_definition

sys.exit(main(["--lint", *sys.argv[1:]]))
