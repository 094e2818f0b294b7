"""Reads and checks study files, and lists the runs of a study. This package does not import torch.

The package has the following parts. A module imports only from its own part and from earlier parts in this list:

grammar    the keys of a study file, their valid values, and the reading of the file
checks     combinations of components that cannot work, and mistakes in what the files of metrics declare
plan       computes a study's cells (one variant on one data set), their ids, labels and costs
load       load_study(name_or_path) -> Study, or a UserError with one sentence for each mistake
settings   validate_run_settings(mapping) -> dict: the settings of one run, checked as strictly as a study
one_run    run_settings(mapping) -> dict: the same, but a short form with a preset is also valid
workflow   checked_config(mapping) -> dict: the checked keys of config/config.yaml and of the command line
document   generated documents: the report of `gan-bench check`, the JSON schema, the reference of all keys
"""
