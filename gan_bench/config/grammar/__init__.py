"""Types of a study file: how it is read, what each key may hold, and the sentences on mistakes."""
