"""Checks a stored study: its files against the manifest, and some of its runs by training them again."""
