"""Every optimizer of the folder meets these requirements. A new file is tested without a new test."""

import copy

import pytest
import torch
from stepping import gradients, walk

from gan_bench.config.grammar.reference import resolve
from gan_bench.registry import component, load, names

every_optimizer = pytest.mark.parametrize("name", names("optimizers"))


@every_optimizer
def test_the_declaration_is_complete_and_every_number_has_an_effect(name):
    declared = component("optimizers", name)
    assert declared.paper and "lr" in declared.settings
    steps, start = gradients(4, 5), torch.zeros(5, dtype=torch.float64)
    usual = walk(name, start, steps)
    for key, setting in declared.settings.items():
        if setting.type == "float":
            changed = {key: 0.9 * setting.default or 0.5}
            assert not torch.equal(walk(name, start, steps, **changed), usual), key


@every_optimizer
def test_it_goes_down_a_valley(name):
    parameter = torch.tensor([3.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = load("optimizers", name).build([parameter], resolve("optimizers", {"name": name, "lr": 0.05}))
    start = parameter.detach().clone()
    for _ in range(300):
        optimizer.zero_grad()
        parameter.square().sum().backward()
        optimizer.step()
    assert (parameter.abs() < 0.6 * start.abs()).all()


@every_optimizer
def test_repeated_steps_are_bit_identical_wherever_the_tensor_lies(name):
    steps, start = gradients(20, 1021, dtype="float32"), gradients(1, 1021, seed=1, dtype="float32")[0]
    shifted = torch.cat([torch.zeros(3), start])[3:]
    first, again = walk(name, start, steps), walk(name, shifted, steps)
    assert torch.equal(first, again)


@every_optimizer
def test_a_run_that_is_resumed_from_its_state_goes_on_bit_identically(name):
    steps, start = gradients(10, 37, dtype="float32"), torch.zeros(37)
    whole = walk(name, start, steps)
    ref, build = resolve("optimizers", name), load("optimizers", name).build
    parameter = start.clone().requires_grad_()
    optimizer = build([parameter], ref)
    for number, gradient in enumerate(steps):
        if number == 4:
            kept = copy.deepcopy(optimizer.state_dict())
            parameter = parameter.detach().clone().requires_grad_()
            optimizer = build([parameter], ref)
            optimizer.load_state_dict(kept)
        parameter.grad = gradient.clone()
        optimizer.step()
    assert torch.equal(parameter.detach(), whole[-1])


@every_optimizer
def test_stacked_parameters_step_like_their_parts(name):
    steps, start = gradients(20, 3, 13, dtype="float32"), gradients(1, 3, 13, seed=1, dtype="float32")[0]
    stacked = walk(name, start, steps)
    single = torch.stack([walk(name, start[i], steps[:, i]) for i in range(3)], dim=1)
    torch.testing.assert_close(stacked, single, rtol=1e-5, atol=1e-7)


@every_optimizer
def test_a_gradient_that_is_not_a_number_is_not_hidden(name):
    found = walk(name, torch.zeros(3), torch.tensor([[1.0, float("nan"), 1.0]]))
    assert found[0].isnan().tolist() == [False, True, False]
