"""The loop around the steps: which data and draws go in, when to log, take a picture, save and stop."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.train.game import Game, draw_latents
from gan_bench.train.monitor import Divergence
from gan_bench.train.schedule import Schedule
from gan_bench.train.snapshot import draw_images
from gan_bench.train.state import State
from gan_bench.train.step import Player, discriminator_step, generator_step, global_norm


@dataclass(frozen=True)
class Hooks:
    """What happens around the training without changing it. `save` is called at least `save_seconds` apart."""

    save: Callable[[State], None]
    save_seconds: float
    logged: Callable[[State], None]
    stop_after: int | None = None


def train(game: Game, state: State, plan: Schedule, images: Tensor, hooks: Hooks) -> Divergence | None:
    """Train to the end of the plan, or to the first number that is not finite, which is returned.

    images: uint8 (n,C,H,W) on the device. With `hooks.stop_after` the loop saves and returns when so many G steps
    are done in all.
    """
    log_steps, snapshot_steps = set(plan.log_steps), set(plan.snapshot_steps)
    last = plan.g_steps if hooks.stop_after is None else min(hooks.stop_after, plan.g_steps)
    if state.step == 0 and not state.frames and 0 in snapshot_steps:
        _snapshot(game, state)
    begun, before = time.monotonic(), state.seconds
    saved = begun
    while state.step < last:
        iterate(game, state, plan, images)
        now = time.monotonic()
        state.seconds = before + now - begun
        if state.step in log_steps:
            divergence = state.monitor.flush() or _bad_weights(state)
            if divergence is not None:
                return divergence
            hooks.logged(state)
        if state.step in snapshot_steps:
            _snapshot(game, state)
        if now - saved >= hooks.save_seconds:
            hooks.save(state)
            saved = time.monotonic()
    if last < plan.g_steps:
        hooks.save(state)
    return None


def iterate(game: Game, state: State, plan: Schedule, images: Tensor) -> None:
    """`d_steps` discriminator steps, each on a fresh batch and fresh noise, then one generator step."""
    for _ in range(plan.d_steps):
        real = to_unit(images[torch.from_numpy(state.sampler.next()).to(images.device)])
        draws = game.penalty_draw(state.rngs["penalty"], plan.batch_size)
        tensors = {name: _tensor(draw, images.device) for name, draw in draws.items()}
        z = _latents(game, state, plan.batch_size)
        state.monitor.record_discriminator(
            discriminator_step(game, state.generator, state.discriminator, real, z, tensors)
        )
    z = _latents(game, state, plan.batch_size)
    # A loss that compares with real images sees the batch of the last D step: no image is shown uncounted.
    state.monitor.record_generator(generator_step(game, state.generator, state.discriminator, z, real))
    state.step += 1


def _latents(game: Game, state: State, batch_size: int) -> Tensor:
    return _tensor(draw_latents(state.rngs["noise"], batch_size, game.latent_dim), state.snapshot_latents.device)


def _tensor(values: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(values).to(device)


def _snapshot(game: Game, state: State) -> None:
    player = state.generator
    state.frames.append(
        (state.step, draw_images(game.generator, player.parameters, player.buffers, state.snapshot_latents))
    )


def _bad_weights(state: State) -> Divergence | None:
    """The last step's update can break the weights when all that was reported of it is finite."""
    for name, player in (("discriminator", state.discriminator), ("generator", state.generator)):
        norm = global_norm(_numbers(player)).item()
        if not math.isfinite(norm):
            return Divergence(
                state.step, f"the norm of the {name}'s weights is {norm} after generator step {state.step}"
            )
    return None


def _numbers(player: Player) -> list[Tensor]:
    tensors = [*player.parameters.values(), *player.buffers.values()]
    return [tensor.detach() for tensor in tensors if tensor.is_floating_point()]
