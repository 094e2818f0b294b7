"""Checks for combinations of components that cannot work; each check gives the reason."""
