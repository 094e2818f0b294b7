# This file has no rules. It shows the progress of the runs instead of a block for each step
# (gan_bench/follow/snakemake_log.py). At the start of a run of the workflow, it records the files in each digest of code.
# From this record, `gan-bench plan` names changed files later.
from gan_bench.follow.snakemake_log import attach
from gan_bench.preview.code_notes import write_notes

if workflow.is_main_process:
    attach(STUDY, workflow.resource_settings.cores)


onstart:
    write_notes(STUDY)
