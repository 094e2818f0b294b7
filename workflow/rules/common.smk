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


def after_stage(number):
    """Wait for the first stages of the study's search, and take up what they have found."""
    for stage in range(1, number + 1):
        checkpoints.search_stage.get(stage=stage)
    STUDY.read_search()


def earlier_trials(kind):
    """Records of the trials before a stage of the search."""

    def records(wildcards):
        after_stage(int(wildcards.stage) - 1)
        return STUDY.trial_files(kind, int(wildcards.stage))

    return records


def all_chunks(kind):
    """Records of all chunks of the study, known after the last stage of its search."""

    def records(wildcards):
        after_stage(STUDY.stages)
        return STUDY.chunk_files(kind)

    return records if STUDY.stages else STUDY.chunk_files(kind)
