"""Dry run: to find mistakes, `gan-bench check` tries each metric of the user, and one step of each distinct variant.

    functions   whether components define the required functions, without calling them
    networks    shapes of the two networks, and whether D ends in a sigmoid
    step        losses, one training step, its gradients and its time
    metric      metrics on random features
    study       all variants, metrics and data sources of a plan; results without mistakes are cached by digest
    component   the contract of one component in a file (`gan-bench test-component`)
    minutes     G steps per minute of each variant, for a study with a budget in minutes

The data are random, so no data set is prepared. Only `gan-bench test-component` prepares one, if it tests a data set.
"""
