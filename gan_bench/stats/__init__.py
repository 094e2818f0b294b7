"""Makes the tables of a study from the files of its runs. It needs no torch.

Folders, lowest first: `write` (files and formats), `estimate` (statistics on arrays), `collect` (from files of runs to
raw tables), `tables` (from raw tables to the study's tables). A folder imports nothing from a higher folder.
"""
