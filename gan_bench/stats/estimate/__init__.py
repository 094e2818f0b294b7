"""Estimates, intervals and tests on arrays of numbers. Code in this folder reads no files or tables."""
