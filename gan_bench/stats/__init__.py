"""Tables of a study from the files of its runs. It needs no torch.

Rooms, the lowest first: `write` (files and forms), `estimate` (statistics on arrays), `collect` (files of runs to raw
tables), `tables` (raw tables to tables that people read). A room imports from itself and from lower ones only.
"""
