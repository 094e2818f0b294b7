"""Trains one run, from its settings to its files. The same call again resumes an unfinished run."""

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

    A run that finished in `out` with the same identity (settings, data, code, versions of torch and NumPy) is not
    trained again. An interrupted run resumes from its checkpoint, with the same result bit for bit. Checkpoints are
    written every `checkpoint_seconds`. A checkpoint that is damaged or belongs to another run is ignored; a message to
    `on_progress` and the "notes" of the status say so.

    `watch` gets the history at each log point except the last, and may end the run; then the status is "ok" with
    "stopped_early". If `tools` (gan_bench.jobs.tools) are given, `watch` is not used. A run whose settings have
    early_stop or rewind_on_collapse needs `watch` or `tools` (otherwise ValueError). With `stop_after`, the run saves
    and returns {"status": "stopped", ...} when it has made that many G steps in total.

    The status contains the step at which this process resumed the run ("resumed_at_step") and the peak memory of the
    process. If the system allows it, this peak is counted from the start of the run ("peak_memory_of": "run"),
    otherwise from the start of the process ("peak_memory_of": "process").

    After Ctrl-C or SIGTERM, a checkpoint is saved. Then Interrupted, a subclass of KeyboardInterrupt, is raised. A run
    that diverges raises no exception; its status is "diverged". The status "timeout" means that the run has trained for
    longer than the setting `timeout`.

    Raises:
        UserError: the settings do not fit the data or this machine.
        ParentEnded: the parent diverged, ended before the step from which the run continues, or has no best score.
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
