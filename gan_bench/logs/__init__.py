"""Reads the training logs of any program: file formats, names of columns, steps, and plausibility of the numbers.

`read.read_logs` returns one `Log` for each pair of a discriminator and a generator in a file.
"""
