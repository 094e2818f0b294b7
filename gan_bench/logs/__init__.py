"""Reads the training logs of any program, and checks whether their numbers are plausible.

`read.read_logs` returns one `Log` for each pair of a discriminator and a generator in a file.
"""
