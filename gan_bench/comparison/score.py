"""Scores of several models in one feature space, with intervals over samples and differences to the best model.

The interval of a score contains the scores of 95 % of other samples of the same size.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.metrics import MetricValue, values_of
from gan_bench.metrics.evaluate.families import Ref
from gan_bench.metrics.evaluate.sets import evaluate_sets
from gan_bench.metrics.inputs.files import floor_rows, floor_text, image_space, requested, scored_count
from gan_bench.metrics.inputs.forensics import examine
from gan_bench.metrics.inputs.kinds import Target
from gan_bench.metrics.inputs.load import InMemory, Points, Source, images_protocol, load_sets
from gan_bench.metrics.inputs.space import Space
from gan_bench.seeds import generator
from gan_bench.stats.estimate.half_samples import compare
from gan_bench.stats.estimate.scales import Scale, default_scale

DEFAULT_METRICS = ("frechet", "kid", "precision_recall", "density_coverage")
#: Number of random halves of the samples that are scored for each model, to compute intervals.
REPLICATES = 200
#: With fewer samples of each model, the result has no intervals and no order of the models.
LEAST = 10


def compare_files(
    real: Source,
    models: Sequence[Source],
    *,
    train: Source | None = None,
    extractor: str | None = None,
    metrics: Sequence[str] | None = None,
    n: int | None = None,
    seed: int = 0,
    resize: str | None = None,
    channels: int | None = None,
    strict: bool = False,
    replicates: int = REPLICATES,
) -> dict[str, Any]:
    """Score the samples of several models against one set of real samples.

    Returns {"rows": one row for each metric value and model, "floor": rows, "findings": [...], "protocol": {...},
    "said": conclusions}. A row has metric, label, direction, model, value, low, high, difference, difference_low,
    difference_high, top (whether the model may be the best), n and note. A difference is that between a model and the
    model with the best value; positive is worse. All models are scored with the same n.

    Raises:
        UserError: a mistake in the files or arguments; with `strict`, also any finding about the files.
    """
    names = _names(models)
    real_set, *others = load_sets([real, *models, *([] if train is None else [train])], Target.of(resize, channels))
    fakes, train_set = others[: len(models)], others[len(models)] if train is not None else None
    findings = [
        {"model": name, **finding}
        for name, fake in zip(names, fakes, strict=True)
        for finding in examine(real_set, fake, train_set)
    ]
    if strict and findings:
        raise UserError(*(f"{finding['model']}: {finding['finding']}: {finding['text']}" for finding in findings))
    space, features = _space(real_set, fakes, train_set, extractor, seed)
    refs, chosen = requested(list(metrics or DEFAULT_METRICS), space)
    count = scored_count(n, len(space.real), min(map(len, features)))
    order = generator(seed, "data").permutation(len(space.real))
    options: dict[str, Any] = {"seed": seed, "extractor_label": space.label, "split": None}
    scored = space.real.take(np.sort(order[:count]))
    samples = [fake.take(np.sort(generator(seed, "evaluation").permutation(len(fake))[:count])) for fake in features]
    declared = _declared(refs, chosen)
    halves = _halves(scored, samples, refs, space, options, replicates) if count >= LEAST else None
    whole = [_values(scored, fake, refs, space, options) for fake in samples]
    if metrics is None:
        declared = [value for value in declared if any(scores[value.name]["value"] is not None for scores in whole)]
    rows = [row for value in declared for row in _rows(value, names, whole, halves, count)]
    kept = {value.name for value in declared}
    floor = [row for row in floor_rows(space, order, count, refs, options) if row["name"] in kept]
    protocol = {
        **{
            "real": str(real),
            "models": [str(model) for model in models],
            "train": None if train is None else str(train),
        },
        **{"n_real": count, "n_fake": count, "seed": seed, "replicates": replicates if halves is not None else 0},
        **{"extractor": space.label, "extractor_settings": space.settings, "floor": floor_text(len(order), count)},
        **images_protocol(real_set, fakes[0], train_set),
    }
    return {"rows": rows, "floor": floor, "findings": findings, "protocol": protocol, "said": conclusions(rows, count)}


def _declared(refs: list[Ref], chosen: set[str] | None) -> list[MetricValue]:
    """Values of the metrics `refs` by which models can be ranked: those with a direction other than "none".

    If `chosen` is not None, only values with a name in it are returned.
    """
    values = [value for ref in refs for value in values_of(registry.component("metrics", ref["name"]).facts)]
    return [value for value in values if value.direction != "none" and (chosen is None or value.name in chosen)]


def _names(models: Sequence[Source]) -> list[str]:
    """Names of the models: the last part of each path without .npy, or the whole paths if two such names are equal."""
    short = [str(model) if isinstance(model, InMemory) else _last_part(Path(model)) for model in models]
    return short if len(set(short)) == len(short) else [str(model) for model in models]


def _last_part(path: Path) -> str:
    return path.stem if path.suffix == ".npy" else path.name


def _space(
    real: Points, fakes: Sequence[Points], train: Points | None, extractor: str | None, seed: int
) -> tuple[Space, list[Features]]:
    """The feature space, and the features of each model. For images, one fitted extractor computes all features."""
    if real.images:
        space = image_space(real, fakes, train, None, extractor, seed)
    elif extractor is not None:
        raise UserError(f"{real.path} contains features, which need no extractor; leave --extractor out.")
    else:
        points, joined = Features(real.array), np.concatenate([fake.array for fake in fakes])
        learnt = points if train is None else Features(train.array)
        label = f"features as given ({real.array.shape[1]}-d)"
        space = Space(points, Features(joined), learnt, label, None, "all")
    ends = np.cumsum([len(fake) for fake in fakes])
    return space, [space.fake.take(np.arange(end - len(fake), end)) for end, fake in zip(ends, fakes, strict=True)]


def _values(
    real: Features, fake: Features, refs: list[Ref], space: Space, options: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Metric value -> its row, for one model."""
    rows = evaluate_sets(real, fake, refs, train=space.train, **options)
    return {row["name"]: row for row in rows}


