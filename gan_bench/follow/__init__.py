"""Where a study stands: its runs from the files of the store, in words, and as progress of Snakemake."""
