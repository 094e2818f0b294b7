# This file has no rules. It removes the locks of a killed snakemake before snakemake checks them, so that the same
# command continues without --unlock. The locks of a running snakemake stay.
from gan_bench.alive import enter

if workflow.is_main_process:
    enter(Path(".snakemake"))
