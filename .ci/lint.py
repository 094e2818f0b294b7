"""`snakemake --lint` without the check that every rule names a conda environment or a container.

All rules run in the environment in which Snakemake runs. `make` builds this environment from requirements.lock, which
pins versions and hashes.
"""

import sys

from snakemake.cli import main
from snakemake.linting.rules import RuleLinter

del RuleLinter.lint_missing_software_definition

sys.exit(main(["--lint", *sys.argv[1:]]))
