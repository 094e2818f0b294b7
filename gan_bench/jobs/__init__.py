"""The functions that the rules of the Snakemake workflow call."""
