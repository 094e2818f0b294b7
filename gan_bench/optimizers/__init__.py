"""Optimizers: a file of this folder builds a torch.optim optimizer from its settings.

An optimizer file declares FACTS with, besides paper, settings and deviations:
  "elementwise"  optional: True where a step acts on each number of a parameter by itself, all it keeps has the
                 parameter's shape or is a count of steps, and nothing is drawn; runs then train together
                 (gan_bench.stacking.stack) with one optimizer over all those of equal settings
and has `build(parameters, settings) -> torch.optim.Optimizer`. One without "elementwise" trains its runs one by one.
"""
