"""Writes a commented study file for a folder of pictures."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from gan_bench.errors import UserError
from gan_bench.files import write_text
from gan_bench.photos.look import FEWEST, Folder, look_at, split_sentence
from gan_bench.photos.recipe import Choice, choices, steps, timed
from gan_bench.registry import component
from gan_bench.words import plural

#: SIZES: sides of images, in px, that the recipe's networks support. The default side is LARGE if the budget is at
#: least MINUTES_OF_LARGE core minutes and no picture has a side shorter than LARGE. Otherwise it is SMALL.
SIZES, SMALL, LARGE, MINUTES_OF_LARGE = (8, 16, 28, 32, 64), 32, 64, 240.0
UNITS = {"min": 1.0, "m": 1.0, "h": 60.0, "": 1.0}


def minutes_of(text: str) -> float:
    """Minutes in a text such as "30min", "2h" or "30". UserError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(min|m|h|)", text.strip())
    if match is None or not float(match[1]):
        raise UserError(f"--budget is {text!r}; valid: a time such as 30min or 2h.")
    return float(match[1]) * UNITS[match[2]]


def new_study(path: Path, size: int | None, budget: str, cores: int, out: Path) -> list[str]:
    """Write a study for the pictures in `path` to the file `out`. Returns sentences on findings and choices.

    Raises:
        UserError: `out` exists, the folder, the size or the budget is not valid, or a timed training step fails.
    """
    minutes = minutes_of(budget)
    if out.exists():
        raise UserError(f"{out}: this file already exists; name another file with --out.")
    if size is not None and size not in SIZES:
        raise UserError(f"--size is {size}; valid: {', '.join(map(str, SIZES))}.")
    folder = look_at(path, FEWEST)
    side = size or (LARGE if minutes * cores >= MINUTES_OF_LARGE and folder.smallest >= LARGE else SMALL)
    shape = (3 if folder.colour else 1, side, side)
    chosen = timed(choices(folder.count, minutes, cores), shape)
    seeds = 1 if len(chosen) >= cores else cores // len(chosen)
    counts = [steps(choice, minutes, len(chosen) * seeds, cores) for choice in chosen]
    sentences = [*folder.sentences(), *advice(folder, side, size is None, minutes, cores, chosen, counts)]
    write_text(out, _text(folder, shape, seeds, chosen, counts, minutes, sentences))
    runs = plural(len(chosen) * seeds, "run")
    return [
        *sentences,
        f"{out}: {runs}. Next: gan-bench check {out}, then gan-bench run {out} (in a clone, or in a folder that "
        "gan-bench init makes).",
    ]


def advice(
    folder: Folder, side: int, by_default: bool, minutes: float, cores: int, chosen: list[Choice], counts: list[int]
) -> list[str]:
    """Sentences on the split, the size, the steps and the quality to expect."""
    test = round(component("data", "image_folder").settings["test_fraction"].default * folder.count)
    said = [split_sentence(folder.count - test, test)]
    if folder.smallest < side:
        said.append(f"The shortest side of a picture is {folder.smallest} px; such pictures are enlarged to {side} px.")
    if by_default:
        said.append(
            f"Size {side} px, the default for a budget of {minutes:g} min; --size changes it." if side < LARGE else ""
        )
    for choice, count in zip(chosen, counts, strict=True):
        speed = f"{1 / choice.seconds:.1f} generator steps per second"
        said.append(f"{choice.name}: {speed} on this machine, so {plural(count, 'step')}.")
    shown = counts[0] * chosen[0].keys["batch_size"]
    if shown < 100_000:
        need = 100_000 / shown * minutes
        said.append(
            f"D will see {shown:,} pictures. Below about 100,000, samples are blurred with every variant. "
            f"About {need:.0f} min on {plural(cores, 'core')} are enough for 100,000."
        )
    return [sentence for sentence in said if sentence]


def _text(
    folder: Folder,
    shape: tuple[int, int, int],
    seeds: int,
    chosen: Sequence[Choice],
    counts: Sequence[int],
    minutes: float,
    sentences: Sequence[str],
) -> str:
    dataset: dict[str, Any] = {"name": "image_folder", "label": "pictures", "path": str(folder.path.resolve())}
    dataset |= {"size": shape[1], "channels": shape[0], "on_error": "skip" if folder.broken else "refuse"}
    dataset |= {"labels": "folders"} if folder.labelled else {}
    lines = [f"# Written by gan-bench new-study --folder {folder.path} --budget {minutes:g}min.", "#"]
    lines += [f"# {sentence}" for sentence in sentences]
    lines += ["", "description: GANs on a folder of pictures.", "", "datasets:", f"  - {_flow(dataset)}", ""]
    lines.append("variants:")
    for choice, count in zip(chosen, counts, strict=True):
        lines.append(f"  # {choice.reason}")
        lines.append(f"  - {_flow({'name': choice.name, **choice.keys, 'budget': {'g_steps': count}})}")
    lines += [
        "",
        f"seeds: {seeds}                 # one seed is enough for pictures; comparing variants needs several",
        "chunk: 1                 # one job per run, so no core is idle",
        f"budget: {{g_steps: {counts[0]}}}   # {minutes:g} minutes on this machine, in steps for repeatable results",
        "log_points: 200",
        "snapshots: 16            # samples during training, for progress.gif",
        "checkpoints: 4           # scores during training: the page says which variants were still improving",
        "evaluation: {metrics: [frechet, kid, precision_recall, training_neighbours]}",
        "",
    ]
    return "\n".join(lines)


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000).strip()
