"""Combinations of components that cannot work, each with its reason."""
