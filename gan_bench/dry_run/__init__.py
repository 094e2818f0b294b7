"""Dry run: `gan-bench check` tries one batch of each distinct variant and each metric of the user, to find mistakes.

    functions   whether components define the required functions, without calling them
    networks    shapes of the two networks, and whether D ends in a sigmoid
    step        losses, one training step, its gradients and its time
    metric      metrics on random features
    study       everything in a plan, once for each distinct variant; passed results are cached by digest
    component   the contract of one component in a file (`gan-bench test-component`)
    minutes     G steps per minute of the variants with a budget in minutes

The data are random, so no data set is prepared. Only `gan-bench test-component` prepares one, if it tests a data set.
"""
