"""`gan-bench plan`: what `gan-bench run` would do for a study, and why.

The steps come from a dry run of Snakemake. The reasons come from the same dry run and from records of the study's last
run, that is, of the last `gan-bench run`.
"""
