"""Training of one run, from its settings to its files.

    run         `train_run`: settings and data in, files out; resumes what was interrupted
    unfinished  a run to be trained: where it starts, and what may end it
    identity    what identifies a run, and whether its files are complete
    continuation, rewind    starting from the state of another run at a step, or from an earlier step
    validation_stop         early stopping by a score on images set aside
    output      the files that a finished run leaves
    loop        the training loop, and what it does between two steps
    schedule    how many steps, and after which of them to log, take pictures, keep the generator
    state       everything that training changes
    checkpoint  the state in a file
    sampler     the order of the training images
    monitor     the history: one row for each log point; the first non-finite number
    signals     values measured at log points only (spread: distances within minibatches)
    snapshot    pictures
    ema         the running average of the generator
    generate    samples of a stored run
    tensors     tensors in a safetensors file

`train_run` calls `open_run`, `UnfinishedRun.train` (`load`, then the loop) and `finish` in turn. gan_bench.stacking
calls the same functions for many runs; in place of the loop it has its own (`initial_snapshot`, `look`). Nothing here
imports gan_bench.stacking.
"""
