"""Detection of failed training from a training log: signs of failure, their measured reliability, and a verdict with
its evidence.
"""
