"""Single runs: train a run, and sample images from its generator."""

import functools
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench import bits, paths
from gan_bench.api.show import Picture
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.words import plural

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def train(
    settings: Mapping[str, Any] | Path | str,
    out: Path | str,
    data: Path | str | None = None,
    data_dir: Path | str | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> "Run":
    """Train one run, like `gan-bench train`. The same call again resumes an interrupted run.

    Args:
        settings: the content of a settings.json, the path of such a file, or the short form
            {"preset": "dcgan", "dataset": "digits", "budget": {"g_steps": 100}, "seed": 0}.
        out: folder of the run.
        data: folder of the prepared data set. Default: OUT/data, which is prepared if it is missing.
        data_dir: folder with mnist/, fashion_mnist/ or your own folders of pictures.
        on_progress: function that gets each line of progress, such as `print`.

    By default, the run has portable bits, which are equal on many processors (docs/bits.md). If NumPy, SciPy or torch
    is already loaded in this process, the run has the process's mode of bits instead. Raises UserError for a mistake in
    the arguments, or if `out` has a finished run with other settings. A run that diverges raises no error.
    """
    if not any(name in sys.modules for name in bits.READERS):
        bits.choose()
    from gan_bench.config.one_run import run_settings
    from gan_bench.data import open_data, prepare, remarks
    from gan_bench.jobs.tools import tools
    from gan_bench.sources import keep_sources
    from gan_bench.train.run import train_run

    content = dict(settings) if isinstance(settings, Mapping) else read_json(settings)
    title = "settings" if isinstance(settings, Mapping) else str(settings)
    checked, out = run_settings(content, title), Path(out)
    _refuse_another_run(out, checked)
    keep_sources(checked, out)
    folder = out / "data" if data is None else Path(data)
    if data is None and not (folder / paths.MANIFEST).is_file():
        manifest = prepare(checked["dataset"], folder, None if data_dir is None else Path(data_dir))
        if on_progress is not None:
            for sentence in remarks(manifest):
                on_progress(sentence)
    prepared = open_data(folder)
    train_run(checked, prepared, out, on_progress=on_progress, tools=tools(prepared))
    return Run(out)


def _refuse_another_run(out: Path, settings: Mapping[str, Any]) -> None:
    """UserError if a folder has a finished run with other settings, which the new run would replace.

    A run whose status is "failed" may be replaced.
    """
    if not (out / paths.STATUS).is_file() or read_json(out / paths.STATUS)["status"] == "failed":
        return
    old, new = Run(out).settings, json.loads(json.dumps(settings))
    differences = [
        f"{key} is {json.dumps(old.get(key))}, not {json.dumps(new.get(key))}"
        for key in dict.fromkeys([*new, *old])
        if _without_digests(old.get(key)) != _without_digests(new.get(key))
    ]
    if differences:
        raise UserError(
            f"{out}: this folder has a finished run with other settings ({'; '.join(differences)}); choose another "
            "folder, or remove this one."
        )


def _without_digests(value: Any) -> Any:
    """The value of a setting, without digests of the user's components.

    `_refuse_another_run` compares these values, so that a component that was only edited is not another setting.
    """
    if isinstance(value, list):
        return [_without_digests(entry) for entry in value]
    return {k: v for k, v in value.items() if k != "digest"} if isinstance(value, dict) else value


def sample(
    run: "Run | Path | str",
    n: int = 64,
    seed: int = 0,
    label: int | None = None,
    step: int | str = "final",
    out: Path | str | None = None,
    folder: Path | str | None = None,
) -> "Samples":
    """Images of a run's generator, like `gan-bench sample`.

    Args:
        run: a `Run`, the folder of a run, its name in the results (STUDY/DATASET/CELL/seed0), or its key in the store.
        n: number of images.
        seed: seed of the latents.
        label: for a conditional run, the number of the class to generate, counted from 0; None for all classes.
        step: "final", "best" (by validation score), or the training step of a generator that was kept.
        out: .png or .npy file to write.
        folder: new folder for one .png file per image.

    Raises:
        UserError: the run has no such generator, or an argument is not valid.
    """
    from gan_bench.jobs.sample import chosen_step, samples_of, write_pictures

    place = run.folder if isinstance(run, Run) else named_run(str(run))
    samples = Samples(samples_of(place, n, seed, label, chosen_step(place, str(step))[0]))
    if out is not None:
        samples.save(out)
    if folder is not None:
        write_pictures(Path(folder), samples.images)
    return samples


def named_run(name: str) -> Path:
    """Folder of a run, from its folder, its name in the results or its key in the store, as in `sample`."""
    from gan_bench.jobs.find_run import find_run
    from gan_bench.verify.stored import results_folder

    return find_run(name, results_folder())


class Run:
    """A run that has finished."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @functools.cached_property
    def status(self) -> dict[str, Any]:
        """Content of status.json; its "status" is ok, diverged, failed or timeout."""
        status: dict[str, Any] = read_json(self.folder / paths.STATUS)
        return status

    @property
    def settings(self) -> dict[str, Any]:
        """The complete settings of the run, from settings.json."""
        settings: dict[str, Any] = read_json(self.folder / paths.SETTINGS)
        return settings

    @functools.cached_property
    def history(self) -> "pd.DataFrame":
        """One row for each log point (results/README.md)."""
        import pandas as pd

        return pd.read_parquet(self.folder / paths.HISTORY)

    @property
    def samples(self) -> Picture:
        """Picture of samples at the end of the training."""
        return Picture((self.folder / paths.SAMPLES).read_bytes(), "samples")

    @property
    def progress(self) -> Picture:
        """Animation of the images of fixed latents during the training."""
        return Picture((self.folder / paths.PROGRESS).read_bytes(), "progress")

    def sample(self, n: int = 64, seed: int = 0, label: int | None = None, step: int | str = "final") -> "Samples":
        """Images of this run's generator; see gan_bench.sample."""
        return sample(self, n, seed, label, step)

    def __repr__(self) -> str:
        status = self.status
        end = "" if status["step"] is None else f" at step {status['step']}"
        return f"run {self.folder}: {status['status']}{end}, {status['g_steps']} generator steps"

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        return {"text/plain": repr(self), **self.samples._repr_mimebundle_()}


class Samples:
    """Samples of a generator. `images`: (n, c, h, w) uint8, or float32 for points."""

    def __init__(self, images: "np.ndarray") -> None:
        self.images = images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> "np.ndarray":
        return self.images if dtype is None else self.images.astype(dtype)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, c, h, w)."""
        return self.images.shape

    @property
    def picture(self) -> Picture:
        """The images in a grid."""
        from gan_bench.jobs.sample import png_grid

        return Picture(png_grid(self.images), "samples")

    def save(self, out: Path | str) -> None:
        """Write a .png grid or a .npy array. UserError for another suffix."""
        from gan_bench.jobs.sample import write_images

        write_images(self.images, Path(out))

    def __repr__(self) -> str:
        return f"<{plural(len(self), 'sample')} of shape {' x '.join(map(str, self.images.shape[1:]))}>"

    def _repr_mimebundle_(self, **_options: object) -> dict[str, bytes]:
        return self.picture._repr_mimebundle_()
