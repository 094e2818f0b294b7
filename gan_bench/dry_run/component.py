"""Check of one component in a file against its contract: what it declares, what it defines, and how it behaves."""

import ast
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.changes import in_words
from gan_bench.config.checks.metric_facts import KEYS as METRIC_KEYS
from gan_bench.config.checks.metric_facts import metric_mistakes
from gan_bench.config.one_run import run_settings
from gan_bench.dry_run.functions import missing_functions, place
from gan_bench.errors import UserError, unknown_name
from gan_bench.registry import AXES

#: Axis -> keys of FACTS that its components must declare.
REQUIRED = {
    "losses": ("family", "output", "equilibrium"),
    "penalties": ("per_sample_critic",),
    "optimizers": (),
    "tricks": (),
    "methods": ("uses", "adversarial"),
    "variants": ("set", "group", "equation"),
    "models": ("sizes", "channels", "critic_batch_coupled"),
    "data": ("licence", "source"),
    "features": ("needs_labels", "probabilities"),
    "metrics": tuple(METRIC_KEYS),
    "figures": ("caption", "category", "needs"),
}
#: Axis -> key of a run's settings that names a component of this axis.
KEYS = {"losses": "loss", "penalties": "penalty", "optimizers": "optimizer", "models": "model", "methods": "method"}
#: The model with which other components are tried: small, and its critic judges each image separately.
MODEL = {"name": "dcgan", "width": 8, "d_norm": "none"}
#: Words that occur only in messages about a model that does not fit the size of the images.
WRONG_SIZE = "hoose data of its size"
SIZES, BATCH, CLASSES = (8, 16, 32, 28, 64), 8, 10


def axis_of(file: str) -> str:
    """The axis of a component, guessed from the functions and the keys of FACTS in its file.

    A class in a file ("FILE.py:CLASS") is a model. UserError if the file is missing or cannot be read as Python.
    """
    if ".py:" in file:
        return "models"
    try:
        tree = ast.parse(Path(file).read_bytes())
    except FileNotFoundError:
        raise UserError(f"{file}: there is no such file.") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(f"{file}: cannot be read as Python: {error}") from None
    facts = set(registry.literal(tree, "FACTS", Path(file)))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    declared = {axis: len(facts & set(keys)) for axis, keys in REQUIRED.items()}
    best = max(declared, key=lambda axis: declared[axis])
    if declared[best]:
        return best
    return "optimizers" if "build" in defined else "tricks"


def examine(file: str, axis: str) -> list[str]:
    """One sentence per part of the contract that the component breaks.

    The behaviour of the component is tested only if its FACTS and functions are complete. UserError for an unknown axis
    or component.
    """
    if axis not in AXES:
        raise UserError(unknown_name("axis", axis, list(AXES)))
    declared = registry.component(axis, file)
    where = place(axis, {"name": file})
    wrong = [
        f"{where}: expected the key {key!r} in FACTS, found none; see gan_bench/{AXES[axis]}/__init__.py."
        for key in REQUIRED[axis]
        if key not in declared.facts
    ]
    ref = {"name": file, **{name: setting.default for name, setting in declared.settings.items()}}
    wrong += missing_functions(axis, ref) if axis != "variants" else []
    if wrong:
        return wrong
    probes = {"metrics": _metric, "data": _data, "features": _extractor, "figures": _figure}
    return list(probes.get(axis, _training)(axis, ref, where))


def _training(axis: str, ref: dict[str, Any], where: str) -> Iterator[str]:
    """Mistakes in one training step with the component, and in the direction of a loss.

    A model is tried with several image sizes, until one fits.
    """
    facts = registry.component(axis, ref["name"]).facts
    sizes, channels = facts.get("sizes") or SIZES, facts.get("channels") or [1, 3]
    shapes = [(number, size) for number in channels for size in sizes]
    tries: list[list[str]] = []
    for shape in shapes if axis == "models" else shapes[:1]:
        tries.append(list(_step(axis, ref, where, *shape)))
        if not tries[-1]:
            break
    else:  # No size fits. Sentences on mistakes other than the size are preferred.
        yield from min(tries, key=lambda sentences: any(WRONG_SIZE in text for text in sentences))
    if axis == "losses":
        yield from _direction(ref, where)


def _step(axis: str, ref: dict[str, Any], where: str, channels: int, size: int) -> Iterator[str]:
    """Mistakes in one training step on images of one size."""
    from gan_bench.dry_run.study import sentences_of

    facts, name = registry.component(axis, ref["name"]).facts, ref["name"]
    content: dict[str, Any] = {"preset": "dcgan", "model": MODEL, "batch_size": BATCH, "budget": {"g_steps": 2}}
    if axis == "variants":
        content = {"preset": name, "budget": {"g_steps": 2}}
    elif axis == "tricks":
        content["tricks"] = [name]
    else:
        content[KEYS[axis]] = name
    if axis == "models" and facts.get("conditional"):
        content["tricks"] = ["labels"]
    if facts.get("family") == "wasserstein":
        content["penalty"] = "gradient_penalty"
    digits = channels == 1 and size in SIZES[:3]
    folder = {"name": "image_folder", "path": "pictures", "channels": channels}
    folder |= {"labels": "folders"} if content.get("tricks") == ["labels"] else {}
    content["dataset"] = {**({"name": "digits"} if digits else folder), "size": size}
    try:
        settings = run_settings(content, f"{where} with {content['preset']}")
    except UserError as error:
        yield from error.sentences
        return
    yield from sentences_of(settings, (channels, size, size), digits or "labels" in folder)


