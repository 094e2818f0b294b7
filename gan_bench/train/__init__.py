"""Training: one step, the loop around it, and everything that a run leaves behind."""
