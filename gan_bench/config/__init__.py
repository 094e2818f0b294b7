"""Studies: the types of their files, the checks, and the runs that they expand to. Imports no torch.

Rooms, lower ones first; a module imports from its own room and from lower ones:
grammar    types of a study file, and how it is read
checks     combinations of components that cannot work
plan       from a study to its cells, ids, labels and cost
load       load_study(name_or_path) -> Study: every mistake of a file in one UserError
settings   validate_run_settings(mapping) -> dict: the settings of one run, as strict as a study
document   what people read: the report of `gan-bench check`, the JSON schema, the reference of all keys
"""
