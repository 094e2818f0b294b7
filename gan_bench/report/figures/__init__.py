"""Figures: a file of this folder draws one figure from the tables of a study.

A figure file declares FACTS with, besides paper, settings and deviations:
  "caption"   the text below the figure: every mark, the counted runs, the runs that are left out
  "category"  heading of the figure in Snakemake's report
  "needs"     tables that must exist, of NEEDS in gan_bench.report.tables_input
  "wants"     optional: tables that it uses where they exist, of WANTS there; without one, a sentence is drawn
  "order"     optional: place among the figures that are drawn by default; without it, a figure is drawn on request
  "when"      optional: what a study must have for the figure to be drawn by default, of CONDITIONS in
              gan_bench.config.plan.grid
Its settings hold "dpi" (int), the resolution of the PNG. It has

  draw(tables, settings) -> Figure    a function of the tables and settings alone; imports no torch

It is called only for plans that have cells. No text may overlap or be cut, for any number of cells and any label.
Helpers for this are in the files whose name starts with an underscore.
"""
