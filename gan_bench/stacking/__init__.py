"""Stacking: many runs trained as one, with the bits of single runs."""
