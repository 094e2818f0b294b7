"""Training of one run, from its settings to its files.

    run         `train_run`: trains a run from settings and data and writes its files; resumes an interrupted run
    unfinished  a run to be trained: its initial state, and the rules that may end it early
    identity    digests that identify a run, and the checks of its data and of its finished files
    continuation            starting a run from the state that another run had at a step
    rewind      going back to an earlier step of the same run after a collapse
    validation_stop         early stopping by a score on images set aside
    output      the files of a finished run
    progress_file           the files that show the progress of an unfinished run
    loop        the training loop, which also logs, takes pictures and saves between two steps
    interruption            Ctrl-C and SIGTERM
    schedule    the number of steps, and the steps at which to log, take pictures and keep the generator
    state       everything that training changes
    checkpoint  writes the state to a file and reads it
    sampler     the order of the training images
    monitor     the history, with one row for each log point; detection of non-finite numbers
    signals     values that are measured at log points only
    spread      distances between images of minibatches, for the signals
    snapshot    pictures
    ema         the running average of the generator
    generate    samples of a stored run
    tensors     tensors in a safetensors file

`train_run` calls `open_run`, then `UnfinishedRun.train`, then `UnfinishedRun.finish`. `UnfinishedRun.train` calls
`load`, then the loop. gan_bench.stacking calls `open_run`, `load` and `finish` for many runs. It has its own loop,
which uses `initial_snapshot` and `look` of the module `loop`. This package does not import gan_bench.stacking.
"""