def _halves(
    real: Features, samples: Sequence[Features], refs: list[Ref], space: Space, options: dict[str, Any], count: int
) -> list[list[dict[str, dict[str, Any]]]]:
    """Rows of scores on random halves of the samples: [replicate][model]. `count`: number of replicates.

    All models of a replicate are scored against the same half of the real samples.
    """
    rng = generator(options["seed"], "bootstrap")
    half = len(real) // 2
    replicates = []
    for _ in range(count):
        part = real.take(np.sort(rng.permutation(len(real))[:half]))
        draws = [fake.take(np.sort(rng.permutation(len(fake))[:half])) for fake in samples]
        replicates.append([_values(part, draw, refs, space, options) for draw in draws])
    return replicates


def _rows(
    value: MetricValue,
    names: Sequence[str],
    whole: Sequence[dict[str, dict[str, Any]]],
    halves: Sequence[Sequence[dict[str, dict[str, Any]]]] | None,
    count: int,
) -> list[dict[str, Any]]:
    """The rows of one metric value, one for each model.

    Intervals are computed on the scale of the metric value. The interval of a score is transformed back; a difference
    and its interval stay on that scale. If the direction is "half", distances from 1/2 are compared instead.
    """
    point = np.array([_number(scores[value.name]) for scores in whole])
    drawn = None if halves is None else np.array([[_number(m[value.name]) for m in models] for models in halves])
    known = drawn is not None and np.isfinite(point).all() and np.isfinite(drawn).all()
    low = high = difference = below = above = np.full(len(names), np.nan)
    top: list[bool | None] = [None] * len(names)
    if known and drawn is not None:
        ends = (-np.inf if value.low is None else value.low, np.inf if value.high is None else value.high)
        scale = Scale(value.scale or default_scale(value.low, value.high), *ends)
        scale = scale.fitted(np.concatenate([point, drawn.ravel()]), count)
        sign = -1.0 if value.direction == "higher" else 1.0
        centre, halves_on = scale.to(point), scale.to(drawn)
        interval = compare(centre, halves_on).half
        # The logit of 0 or 1 is infinite, so these values are first moved slightly inside. For a recall of 0, for
        # example, the interval that is transformed back starts above 0. It is then extended to the value.
        low = np.minimum(point, scale.back(centre - interval))
        high = np.maximum(point, scale.back(centre + interval))
        if value.direction == "half":
            centre, halves_on = np.abs(point - 0.5), np.abs(drawn - 0.5)
        order = compare(sign * centre, sign * halves_on)
        difference = order.difference
        below, above = difference - order.half_difference, difference + order.half_difference
        top = [bool(excluded) for excluded in order.top]
    columns = zip(names, point, low, high, difference, below, above, top, strict=True)
    return [
        {
            **{"metric": value.name, "label": value.label, "direction": value.direction, "model": name},
            **{key: _or_none(number) for key, number in zip(("value", "low", "high"), numbers[:3], strict=True)},
            **{"difference": _or_none(numbers[3]), "difference_low": _or_none(numbers[4])},
            **{"difference_high": _or_none(numbers[5]), "top": numbers[6], "n": count},
            "note": whole[i][value.name]["note"],
        }
        for i, (name, *numbers) in enumerate(columns)
    ]


def _number(row: dict[str, Any]) -> float:
    return np.nan if row["value"] is None else float(row["value"])


def _or_none(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def conclusions(rows: Sequence[dict[str, Any]], count: int) -> list[str]:
    """The conclusions: a sentence for each metric value, or only one sentence if there are fewer than LEAST samples."""
    if count < LEAST:
        return [
            f"With {count} samples on each side, the values have no interval and the models have no order; both need "
            f"{LEAST} samples. Findings about the files are valid for any number of samples."
        ]
    sentences = []
    for metric in dict.fromkeys(row["metric"] for row in rows):
        part = [row for row in rows if row["metric"] == metric]
        top = [row["model"] for row in part if row["top"]]
        if len(part) == 1:
            sentences.append(f"{metric}: only one model, so there is nothing to compare it with.")
        elif part[0]["top"] is None:
            sentences.append(f"{metric}: no interval, because a value is missing.")
        elif len(top) == 1:
            sentences.append(f"{metric}: {top[0]} is the best; all other models are excluded as the best at 95 %.")
        else:
            sentences.append(f"{metric}: {count} samples cannot decide which of {', '.join(top)} is best.")
    return sentences
