"""Names of the diagnostic files that the evaluation writes into a run's folder."""

INTERPOLATION = "interpolation.png"
NEIGHBOURS = "neighbours.png"
MODES = "modes.json"

FILES = (INTERPOLATION, NEIGHBOURS, MODES)
