"""Variants: a file of this folder is a named set of components as a paper defines it. It has FACTS and no code.

Its FACTS hold paper, equation, deviations, "group" (one of GROUPS) and
  "set": {key of a study's variant: value}     method, model, loss, penalty, tricks, optimizer (or g_optimizer and
                                               d_optimizer), d_steps, batch_size, ema; other keys have their defaults
"""

#: Groups in the order in which they are listed.
GROUPS = ("classic", "extension", "not adversarial", "calibration")
