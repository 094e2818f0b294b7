"""Types of a study file: how it is read, the values of each key, and the messages about mistakes."""
