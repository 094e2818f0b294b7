"""The types of a study file: how the file is read, valid values of each key, and messages about mistakes."""
