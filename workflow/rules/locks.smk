# No rules: after a kill the same command goes on, without --unlock. Locks that no living process holds are removed
# before snakemake looks at them; those of a snakemake that works here stay.
from gan_bench.alive import enter

if workflow.is_main_process:
    enter(Path(".snakemake"))
