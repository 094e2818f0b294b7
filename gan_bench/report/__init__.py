"""Figures and report page of a study, made from its stored tables. Imports no torch."""
