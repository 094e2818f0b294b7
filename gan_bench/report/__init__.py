"""Figures and page of a study, from its stored tables; imports no torch."""
