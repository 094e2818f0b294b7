"""Files and formats: names of tables and columns, CSV and parquet, Markdown and LaTeX."""
