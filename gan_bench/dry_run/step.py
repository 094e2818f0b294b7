"""Check of a loss on random logits, and of one training step of a variant on random images: gradients and time."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_bench import registry
from gan_bench.changes import in_words
from gan_bench.dry_run.functions import place
from gan_bench.errors import UserError
from gan_bench.methods import Setup
from gan_bench.registry import PACKAGE
from gan_bench.train._torch import deterministic
from gan_bench.train.loop import TrainingData, iterate
from gan_bench.train.schedule import schedule
from gan_bench.train.state import start

Shape = tuple[int, int, int]
BATCH = 8
#: Timing ends after this many seconds or steps, whichever comes first.
TIMED_SECONDS, TIMED_STEPS = 0.5, 30


def broken_loss(ref: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on mistakes of a loss: each half of D's loss, and G's loss, must be a scalar."""
    file, module = place("losses", ref), registry.load("losses", ref["name"])
    facts = registry.component("losses", ref["name"]).facts
    state = {name: torch.tensor(float(value)) for name, value in facts.get("state", {}).items()}
    more: dict[str, Any] = {"state": state} if state else {}
    generator = torch.Generator().manual_seed(0)
    real, fake = (torch.rand(BATCH, generator=generator) + 0.1 for _ in range(2))
    for name in ("discriminator", "generator"):
        try:
            value = getattr(module, name)(real, fake, ref, **more)
        except Exception as error:
            yield f"{file}: {name}() raises {type(error).__name__} for logits of shape ({BATCH},): {error}"
            continue
        parts = [value]
        if name == "discriminator":
            if not isinstance(value, tuple) or len(value) != 2:
                yield f"{file}: discriminator() returns {_found(value)}, expected two scalars (real half, fake half)."
                continue
            parts = list(value)
        if wrong := [part for part in parts if not isinstance(part, Tensor) or part.ndim]:
            yield f"{file}: {name}() returns {_found(wrong[0])}, expected a scalar, the mean over the minibatch."


def _found(value: Any) -> str:
    return f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"


def try_step(
    settings: Mapping[str, Any], shape: Shape, classes: int, timed_seconds: float = TIMED_SECONDS
) -> tuple[list[str], list[float]]:
    """(sentences on mistakes in one training step, seconds of each further step).

    The seconds are CPU seconds divided by the number of threads. ([], []) for a method without steps.
    """
    name, n = settings["method"]["name"], max(2 * settings["batch_size"] if settings["batch_size"] else 2, 2)
    points = shape[1:] == (1, 1)
    generator = torch.Generator().manual_seed(0)
    images = (
        torch.rand(n, *shape, generator=generator)
        if points
        else torch.randint(0, 256, (n, *shape), dtype=torch.uint8, generator=generator)
    )
    data = TrainingData(images, torch.arange(n) % classes if classes else None)
    setup, device = Setup({**settings, "seed": 0}, shape, classes), torch.device("cpu")
    try:
        with deterministic(settings["threads"], device):
            plan = schedule(settings, n)
            if not plan.g_steps:
                return [], []
            program, state = start(setup, n, plan, device)
            before = {player: _copies(state.players[player].parameters) for player in state.players}

            def step() -> None:
                state.monitor.filled = dict.fromkeys(state.monitor.filled, 0)  # discards what the previous step logged
                iterate(program, state, plan, data)

            step()
            idle = [player for player, old in before.items() if old and _same(old, state.players[player].parameters)]
            seconds = [] if idle else [second / settings["threads"] for second in _time(step, timed_seconds)]
    except UserError as error:
        return list(error.sentences), []
    except Exception as error:
        return [f"{_where(error)}one training step raises {in_words(error)}"], []
    part = settings["loss"] or settings["method"]
    file = place("losses" if settings["loss"] else "methods", part)
    return [
        f"{file}: no gradient reaches the {player} in one training step of method {name!r}." for player in idle
    ], seconds


def _time(step: Callable[[], None], total: float) -> list[float]:
    """CPU seconds of further steps. CPU time does not include the work of other processes."""
    seconds: list[float] = []
    most = TIMED_STEPS * total / TIMED_SECONDS
    while len(seconds) < most and sum(seconds) < total:
        begun = time.process_time()
        step()
        seconds.append(time.process_time() - begun)
    return seconds


def _copies(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _same(old: Mapping[str, Tensor], new: Mapping[str, Tensor]) -> bool:
    return all(torch.equal(old[name], new[name].detach()) for name in old)


def _where(error: BaseException) -> str:
    """File and function of the innermost frame in a user's file, as the start of a sentence; "" if there is none."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(part in frame.filename for part in ("site-packages", str(PACKAGE), "<", "/lib/python"))
    ]
    return f"{Path(frames[-1].filename).name}, {frames[-1].name}(): " if frames else ""
