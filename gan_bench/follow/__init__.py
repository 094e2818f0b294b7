"""Progress of a study: states of its runs from the files of the store, in words, and in Snakemake's output."""
