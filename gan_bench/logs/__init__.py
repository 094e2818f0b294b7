"""Reading the training logs of any program: formats, names of columns, steps, and whether the numbers are plausible.

`read.read_logs` returns one `Log` for each pair of a discriminator and a generator in a file.
"""