def _direction(ref: dict[str, Any], where: str) -> Iterator[str]:
    """Check in which direction the losses move the logits.

    D must raise the logits of real images and lower those of generated images. G must raise the logits of generated
    images. Losses with a state are not checked.
    """
    import torch

    module = registry.load("losses", ref["name"])
    if registry.component("losses", ref["name"]).facts.get("state"):
        return
    real, fake = (torch.tensor([0.3, -0.2, 0.1], requires_grad=True) for _ in range(2))
    d_loss, g_loss = sum(module.discriminator(real, fake, ref)), module.generator(real, fake, ref)
    checks = (
        ("discriminator", d_loss, real, "falls", "real", 1),
        ("discriminator", d_loss, fake, "rises", "generated", -1),
        ("generator", g_loss, fake, "falls", "generated", 1),
    )
    for function, loss, logits, way, images, sign in checks:
        (gradient,) = torch.autograd.grad(loss, logits, retain_graph=True, allow_unused=True)
        slope = 0.0 if gradient is None else float(gradient.sum())
        if sign * slope >= 0:
            yield (
                f"{where}: {function}() has the gradient {slope:.3g} for logits of {images} images; expected that the "
                f"loss {way} as these logits rise (higher = more real)."
            )


def _metric(axis: str, ref: dict[str, Any], where: str) -> Iterator[str]:
    """Mistakes in FACTS. If there are none, mistakes of `compute()`, unless it has none with one of SHAPES."""
    from gan_bench.dry_run.metric import SHAPES, broken_metric

    if mistakes := list(metric_mistakes([ref])):
        yield from mistakes
        return
    tries = [list(broken_metric(ref, shape)) for shape in SHAPES]
    yield from [] if [] in tries else tries[0]


def _data(axis: str, ref: dict[str, Any], where: str) -> Iterator[str]:
    """Mistakes that appear when the data set is prepared in a temporary folder."""
    from gan_bench.data import prepare

    with tempfile.TemporaryDirectory() as folder:
        try:
            prepare(ref, folder)
        except UserError as error:
            yield from (f"{where}: {sentence}" for sentence in error.sentences)
        except Exception as error:
            yield f"{where}: describe() and build() raise {in_words(error)}"


class _Toy:
    """A small data set with only the members that an extractor may use."""

    name, classes, shape = "toy", ["a", "b"], (1, 8, 8)

    def images(self, split: str) -> np.ndarray:
        rng = np.random.default_rng(0 if split == "train" else 1)
        return rng.integers(0, 256, (60, *self.shape), dtype=np.uint8)

    def labels(self, split: str) -> np.ndarray:
        return np.arange(60) % 2


def _extractor(axis: str, ref: dict[str, Any], where: str) -> Iterator[str]:
    """Mistakes of an extractor that is fitted twice, and of the features that it extracts from ten images."""
    from gan_bench.features import Features

    module, toy = registry.load("features", ref["name"]), _Toy()
    try:
        fits = [module.fit(toy, ref, 0) for _ in range(2)]
        features = module.extract(fits[0][0], toy.images("test")[:10], ref)
    except Exception as error:
        yield f"{where}: fit() and extract() raise {type(error).__name__} for images of shape (n, 1, 8, 8): {error}"
        return
    if not isinstance(features, Features):
        yield f"{where}: extract() returns a {type(features).__name__}, expected a gan_bench.features.Features."
    elif len(features) != 10 or features.features.dtype != np.float32 or not np.isfinite(features.features).all():
        yield (
            f"{where}: extract() returns features {features.features.shape} {features.features.dtype} of 10 images, "
            "expected (10, d) float32 without NaN."
        )
    if {k: v.tolist() for k, v in fits[0][0].items()} != {k: v.tolist() for k, v in fits[1][0].items()}:
        yield f"{where}: fit() gives other weights the second time; draw random numbers only from `seed`."


def _figure(axis: str, ref: dict[str, Any], where: str) -> Iterator[str]:
    """Check the names of the tables that the figure needs, and that it has a setting dpi.

    The figure is not drawn, because this needs a finished study.
    """
    from gan_bench.report.tables_input import NEEDS

    declared = registry.component(axis, ref["name"])
    for need in declared.facts["needs"]:
        if need not in NEEDS:
            yield f"{where}: FACTS 'needs' names {need!r}, which is not a table; valid: {', '.join(NEEDS)}."
    if "dpi" not in declared.settings:
        yield f"{where}: expected a setting 'dpi' in FACTS, found none."
