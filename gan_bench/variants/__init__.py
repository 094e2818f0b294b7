"""Variants: a file of this folder is a named bundle as a paper defines it, in one literal and without code.

Its FACTS hold paper, equation, deviations, "group" (one of GROUPS) and
  "set": {key of a study's variant: value}     method, model, loss, penalty, tricks, optimizer (or g_optimizer and
                                               d_optimizer), d_steps, batch_size, ema; what is left out has its default
"""

#: Groups in the order in which they are listed.
GROUPS = ("classic", "extension", "not adversarial", "calibration")
