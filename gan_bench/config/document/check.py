"""What `gan-bench check` prints of a valid study: how much it is, and what to be aware of."""

from collections.abc import Iterator

from gan_bench.config.document.cautions import cautions
from gan_bench.config.grammar.study import Study
from gan_bench.config.plan.costs import SECONDS_PER_EVALUATION, SECONDS_PER_JOB, Work, work
from gan_bench.config.plan.grid import Plan, expand


def check_report(study: Study) -> str:
    """Runs, cells, jobs, data sets, steps and an estimate of CPU time, then warnings. UserError as for `expand`."""
    plan = expand(study)
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
    lines += [_time(works, jobs), *(f"  warning: {text}" for text in cautions(plan))]
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
    others = plan.evaluation.get("other_extractors", {}).get(label, ())
    extractor = ", ".join(ref["name"] for ref in (plan.evaluation["extractor"][label], *others))
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


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def _duration(seconds: float) -> str:
    for limit, unit, size in ((90, "seconds", 1.0), (5400, "minutes", 60.0), (48 * 3600, "hours", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"
