"""From images to features where there is no prepared data set: the extractor is fitted to the given real images."""

import json
from dataclasses import dataclass
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
class Pictures:
    """Real images as an extractor's `fit` reads them (the part of gan_bench.data.DataSet that it may use)."""

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
    """Features of all sides and how the space is printed; `scored` says which real images are in `real`.

    `train` stands for what the model was trained on; it is `real` itself where nothing else is known.
    """

    real: Features
    fake: Features
    train: Features
    label: str
    settings: dict[str, Any] | None
    scored: str


def default_ref(axis: str, name: str) -> dict[str, Any]:
    """A component's reference with all settings at their defaults, or as JSON text gives them: '{"name": ..., ...}'.

    UserError for what is wrong with it, and where a setting has no default.
    """
    if name.lstrip().startswith("{"):
        try:
            return resolve(axis, json.loads(name))
        except ValueError as error:
            # Of JSON and of settings alike; the latter are sentences of their own.
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
    """Fit extractor `name` to real images (n, c, h, w) and map all sides into its space.

    An extractor that learns from labels is fitted to one half of the real images, chosen by `seed`; the other half is
    what the generated ones are compared with, because it must not have been learnt from.
    """
    ref = default_ref("features", name)
    name = ref["name"]
    facts = registry.component("features", name).facts
    if facts["needs_labels"] != (labels is not None):
        raise UserError(
            f"extractor {name!r} needs --real-labels."
            if labels is None
            else f"extractor {name!r} reads no --real-labels."
        )
    data, scored = _halves(real, labels, seed) if labels is not None else _whole(real)
    module, settings = registry.load("features", name), {key: value for key, value in ref.items() if key != "name"}
    # One thread: the number of threads would change the bits, and it is not in the command.
    with deterministic(1, torch.device("cpu")):
        weights, report = module.fit(data, settings, settings.get("seed", 0))
        real_points = module.extract(weights, data.test if labels is not None else real, settings)
        fake_points = module.extract(weights, fake, settings)
        if train is None:
            train_points = module.extract(weights, data.train, settings) if labels is not None else real_points
        else:
            train_points = module.extract(weights, train, settings)
    label = extractor_label(registry.component("features", name).name, real_points.dim, report, data.name)
    return Space(real_points, fake_points, train_points, label, ref, scored)


def _whole(real: np.ndarray) -> tuple[Pictures, str]:
    return Pictures("the given real images", real, real[:0], None, None), "all"


def _halves(real: np.ndarray, labels: np.ndarray, seed: int) -> tuple[Pictures, str]:
    order = generator(seed, "data").permutation(len(real))
    learnt, held = np.sort(order[: len(real) // 2]), np.sort(order[len(real) // 2 :])
    data = Pictures("half of the given real images", real[learnt], real[held], labels[learnt], labels[held])
    return data, "the half that the extractor was not fitted to"
