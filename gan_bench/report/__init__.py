"""Figures and report page of a study, made from its stored tables. This package imports no torch."""
