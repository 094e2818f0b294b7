"""A data set for each preset, with images of a shape that its model accepts."""

from typing import Any

from gan_bench.registry import component


def shape_of(preset: str) -> tuple[int, int, int]:
    """A shape (C, H, W) that the preset's model accepts.

    It has one channel and 28 x 28 pixels if the model allows this.
    """
    model = component("variants", preset).facts["set"].get("model")
    if model is None:
        return (1, 28, 28)
    facts = component("models", model["name"] if isinstance(model, dict) else model).facts
    sizes, channels = facts["sizes"] or [28], facts["channels"] or [1]
    size = 28 if 28 in sizes else sizes[0]
    return (1 if 1 in channels else channels[0], size, size)


def data_set_of(preset: str) -> dict[str, Any]:
    """Entry of a study: labelled images of `shape_of(preset)`, or `ring` if the model accepts only points."""
    channels, size, _ = shape_of(preset)
    if size == 1:
        return {"name": "ring"}
    return {"name": "image_folder", "path": "pictures", "size": size, "channels": channels, "labels": "folders"}
