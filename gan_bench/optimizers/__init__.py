"""Optimizers: a file of this folder builds a torch.optim optimizer from its settings.

An optimizer file declares FACTS with, besides paper, settings and deviations:
  "elementwise"  optional: True if three conditions hold. A step updates each number of a parameter independently of the
                 other numbers. Each tensor of the optimizer's state has the parameter's shape or is a step count. No
                 random numbers are drawn. Runs with such an optimizer can train together (docs/stacking.md); runs with
                 other optimizers train alone
The file has the function `build(parameters, settings) -> torch.optim.Optimizer`.
"""
