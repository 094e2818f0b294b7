# This file has no rules. It shows the progress of the runs instead of a block for each step
# (gan_bench/follow/snakemake_log.py). When the workflow starts, it also records which files are in each digest of code.
# `gan-bench plan` uses this record to name changed files.
from gan_bench.follow.snakemake_log import attach
from gan_bench.preview.code_notes import write_notes

if workflow.is_main_process:
    attach(STUDY, workflow.resource_settings.cores)


onstart:
    write_notes(STUDY)
