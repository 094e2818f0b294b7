"""The keys of a study file: their types and valid values, the reading of the file, and messages about mistakes."""
