"""Checks a stored study: compares its files with the manifest, and trains some of its runs again."""
