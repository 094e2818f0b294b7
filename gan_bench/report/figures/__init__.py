"""Figures: one file each, `draw(tables, settings) -> Figure`; a new file here is a new figure."""
