"""Estimates, intervals and tests on arrays of numbers. This folder knows no files, tables or names of columns."""
