"""One batch of each distinct variant and a call of each own metric, so that `gan-bench check` finds broken contracts.

    functions   what each component must define, without calling it
    networks    shapes of the two networks, and a sigmoid at the end of D
    step        losses, one training step, its gradients and its time
    metric      metrics on random features
    study       all of a plan, once for each distinct variant, remembered by digest

A sentence names the file, the function, what is expected and what was found. Data is random: nothing is prepared.
"""
