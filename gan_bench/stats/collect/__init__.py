"""Read the files of a study's runs, and write raw tables with one row per run and value."""
