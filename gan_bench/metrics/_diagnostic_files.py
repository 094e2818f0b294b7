"""Names of the files that evaluation leaves to be looked at, in a run's folder."""

INTERPOLATION = "interpolation.png"
NEIGHBOURS = "neighbours.png"
MODES = "modes.json"

FILES = (INTERPOLATION, NEIGHBOURS, MODES)
