"""Computes features of images without a prepared data set. The extractor is fitted to the given real images."""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features import Features, extractor_label
from gan_bench.seeds import generator
from gan_bench.train._torch import deterministic


@dataclass(frozen=True)
class ExtractorData:
    """Real images with the attributes of gan_bench.data.DataSet that an extractor's `fit` reads."""

    name: str
    train: np.ndarray
    test: np.ndarray
    train_labels: np.ndarray | None
    test_labels: np.ndarray | None

    def images(self, split: str) -> np.ndarray:
        return self.train if split == "train" else self.test

    def labels(self, split: str) -> np.ndarray | None:
        return self.train_labels if split == "train" else self.test_labels

    @property
    def shape(self) -> tuple[int, ...]:
        return self.train.shape[1:]

    @property
    def classes(self) -> list[str] | None:
        if self.train_labels is None or self.test_labels is None:
            return None
        return [str(k) for k in range(int(max(self.train_labels.max(), self.test_labels.max())) + 1)]


@dataclass(frozen=True)
class Space:
    """Features of all sets, and the label of the feature space.

    train: features of the model's training set. If it is not given: `real` itself, or the real images to which an
        extractor with labels was fitted.
    scored: which of the given real rows are in `real`, in words.
    """

    real: Features
    fake: Features
    train: Features
    label: str
    settings: dict[str, Any] | None
    scored: str


def default_ref(axis: str, name: str) -> dict[str, Any]:
    """A component's name and settings. Settings have their defaults, unless `name` is JSON text with other settings.

    Raises:
        UserError: the name is unknown, the text is invalid, or a setting has no default.
    """
    if name.lstrip().startswith("{"):
        try:
            return resolve(axis, json.loads(name))
        except ValueError as error:
            # ValueError is raised for invalid JSON and for invalid settings. Its messages are full sentences.
            raise UserError(f"{axis}: {name}: {error}") from None
    settings = registry.component(axis, name).settings
    required = [key for key, setting in settings.items() if setting.required]
    if required:
        raise UserError(
            f"{axis}: {name!r} needs settings without a default ({', '.join(required)}): use it in a study."
        )
    return {"name": name, **{key: setting.default for key, setting in settings.items()}}


def embed(
    real: np.ndarray, fake: np.ndarray, train: np.ndarray | None, labels: np.ndarray | None, name: str, seed: int
) -> Space:
    """Fit extractor `name` to real images (n, c, h, w) and map all sets into its feature space.

    An extractor that learns from labels is fitted to one half of the real images, chosen by `seed`. The generated
    images are then compared with the other half, because the compared images must be held out from the fit.
    """
    ref = default_ref("features", name)
    name = ref["name"]
    facts = registry.component("features", name).facts
    if facts["needs_labels"] != (labels is not None):
        raise UserError(
            f"extractor {name!r} needs --real-labels."
            if labels is None
            else f"extractor {name!r} does not use labels; leave --real-labels out."
        )
    data, scored = _halves(real, labels, seed) if labels is not None else _unsplit(real)
    module, settings = registry.load("features", name), {key: value for key, value in ref.items() if key != "name"}
    # One thread, because results depend on the number of threads and `gan-bench evaluate` has no option for this
    # number.
    with deterministic(1, torch.device("cpu")):
        weights, report = module.fit(data, settings, settings.get("seed", 0))
        real_points = module.extract(weights, data.test if labels is not None else real, settings)
        fake_points = module.extract(weights, fake, settings)
        if train is None:
            train_points = module.extract(weights, data.train, settings) if labels is not None else real_points
        else:
            train_points = module.extract(weights, train, settings)
    real_points = replace(real_points, images=data.test if labels is not None else real)
    fake_points = replace(fake_points, images=fake)
    label = extractor_label(registry.component("features", name).name, real_points.dim, report, data.name)
    return Space(real_points, fake_points, train_points, label, ref, scored)


def _unsplit(real: np.ndarray) -> tuple[ExtractorData, str]:
    return ExtractorData("the given real images", real, real[:0], None, None), "all"


def _halves(real: np.ndarray, labels: np.ndarray, seed: int) -> tuple[ExtractorData, str]:
    order = generator(seed, "data").permutation(len(real))
    learnt, held = np.sort(order[: len(real) // 2]), np.sort(order[len(real) // 2 :])
    data = ExtractorData("half of the given real images", real[learnt], real[held], labels[learnt], labels[held])
    return data, "the half that the extractor was not fitted to"
