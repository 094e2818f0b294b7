# No rules. Shows the progress of the runs instead of a block for each step (gan_bench/follow/snakemake_log.py).
from gan_bench.follow.snakemake_log import attach

if workflow.is_main_process:
    attach(STUDY, workflow.resource_settings.cores)
