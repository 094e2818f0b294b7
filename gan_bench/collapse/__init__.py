"""Detection of failed training from loss trajectories: published signs, their measured reliability, and a verdict with
evidence.
"""
