"""Figures: each file of this folder without a leading underscore draws one figure from the tables of a study.

A figure file declares FACTS with these keys, besides paper, settings and deviations:
  "caption"   the text below the figure; it explains every mark and says which runs are counted and left out
  "category"  heading of the figure in Snakemake's report
  "needs"     names of tables that must exist: keys of NEEDS in gan_bench.report.tables_input
  "wants"     optional: names of further tables, keys of WANTS in that module. If such a table is absent, the figure
              lacks the part that uses it, or has a sentence in its place
  "order"     optional: position among the figures drawn by default. Without "order", the figure is drawn only on
              request
  "when"      optional: conditions on the study under which the figure is drawn by default. Conditions are keys of
              CONDITIONS in gan_bench.config.plan.grid
Its settings include "dpi" (int), the resolution of the PNG. The file defines

  draw(tables, settings) -> Figure    depends only on the tables and settings; imports no torch

`draw` is called only if the plan has cells. For any number of cells and any label, no text may overlap or leave
the sheet. Helpers for this are in the files whose names start with an underscore.
"""
