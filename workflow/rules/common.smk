# Names only: the study's plan, and where the commands are found. No rules.
import re
import shlex
import sys
from pathlib import Path

from gan_bench.dag import Lookups
from gan_bench.errors import UserError
from gan_bench.provenance import stage_digest

try:
    STUDY = Lookups(config)
except UserError as error:
    sys.stderr.write(
        "".join(f"gan-bench: {sentence}\n" for sentence in error.sentences)
    )
    sys.exit(2)

# Jobs use the interpreter that runs Snakemake, also where its environment was not activated.
shell.prefix(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"; ')
