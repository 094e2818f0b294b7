# This file has no rules. It reads the study's plan, and sets the environment of all commands.
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

# Snakemake calls these functions about ten times for each job, and inspects their signatures each time. Storing the
# signatures in advance saves this time.
with contextlib.suppress(ImportError):
    from snakemake.common import overwrite_function_params

    for lookup in Lookups.LOOKUPS:
        function = getattr(Lookups, lookup)
        overwrite_function_params(
            function, dict(list(inspect.signature(function).parameters.items())[1:])
        )

# GPUs that a training job requests from a batch system.
GPUS = 1 if STUDY.device == "cuda" else 0

# Jobs use the study's mode of bits. They use the Python that runs Snakemake, even if its environment is not activated.
shell.prefix(
    f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH" GAN_BENCH_BITS={STUDY.bits}; '
)


def after_stage(number):
    """Wait for the first `number` stages of the study's search, and read their results."""
    for stage in range(1, number + 1):
        checkpoints.search_stage.get(stage=stage)
    STUDY.read_search()


def earlier_trials(kind):
    """Input function that returns records of the trials that a stage of the search reads."""

    def records(wildcards):
        after_stage(int(wildcards.stage) - 1)
        return STUDY.trial_files(kind, int(wildcards.stage))

    return records


def all_chunks(kind):
    """Records of all chunks of the study. With a search, this is a function, because chunks are known after the last stage."""

    def records(wildcards):
        after_stage(STUDY.stages)
        return STUDY.chunk_files(kind)

    return records if STUDY.stages else STUDY.chunk_files(kind)
