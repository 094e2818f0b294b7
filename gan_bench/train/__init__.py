"""Training of one run, from its settings to its files.

    run         `train_run`: settings and data in, files out; resumes what was interrupted
    output      the files that a finished run leaves
    loop        the training loop, and what it does between two steps
    schedule    how many steps, and after which of them to log, take pictures, keep the generator
    state       all that training changes
    checkpoint  that state in a file
    sampler     the order of the training images
    monitor     the history: one row for each log point, and the first number that is not finite
    signals     what is measured at log points only (spread: distances within minibatches)
    snapshot    pictures
    ema         the running average of the generator
    generate    samples of a stored run
    tensors     tensors in a safetensors file

`train_run` is `open_run`, `load`, `train` and `finish` in turn. gan_bench.stacking calls the same functions for many
runs, with a loop of its own (`initial_snapshot`, `look`) in the place of `train`; nothing here imports it.
"""
