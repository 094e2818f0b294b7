"""What `gan-bench check` prints of a valid study: how much it is, and what to be aware of."""

from collections.abc import Iterator, Mapping

from gan_bench.config.document.cautions import batch_warnings, cautions
from gan_bench.config.grammar.study import Study
from gan_bench.config.plan.costs import SECONDS_PER_EVALUATION, SECONDS_PER_JOB, Work, work
from gan_bench.config.plan.grid import Plan, expand

#: (data set, cell) -> seconds of a G step: lowest, median, highest. See gan_bench.dry_run.
Measured = Mapping[tuple[str, str], tuple[float, float, float]]


def check_report(study: Study, plan: Plan | None = None, measured: Measured | None = None, cores: int = 1) -> str:
    """Runs, cells, jobs, data sets, steps and an estimate of the time, then warnings. UserError as for `expand`.

    `measured` replaces the estimate from the table of costs by minutes on `cores` cores.
    """
    plan = plan or expand(study)
    works = {label: _works(plan, label) for label in plan.datasets}
    runs, jobs = sum(len(cell.seeds) for cell in plan.cells), sum(1 for _ in plan.chunks())
    variants = len({cell.variant for cell in plan.cells})
    lines = [f"study {plan.study}: valid"]
    if plan.description:
        lines.append(f"  {' '.join(plan.description.split())}")
    lines.append(
        f"  {_count(len(plan.datasets), 'data set')} and {_count(variants, 'variant')} make "
        f"{_count(len(plan.cells), 'cell')}; with {_count(len(study.seeds), 'seed')} each, {_count(runs, 'run')} in "
        f"{_count(jobs, 'training job')}"
    )
    for label, cell_works in works.items():
        lines += _dataset_lines(plan, label, cell_works)
    lines.append(_time(works, jobs) if measured is None else _measured(plan, works, jobs, measured, cores))
    lines += [f"  warning: {text}" for text in [*cautions(plan), *batch_warnings(study, plan)]]
    return "\n".join(lines)


def _works(plan: Plan, label: str) -> list[tuple[Work | None, int]]:
    """(work of one run, number of runs) for each cell of a data set."""
    channels, height, width = plan.datasets[label]["shape"]
    cells = [cell for cell in plan.cells if cell.dataset == label]
    return [(work(cell.settings, (channels, height, width)), len(cell.seeds)) for cell in cells]


def _dataset_lines(plan: Plan, label: str, cell_works: list[tuple[Work | None, int]]) -> Iterator[str]:
    data = plan.datasets[label]
    channels, height, width = data["shape"]
    kind = "labelled" if data["labelled"] else "without labels"
    extractor = plan.evaluation["extractor"][label]["name"]
    cells = _count(len(cell_works), "cell")
    yield f"  {label}: {channels} x {height} x {width} px, {kind}, {cells}, scored in {extractor}"
    known = [(done, n) for done, n in cell_works if done is not None]
    if known:
        g_steps = sum(done.g_steps * n for done, n in known)
        d_steps = sum(done.d_steps * n for done, n in known)
        images = sum(done.images * n for done, n in known)
        yield f"    {g_steps:,} generator steps, {d_steps:,} discriminator steps, {images:,} real images shown"
    if len(known) < len(cell_works):
        uncounted = _count(len(cell_works) - len(known), "cell")
        yield f"    {uncounted} with a budget in epochs of a data set not yet counted, or of too many steps to add up"


def _time(works: dict[str, list[tuple[Work | None, int]]], jobs: int) -> str:
    seconds, unknown, runs = jobs * SECONDS_PER_JOB, 0, 0
    for cell_works in works.values():
        for done, n in cell_works:
            runs += n
            if done is None or done.seconds is None:
                unknown += n
            else:
                seconds += done.seconds * n
    seconds += runs * SECONDS_PER_EVALUATION
    beside = f", beside {_count(unknown, 'run')} that cannot be estimated" if unknown else ""
    return f"  estimate: {_duration(seconds)} of one CPU core{beside} (rough: see gan_bench/config/plan/costs.py)"


def _measured(
    plan: Plan, works: dict[str, list[tuple[Work | None, int]]], jobs: int, measured: Measured, cores: int
) -> str:
    """Wall time of the study on `cores` cores: median, and range from the quickest to the slowest tenth of steps."""
    ends, unknown, runs = [0.0, 0.0, 0.0], 0, 0
    for label, cell_works in works.items():
        cells = [cell for cell in plan.cells if cell.dataset == label]
        for cell, (done, n) in zip(cells, cell_works, strict=True):
            runs += n
            if done is None:
                unknown += n
            elif done.g_steps:
                times = measured.get((label, cell.id), (0.0, 0.0, 0.0))
                ends = [end + n * done.g_steps * seconds for end, seconds in zip(ends, times, strict=True)]
    more = jobs * SECONDS_PER_JOB + runs * SECONDS_PER_EVALUATION
    low, middle, high = ((end + more) / max(1, min(cores, jobs)) for end in ends)
    beside = (
        f", beside {_count(unknown, 'run')} whose steps are not known before the data is prepared" if unknown else ""
    )
    return (
        f"  estimate: {_duration(middle)} on {_count(cores, 'core')} ({_duration(low)} to {_duration(high)}), from "
        f"steps timed on this machine{beside}; runs that train together take less"
    )


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def _duration(seconds: float) -> str:
    for limit, unit, size in ((90, "seconds", 1.0), (5400, "minutes", 60.0), (48 * 3600, "hours", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"
