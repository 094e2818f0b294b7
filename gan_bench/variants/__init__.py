"""Variants: a file of this folder is a preset, which is a named set of components. Most presets follow a paper.

A file has FACTS and no code. FACTS hold paper, equation, deviations, "group" (one of GROUPS) and
  "set": {key of a study's variant: value}     method, model, loss, penalty, tricks, optimizer (or g_optimizer and
                                               d_optimizer), d_steps, batch_size, ema, precision; other keys have
                                               their defaults
"""

#: Groups in the order in which `gan-bench list` shows them.
GROUPS = ("classic", "extension", "not adversarial", "calibration")
