"""Training of one run, from its settings to its files.

    run         `train_run`: trains a run from settings and data and writes its files; resumes an interrupted run
    output      the files of a finished run
    loop        the training loop, with the work between two steps
    schedule    the number of steps, and the steps at which to log, take pictures and keep the generator
    state       everything that training changes
    checkpoint  the state in a file
    sampler     the order of the training images
    monitor     the history, with one row for each log point; detection of non-finite numbers
    signals     values that are measured at log points only (spread: distances within minibatches)
    snapshot    pictures
    ema         the running average of the generator
    generate    samples of a stored run
    tensors     tensors in a safetensors file

`train_run` calls `open_run`, `load`, `train` and `finish` in this order. gan_bench.stacking calls the same functions
for many runs, but has another loop in place of `train`, which uses `initial_snapshot` and `look`. This package does not
import gan_bench.stacking.
"""
