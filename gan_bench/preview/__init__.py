"""`gan-bench plan`: what a run of a study would do and why, from a dry run of Snakemake and records of the last run."""
