"""Estimates, intervals and tests on arrays of numbers: no files, no tables, no names of columns."""
