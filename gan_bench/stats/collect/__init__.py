"""Read the files of a study's runs, and write raw tables: scores, histories and pictures of single runs."""
