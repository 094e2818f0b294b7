"""Studies: the types of their files, the checks, and the runs that they expand to. This package does not import torch.

Its parts, from the lowest level up. A module imports only from its own part and from earlier parts in this list:
grammar    types of a study file, and how it is read
checks     combinations of components that cannot work
plan       computes a study's cells (one variant on one data set), their ids, labels and costs
load       load_study(name_or_path) -> Study; all mistakes of a file are in one UserError
settings   validate_run_settings(mapping) -> dict: the settings of one run, checked as strictly as a study
document   generated documents: the report of `gan-bench check`, the JSON schema, the reference of all keys
"""
