"""Read what the runs of a study left on disk, and write it as raw tables with one row per run and value."""
