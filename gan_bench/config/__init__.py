"""Studies: the types of their files, the checks, and the runs that they expand to. Imports no torch.

The parts, lowest first. A module imports only from its own part and from the parts above it in this list:
grammar    types of a study file, and how it is read
checks     combinations of components that cannot work
plan       from a study to its cells, ids, labels and cost
load       load_study(name_or_path) -> Study: every mistake of a file in one UserError
settings   validate_run_settings(mapping) -> dict: the settings of one run, as strict as a study
document   generated documents: the report of `gan-bench check`, the JSON schema, the reference of all keys
"""
