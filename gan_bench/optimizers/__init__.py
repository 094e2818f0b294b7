"""Optimizers: a file of this folder builds a torch.optim optimizer from its settings.

An optimizer file declares FACTS with, besides paper, settings and deviations:
<<<<<<< HEAD
  "elementwise"  optional: True where a step acts on each number of a parameter by itself, all it keeps has the
                 parameter's shape or is a count of steps, and nothing is drawn; runs then train together
                 (gan_bench.stacking.stack) with one optimizer over all those of equal settings
and has `build(parameters, settings) -> torch.optim.Optimizer`. One without "elementwise" trains its runs one by one.
=======
  "elementwise"  optional: True where a step updates each number of a parameter independently, its state has the
                 parameter's shape or is a step count, and it draws no random number. Runs with such an optimizer can
                 train together (docs/stacking.md); runs with another optimizer train alone
and has `build(parameters, settings) -> torch.optim.Optimizer`.
>>>>>>> refs/heads/words1
"""
