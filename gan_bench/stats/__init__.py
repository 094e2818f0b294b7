"""Tables of a study from the files of its runs; imports no torch."""
