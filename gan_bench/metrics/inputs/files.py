"""The work of `gan-bench evaluate`: reads a real and a generated set, and returns rows of values."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.config.checks.combinations import PRETRAINED, missing_package
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.former_names import current_aloud
from gan_bench.metrics.evaluate.families import Ref
from gan_bench.metrics.evaluate.sets import Row, evaluate_sets, null_rows
from gan_bench.metrics.inputs.class_files import one_hot_log_probs, read_labels, read_log_probs
from gan_bench.metrics.inputs.forensics import examine
from gan_bench.metrics.inputs.kinds import Target
from gan_bench.metrics.inputs.load import Points, Source, images_protocol, is_folder, load_array, load_sets
from gan_bench.metrics.inputs.protocols import protocol_of, sentence
from gan_bench.metrics.inputs.space import Space, default_ref, embed
from gan_bench.seeds import generator
from gan_bench.train._torch import device_of

DEFAULT_EXTRACTOR = "random_conv"

#: Names of the values that get a note if a set has at most as many rows as dimensions: its covariance is then singular.
COVARIANCES = ("frechet", "mifid")


def evaluate_files(
    real: Source,
    fake: Source,
    *,
    train: Source | None = None,
    real_labels: Source | None = None,
    fake_probs: Source | None = None,
    real_probs: Source | None = None,
    extractor: str | None = None,
    metrics: Sequence[str] | None = None,
    n: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    block: int | None = None,
    resize: str | None = None,
    channels: int | None = None,
    strict: bool = False,
    protocol: str | None = None,
) -> dict[str, Any]:
    """Score generated against real data: {"metrics": rows, "floor": rows, "findings": [...], "protocol": {...}}.

    The floor compares `n` real rows with `n` other real rows. With too few real rows, it is null and has a note.

    Args:
        real, fake: both features (n, d), or both images (n, c, h, w) uint8. Each is a .npy file, an array in memory or,
            for images, a folder of pictures.
        train: the model's training set. Default: the real set, or the half of it to which the extractor was fitted.
        real_labels, fake_probs, real_probs: classes (n,) of the real rows, class probabilities (m, k) and (n, k).
        extractor: for images. Default: efficientnet_lite0 for folders if its weights are installed, else random_conv.
        metrics: names of families or of single values. Default: see `requested`.
        n: number of rows of each set, drawn by `seed`. Default: that of the smaller set. None if `protocol` is given.
        block: number of rows compared at a time.
        resize, channels: size ("64:squash") and number of channels of all images. By default, differences are an error.
        strict: whether a finding in the inputs is an error.
        protocol: name in PROTOCOLS; it sets numbers of rows, `resize`, `extractor` and the default of `metrics`.

    Raises:
        UserError: a file or an argument is not valid; or `strict` is true and there are findings.
    """
    _check_means(device, block)
    images = is_folder(real) or load_array(real).ndim == 4
    rules = protocol_of(protocol, images=images, extractor=extractor, resize=resize, n=n) if protocol else None
    if rules is not None:
        resize, extractor = (rules.resize, extractor or rules.extractor) if images else (None, None)
    real_set, fake_set, train_set, findings = _examined([real, fake, train], Target.of(resize, channels), strict)
    probs = read_log_probs(fake_probs, fake_set), read_log_probs(real_probs, real_set)
    space = _space(real_set, fake_set, train_set, read_labels(real_labels, real_set), *probs, extractor, seed)
    refs, names = requested(rules.metrics if rules and metrics is None else metrics, space)
    count = scored_count(n, len(space.real), len(space.fake))
    counts = (count, count) if rules is None else (rules.count(len(space.real)), rules.count(len(space.fake)))
    families = [(ref, counts) if rules is None else rules.family(ref, counts) for ref in refs]
    options = {"seed": seed, "extractor_label": space.label, "split": None, "device": device, "block": block}
    stated = {
        **{"real": str(real), "fake": str(fake), "train": None if train is None else str(train)},
        **_protocol(space, count, seed, [ref for ref, _ in families]),
        **images_protocol(real_set, fake_set, train_set),
        **{"n_real": counts[0], "n_fake": counts[1]},
        **({} if protocol is None else {"name": sentence(protocol, images, metrics)}),
    }
    return {**_selected(space, families, names, count, options), "findings": findings, "protocol": stated}


def _check_means(device: str, block: int | None) -> None:
    device_of(device)
    if block is not None and block < 1:
        raise UserError(f"--block is {block}; valid: 1 or more.")


def _selected(
    space: Space,
    families: Sequence[tuple[Ref, tuple[int, int]]],
    names: set[str] | None,
    count: int,
    options: dict[str, Any],
) -> dict[str, list[Row]]:
    """{"metrics": rows, "floor": rows} with the requested values.

    `families`: (family, (number of real rows, number of generated rows)).
    """
    seed = options["seed"]
    order = generator(seed, "data").permutation(len(space.real))
    drawn = generator(seed, "evaluation").permutation(len(space.fake))
    rows: list[Row] = []
    for (n_real, n_fake), group in groupby(families, lambda family: family[1]):
        scored, sampled = space.real.take(np.sort(order[:n_real])), space.fake.take(np.sort(drawn[:n_fake]))
        rows += evaluate_sets(scored, sampled, [ref for ref, _ in group], train=space.train, **options)
    both = {"metrics": rows, "floor": floor_rows(space, order, count, [ref for ref, _ in families], options)}
    return {
        key: [_with_covariance_note(row, space.real.dim) for row in part if names is None or row["name"] in names]
        for key, part in both.items()
    }


def _examined(
    paths: Sequence[Source | None], target: Target, strict: bool
) -> tuple[Points, Points, Points | None, list[dict[str, str]]]:
    """The real set, the generated set, the training set (None if not given), and the findings.

    If `strict`, findings are raised as UserError.
    """
    real, fake, *others = load_sets([path for path in paths if path is not None], target)
    train = others[0] if others else None
    findings = examine(real, fake, train)
    if strict and findings:
        raise UserError(*(f"{finding['finding']}: {finding['text']}" for finding in findings))
    return real, fake, train, findings


def _with_covariance_note(row: Row, dim: int) -> Row:
    """The row. A value in COVARIANCES gets a note if a set has at most as many rows as dimensions."""
    few = min(row["n_real"] or 0, row["n_fake"] or 0)
    if row["name"] not in COVARIANCES or row["value"] is None or few > dim:
        return row
    text = f"{few} rows in {dim} dimensions: the covariance is singular and the value much too high; use more rows"
    return {**row, "note": "; ".join(filter(None, (row["note"], text)))}


def _protocol(space: Space, count: int, seed: int, refs: list[Ref]) -> dict[str, Any]:
    return {
        "n_real": count,
        "n_fake": count,
        "n_real_available": len(space.real),
        "n_fake_available": len(space.fake),
        "n_train": len(space.train),
        "real_scored": space.scored,
        "floor": floor_text(len(space.real), count),
        "split": None,
        "seed": seed,
        "extractor": space.label,
        "extractor_settings": space.settings,
        "metrics": refs,
    }


def _space(
    real: Points,
    fake: Points,
    train: Points | None,
    labels: np.ndarray | None,
    log_probs: np.ndarray | None,
    real_log_probs: np.ndarray | None,
    extractor: str | None,
    seed: int,
) -> Space:
    if real_log_probs is not None and (log_probs is None or real_log_probs.shape[1] != log_probs.shape[1]):
        raise UserError("--real-probs needs --fake-probs, and the two must have the same number of columns.")
    if real.images:
        space = image_space(real, [fake], train, labels, extractor, seed)
        if log_probs is None:
            return space
        if space.fake.log_probs is not None:
            raise UserError(f"{space.label} computes class probabilities itself; leave --fake-probs out.")
        return replace(
            space,
            real=replace(space.real, log_probs=real_log_probs),
            fake=replace(space.fake, log_probs=log_probs),
        )
    if extractor is not None:
        raise UserError(f"{real.path} holds features, which need no extractor; leave --extractor out.")
    if labels is not None and log_probs is None:
        raise UserError(
            "--real-labels is only used with --fake-probs, or with images and an extractor that needs labels; leave it "
            "out."
        )
    if labels is not None and log_probs is not None and real_log_probs is None:
        real_log_probs = one_hot_log_probs(labels, log_probs.shape[1])
    points, dim = Features(real.array, real_log_probs), real.array.shape[1]
    learnt = points if train is None else Features(train.array)
    return Space(points, Features(fake.array, log_probs), learnt, f"features as given ({dim}-d)", None, "all")


def image_space(
    real: Points,
    fakes: Sequence[Points],
    train: Points | None,
    labels: np.ndarray | None,
    extractor: str | None,
    seed: int,
) -> Space:
    """The feature space of images. All generated sets are joined into one.

    If `extractor` is None, the pretrained extractor is used if a real or generated set is a folder of pictures, and
    DEFAULT_EXTRACTOR if all are arrays. If the package of the pretrained extractor is not installed, DEFAULT_EXTRACTOR
    is used, and the label of the space says so.
    """
    pictures = any(points.rule is not None for points in (real, *fakes))
    package = missing_package(PRETRAINED)
    default = PRETRAINED if pictures and package is None else DEFAULT_EXTRACTOR
    joined = np.concatenate([fake.array for fake in fakes])
    space = embed(real.array, joined, None if train is None else train.array, labels, extractor or default, seed)
    if extractor is None and pictures and package is not None:
        return replace(space, label=f"{space.label[:-1]}; {package} is not installed)")
    return space


def requested(names: Sequence[str] | None, space: Space) -> tuple[list[Ref], set[str] | None]:
    """Names and settings of the requested families, and the names of the values to show (None: all values).

    An entry of `names` is the name of a family, the name of a value, or JSON text with a family's name and settings.
    Settings that are not given have their defaults. If `names` is None, all families are requested that need only
    features and training images. If the generated set has class probabilities, families that need them are requested
    too.
    """
    families = registry.components("metrics")
    if names is None:
        available = {"features", "train", *(["log_probs"] if space.fake.log_probs is not None else [])}
        return [default_ref("metrics", c.name) for c in families if set(c.facts["needs"]) <= available], None
    of_value = {value: family.name for family in families for value in family.facts["values"]}
    known = {family.name for family in families}
    chosen: dict[str, set[str]] = {}
    for name in (current_aloud(name.strip()) for name in names):
        family = name if name in known else of_value.get(name, name)
        ref = default_ref("metrics", family)
        values = set(registry.component("metrics", ref["name"]).facts["values"])
        chosen.setdefault(family, set()).update({name} if name in of_value and name not in known else values)
    return [default_ref("metrics", name) for name in chosen], set().union(*chosen.values())


def scored_count(n: int | None, n_real: int, n_fake: int) -> int:
    available = min(n_real, n_fake)
    if n is None:
        return available
    if not 2 <= n <= available:
        raise UserError(f"--n is {n}; valid: 2 to {available} ({n_real} real and {n_fake} generated rows to score).")
    return n


def floor_text(available: int, count: int) -> str:
    """Which real rows the floor compares, or why there is no floor."""
    if available >= 2 * count:
        return f"{count} other real rows in place of samples, against the {count} scored real rows"
    text = f"none: n = {count} on both sides needs {2 * count} real rows, and there are {available}"
    return text + (f"; with --n {available // 2} there is a floor" if available > 3 else "")


def floor_rows(space: Space, order: np.ndarray, count: int, refs: list[Ref], options: dict[str, Any]) -> list[Row]:
    """Values of the metrics `refs` between two disjoint sets of `count` real rows; null if there are too few real rows.

    A floor with fewer rows would mislead. Many values depend on the number of rows, so generated rows could seem better
    than the floor.
    """
    if len(order) < 2 * count:
        note, left = floor_text(len(order), count), len(order) - count
        return null_rows(refs, note, n_real=count, n_fake=left, extractor_label=space.label, split=None)
    scored, others = space.real.take(np.sort(order[:count])), space.real.take(np.sort(order[count : 2 * count]))
    # If no training set is given, the real rows stand for it. Then they are not held out, and metrics that detect
    # copies have no floor.
    train = None if space.train is space.real else space.train
    return evaluate_sets(scored, others, refs, train=train, **options)
