# No rules. Shows the progress of the runs instead of a block for each step (gan_bench/follow/snakemake_log.py), and
# notes at the start which files each digest of code stands for, so that `gan-bench plan` can name them later.
from gan_bench.follow.snakemake_log import attach
from gan_bench.preview.code_notes import write_notes

if workflow.is_main_process:
    attach(STUDY, workflow.resource_settings.cores)


onstart:
    write_notes(STUDY)
