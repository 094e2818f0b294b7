"""What a run of a study would do, and why: by a dry run of Snakemake and by the records of the last run."""
