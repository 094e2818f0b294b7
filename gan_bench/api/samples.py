"""Scores of samples: of one model against real data, or of several models."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench.api.show import Picture, Text
from gan_bench.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from gan_bench.metrics.inputs.load import Source

#: A path, a NumPy array, a torch tensor, or a list of numbers.
Samples = Any
#: Lowest and highest value of a pixel in images of floats.
Pixels = tuple[float, float]


def evaluate(
    real: Samples,
    fake: Samples,
    *,
    out: Path | str | None = None,
    real_labels: Samples = None,
    fake_probs: Samples = None,
    real_probs: Samples = None,
    train: Samples = None,
    metrics: str | Sequence[str] | None = None,
    extractor: str | None = None,
    n: int | None = None,
    device: str = "cpu",
    block: int | None = None,
    resize: str | int | None = None,
    channels: int | None = None,
    protocol: str | None = None,
    strict: bool = False,
    seed: int = 0,
    pixels: Pixels | None = None,
) -> "Scores":
    """Score generated images or features against real images or features, like `gan-bench evaluate`.

    Args:
        real, fake, train: images (n, c, h, w) uint8 or features (n, d) as an array, a tensor or a .npy file, or a
            folder of pictures.
        out: JSON file to write.
        pixels: lowest and highest value of a pixel in images of floats, such as (-1, 1). Without it, images of floats
            are refused.

    The other arguments are the options of the command. Raises UserError for a mistake in the arguments.
    """
    from gan_bench.files import write_json
    from gan_bench.metrics.inputs import evaluate_files

    document = evaluate_files(
        given(real, "real", pixels),
        given(fake, "fake", pixels),
        real_labels=_optional(real_labels, "real_labels"),
        fake_probs=_optional(fake_probs, "fake_probs"),
        real_probs=_optional(real_probs, "real_probs"),
        train=_optional(train, "train", pixels),
        metrics=_names(metrics),
        extractor=extractor,
        n=n,
        device=device,
        block=block,
        resize=None if resize is None else str(resize),
        channels=channels,
        protocol=protocol,
        strict=strict,
        seed=seed,
    )
    if out is not None:
        write_json(Path(out), document)
    return Scores(document)


def compare(
    models: Mapping[str, Samples] | Sequence[Samples],
    real: Samples,
    *,
    out: Path | str | None = None,
    train: Samples = None,
    metrics: str | Sequence[str] | None = None,
    extractor: str | None = None,
    n: int | None = None,
    replicates: int = 200,
    resize: str | int | None = None,
    channels: int | None = None,
    strict: bool = False,
    seed: int = 0,
    pixels: Pixels | None = None,
) -> "Comparison":
    """Compare the samples of several models with the same real set, like `gan-bench compare`.

    Args:
        models: a mapping from each model's name to its samples (arrays or .npy files, not folders), or a list of
            samples. In a list, files and folders keep their names; arrays are called "model 1", "model 2" and so on.
        real, pixels: like the arguments of `evaluate`.
        out: folder to which the table and the picture are written; None to write nothing.

    The other arguments are the options of the command. Raises UserError for a mistake in the arguments.
    """
    from gan_bench.comparison import compare_files, write_comparison

    if isinstance(models, Mapping):
        sources = [given(samples, name, pixels, rename=True) for name, samples in models.items()]
    else:
        sources = [given(samples, f"model {k + 1}", pixels) for k, samples in enumerate(models)]
    result = compare_files(
        given(real, "real", pixels),
        sources,
        train=_optional(train, "train", pixels),
        extractor=extractor,
        metrics=_names(metrics),
        n=n,
        seed=seed,
        resize=None if resize is None else str(resize),
        channels=channels,
        strict=strict,
        replicates=replicates,
    )
    if out is not None:
        write_comparison(Path(out), result)
    return Comparison(result)


class Scores(Text):
    """Scores of one model. `scores["frechet"]` is a value, `frame` has all values, `document` is the JSON document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def frame(self) -> "pd.DataFrame":
        """One row for each value, with its floor: the score of equally many real images used instead of samples."""
        import pandas as pd

        floors = {row["name"]: row["value"] for row in self.document["floor"]}
        rows = pd.DataFrame(self.document["metrics"])
        rows.insert(2, "floor", [floors.get(name) for name in rows["name"]])
        return rows.set_index("name")

    def __getitem__(self, name: str) -> float | None:
        from gan_bench.errors import unknown_name

        values = {row["name"]: row["value"] for row in self.document["metrics"]}
        if name not in values:
            raise KeyError(unknown_name("value", name, list(values)))
        return None if values[name] is None else float(values[name])

    def __str__(self) -> str:
        from gan_bench.metrics.inputs import format_table

        return format_table(self.document)


class Comparison(Text):
    """Scores of several models with intervals. `frame`: one row for each metric value and model."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def frame(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame(self.document["rows"])

    @property
    def picture(self) -> Picture:
        from gan_bench.comparison.outputs import picture

        return Picture(picture(self.document), "comparison")

    def __str__(self) -> str:
        from gan_bench.comparison.outputs import markdown

        return markdown(self.document).rstrip("\n")


def given(samples: Samples, name: str, pixels: Pixels | None = None, *, rename: bool = False) -> "Source":
    """Samples in the form that the scoring functions accept. With `rename`, a file is read and gets the name `name`.

    Raises:
        UserError: the channels of images are the last axis; images of floats come without `pixels`, or have values
            outside it; or `rename` is used with a folder.
    """
    from gan_bench.metrics.inputs.load import InMemory, load_array

    if isinstance(samples, str | Path):
        if rename and Path(samples).is_dir():
            raise UserError(
                f"{name}: a folder of pictures cannot be given another name; give a list of folders, or arrays."
            )
        return InMemory(name, load_array(samples)) if rename else samples
    array = _array(samples)
    if array.ndim == 4 and array.shape[1] not in (1, 3) and array.shape[3] in (1, 3):
        raise UserError(
            f"{name}: images have the shape {array.shape}; valid: (n, c, h, w), which x.transpose(0, 3, 1, 2) gives."
        )
    if array.ndim == 4 and array.dtype.kind == "f":
        array = _bytes(array, name, pixels)
    return InMemory(name, array)


def _optional(samples: Samples, name: str, pixels: Pixels | None = None) -> "Source | None":
    return None if samples is None else given(samples, name, pixels)


def _array(samples: Samples) -> Any:
    """The samples as a NumPy array. Tensors are moved to the CPU. The type of numbers does not change."""
    import numpy as np

    if hasattr(samples, "detach"):
        samples = samples.detach().cpu().numpy()
    return np.asarray(samples)


def _bytes(array: Any, name: str, pixels: Pixels | None) -> Any:
    """Images of floats as uint8.

    UserError if the range `pixels` is not given, or if a value is outside this range by more than half a grey level.
    """
    import numpy as np

    if pixels is None:
        low, high = float(array.min()), float(array.max())
        raise UserError(
            f"{name}: images are floats from {low:.3g} to {high:.3g}; give uint8, or the lowest and highest value of a "
            "pixel, such as pixels=(-1, 1)."
        )
    scaled = (array.astype(np.float64) - pixels[0]) / (pixels[1] - pixels[0]) * 255
    if not np.isfinite(scaled).all() or scaled.min() < -0.5 or scaled.max() > 255.5:
        raise UserError(f"{name}: images have values outside pixels={pixels}, or NaN.")
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8)


def _names(metrics: str | Sequence[str] | None) -> list[str] | None:
    return metrics.split(",") if isinstance(metrics, str) else None if metrics is None else list(metrics)
