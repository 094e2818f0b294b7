"""The stages of a study's search: pruning, proposing and choosing settings by validation scores."""
