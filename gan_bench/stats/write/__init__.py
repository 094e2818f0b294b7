"""Writes tables: names of files and columns, CSV and parquet, Markdown and LaTeX."""
