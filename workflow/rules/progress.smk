# No rules. Shows the progress of the runs instead of a block for each step (gan_bench/follow/snakemake_log.py). At the
# start, it records the files behind each digest of code, so that `gan-bench plan` can name changed files later.
from gan_bench.follow.snakemake_log import attach
from gan_bench.preview.code_notes import write_notes

if workflow.is_main_process:
    attach(STUDY, workflow.resource_settings.cores)


onstart:
    write_notes(STUDY)
