"""Fixtures of tiny runs."""

from tiny_runs import blobs, data, fresh, needy_loss, played, settings

__all__ = ["blobs", "data", "fresh", "needy_loss", "played", "settings"]
