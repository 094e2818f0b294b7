"""Makes the tables of a study from the files of its runs. The package does not need torch.

The package has four folders: `write` (files and formats), `estimate` (statistics on arrays), `collect` (makes raw
tables from the files of runs) and `tables` (makes all other tables from the raw tables). A folder imports nothing from
the folders that follow it in this list.
"""
