"""Combinations that the papers exclude or that cannot work, each with its reason and what to change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gan_bench import data
from gan_bench.config.reference import Ref
from gan_bench.errors import UserError
from gan_bench.registry import Component, component, names


@dataclass(frozen=True)
class DataFacts:
    """What a data set is known to be before it is read: shape (C, H, W) of its images, and whether it has labels."""

    shape: tuple[int, int, int]
    labelled: bool


def describe(ref: Ref) -> DataFacts:
    """Shape and labels of a data set. UserError where the component cannot tell."""
    try:
        facts = data.describe({key: value for key, value in ref.items() if key != "digest"})
        channels, height, width = facts["shape"]
        return DataFacts((int(channels), int(height), int(width)), bool(facts["labelled"]))
    except UserError:
        raise
    except Exception as error:
        if component("data", ref["name"]).builtin:
            raise
        raise UserError(f"{ref['name']}: describe() fails: {type(error).__name__}: {error}.") from error


def clashes(settings: Mapping[str, Any], images: DataFacts) -> Iterator[tuple[str, str]]:
    """(key, sentence) for each reason why a run with these settings cannot work; the key is the one to look at."""
    yield from _lipschitz(settings)
    yield from _per_sample(settings)
    yield from _shape(settings, images)


def _lipschitz(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    loss = component("losses", settings["loss"]["name"])
    penalty = settings["penalty"]
    if loss.facts.get("family") == "wasserstein" and (penalty["name"] == "none" or penalty.get("weight") == 0):
        shown = "'none'" if penalty["name"] == "none" else f"{penalty['name']!r} of weight 0"
        constraints = " or ".join(name for name in names("penalties") if name != "none")
        yield (
            "penalty",
            f"loss {loss.name!r} with penalty {shown} has no bound: its critic must be Lipschitz (Arjovsky et al. "
            f"2017, section 3); set penalty to {constraints}, or choose another loss.",
        )


def _per_sample(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    penalty = component("penalties", settings["penalty"]["name"])
    if not penalty.facts.get("per_sample_critic"):
        return
    model = component("models", settings["model"]["name"])
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
    model, dataset = component("models", settings["model"]["name"]), settings["dataset"]["name"]
    channels, height, width = images.shape
    sizes, allowed = model.facts.get("sizes"), model.facts.get("channels")
    if sizes is not None and (height != width or height not in sizes):
        yield (
            "model",
            f"model {model.name!r} with dataset {dataset!r}: the model takes square images of "
            f"{', '.join(map(str, sizes))} px and these are {height} x {width}; set the data set's size to one of "
            "these, or choose another model.",
        )
    if allowed is not None and channels not in allowed:
        yield (
            "model",
            f"model {model.name!r} with dataset {dataset!r}: the model takes images of "
            f"{', '.join(map(str, allowed))} channels and these have {channels}; set the data set's channels, or "
            "choose another model.",
        )


def _others(model: Component, key: str, excluded: list[Any]) -> str:
    setting = model.settings.get(key)
    choices = [str(choice) for choice in setting.choices if choice not in excluded] if setting else []
    return " or ".join(choices) or "another value"


def extractor_of(wanted: Any, images: DataFacts) -> str | Ref:
    """The extractor that a data set is scored in: `wanted`, or by labels where it is "auto"."""
    if wanted != "auto":
        return dict(wanted)
    return "classifier" if images.labelled else "random_conv"


def extractor_clash(extractor: Ref, label: str, images: DataFacts) -> str | None:
    """Why samples of the data set `label` cannot be scored in `extractor`, or None."""
    found = component("features", extractor["name"])
    if found.facts.get("needs_labels") and not images.labelled:
        return (
            f"{found.name!r} learns from labels and data set {label!r} has none; set evaluation.extractor to auto or "
            "random_conv, or take the data set out."
        )
    return None


def metric_warnings(metrics: list[Ref], extractor: Ref, label: str) -> Iterator[str]:
    """Metrics that will be empty for the data set `label`, and why."""
    if component("features", extractor["name"]).facts.get("probabilities"):
        return
    for metric in metrics:
        if component("metrics", metric["name"]).facts.get("needs") == "log_probs":
            yield (
                f"{metric['name']} needs class probabilities and extractor {extractor['name']!r} of data set {label!r} "
                "gives none: its values will be empty, with a note."
            )
