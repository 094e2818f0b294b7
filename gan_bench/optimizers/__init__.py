"""Optimizers: a file of this folder builds a torch.optim optimizer from its settings.

An optimizer file declares FACTS with, besides paper, settings and deviations:
  "elementwise"  optional: True where a step updates each number of a parameter independently, its state has the
                 parameter's shape or is a step count, and it draws no random number. Runs with such an optimizer can
                 train together (docs/stacking.md); runs with another optimizer train alone
and has `build(parameters, settings) -> torch.optim.Optimizer`.
"""
