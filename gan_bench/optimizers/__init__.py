"""Optimizers: a file of this folder builds a torch.optim optimizer from its settings.

An optimizer file declares FACTS with paper, settings and deviations, and has
`build(parameters, settings) -> torch.optim.Optimizer`. A step acts on each number of a parameter by itself.
"""
