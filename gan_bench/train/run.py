"""One run, from its settings to its files. The same call again resumes an unfinished run."""

from pathlib import Path
from typing import Any

from gan_bench.data import DataSet
from gan_bench.train.unfinished import Say, Tools, Watch, open_run


def train_run(
    settings: dict[str, Any],
    data: DataSet,
    out: Path,
    *,
    checkpoint_seconds: float = 60.0,
    on_progress: Say | None = None,
    stop_after: int | None = None,
    watch: Watch | None = None,
    tools: Tools | None = None,
) -> dict[str, Any]:
    """Train one run on the training split of `data` and write all its files into `out`; returns its status.

    A run that finished in `out` with the same settings, data and code is not trained again. An interrupted run resumes
    from its checkpoint, with the same result bit for bit. Checkpoints are written every `checkpoint_seconds`. A
    checkpoint of another run, or a damaged one, is ignored; `on_progress` and "notes" of the status say so.

    `watch` sees the history at each log point and may end the run: the status is then "ok" with "stopped_early". It is
    replaced by `tools` (gan_bench.jobs.tools). Settings with early_stop or rewind_on_collapse need one of the two
    (ValueError). With `stop_after` the run saves and returns {"status": "stopped", ...} after that many G steps in all.

    The status holds the step at which this process resumed the run ("resumed_at_step") and the process' peak memory,
    measured from the start of the run ("peak_memory_of": "run") where the system allows it, else over its lifetime
    ("process").

    A signal (Ctrl-C, SIGTERM) saves a checkpoint and raises Interrupted, a KeyboardInterrupt. Divergence is a status,
    and so is "timeout", after `timeout` seconds of training where the settings have it. UserError for settings that do
    not fit the data or this machine.
    """
    say = on_progress or (lambda _text: None)
    every = checkpoint_seconds
    run = open_run(settings, data, Path(out), say, watch, checkpoint_seconds=every, stop_after=stop_after, tools=tools)
    if isinstance(run, dict):
        return run
    while True:
        end = run.train(data)
        if not run.goes_back(end):
            return run.finish(data, end)
