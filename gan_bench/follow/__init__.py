"""Runs a study with Snakemake, and shows the states of its runs: on request, and as lines in Snakemake's output."""
