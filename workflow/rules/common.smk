# The study's plan and the path of the commands. No rules.
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

# Snakemake inspects the parameters of a function at each call, ten times for each job. This list avoids that.
with contextlib.suppress(ImportError):
    from snakemake.common import overwrite_function_params

    for lookup in Lookups.LOOKUPS:
        function = getattr(Lookups, lookup)
        overwrite_function_params(
            function, dict(list(inspect.signature(function).parameters.items())[1:])
        )

# GPUs that a training job requests from a batch system.
GPUS = 1 if STUDY.device == "cuda" else 0

# Jobs use the interpreter that runs Snakemake, even if its environment is not activated, and the study's mode of bits.
shell.prefix(
    f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH" GAN_BENCH_BITS={STUDY.bits}; '
)
