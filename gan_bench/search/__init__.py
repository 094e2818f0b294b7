"""The stages of a study's search: pruning trials, proposing trials, and choosing settings by validation scores."""
