# Names only: the study's plan, and where the commands are found. No rules.
import contextlib
import inspect
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

# Snakemake looks at a function's parameters at each of its calls, ten for each job: it need not for these.
with contextlib.suppress(ImportError):
    from snakemake.common import overwrite_function_params

    for lookup in Lookups.LOOKUPS:
        function = getattr(Lookups, lookup)
        overwrite_function_params(
            function, dict(list(inspect.signature(function).parameters.items())[1:])
        )

# Devices that a training job asks a batch system for.
GPUS = 1 if STUDY.device == "cuda" else 0

# Jobs use the interpreter that runs Snakemake, also where its environment was not activated.
shell.prefix(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"; ')
