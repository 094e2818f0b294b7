"""Operations on the stacked tensors of several runs give the bits of the same operations on each run."""

import pytest
import torch
from torch.nn import functional as F

from gan_bench.stacking.graph import Stacked
from gan_bench.stacking.replay import Memory

RUNS = 5


def drawn(*shape, seed=0):
    return torch.randn((RUNS, *shape), generator=torch.Generator().manual_seed(seed))


def check(function, *args):
    """Check that the stacked function equals the function applied to each run.

    Returns the names of the operations of the stacked function.
    """
    together = Stacked(function, args)
    for _ in range(2):
        found = together(*args)
        for run in range(RUNS):
            own = function(*(arg[run] for arg in args))
            for a, b in zip(found, own, strict=True):
                assert a[run].dtype == b.dtype
                torch.testing.assert_close(a[run], b, rtol=0, atol=0, equal_nan=True)
        args = tuple(arg.flip(0) for arg in args)  # The second pass replays the operations on other numbers
    return together.names


@pytest.mark.parametrize("size", [1, 7, 13, 64, 129])
@pytest.mark.parametrize("function", [torch.exp, torch.tanh, torch.sigmoid, F.softplus, F.logsigmoid, F.elu, F.gelu])
def test_functions_are_stacked_only_where_a_run_fills_whole_vectors(function, size):
    names = check(lambda x: [function(x)], drawn(size))
    assert ("each" in names) is (size % 64 != 0)


@pytest.mark.parametrize("shape", [(8, 12, 1), (64, 64, 64), (5, 3, 130)])
def test_linear_layers_and_their_gradients(shape):
    batch, inputs, outputs = shape

    def layer(x, weight, bias):
        leaves = [t.detach().requires_grad_() for t in (x, weight, bias)]
        with torch.enable_grad():
            value = F.leaky_relu(F.linear(*leaves), 0.2).square().mean()
            return [value.detach(), *torch.autograd.grad(value, leaves)]

    check(layer, drawn(batch, inputs), drawn(outputs, inputs, seed=1), drawn(outputs, seed=2))


def test_arithmetic_aligns_tensors_of_fewer_axes_within_a_run():
    names = check(
        lambda x, row, one: [x * row + one, one - x, torch.where(x > one, x, row)], drawn(4, 3), drawn(3), drawn()
    )
    assert "each" not in names


def test_views_shift_their_axes():
    def views(x):
        y = x.permute(2, 0, 1)[1:, :, -1]
        first, last = x.split([1, 2], dim=0)
        return [y.unsqueeze(-1), x.flatten(1).t(), first.squeeze(0).expand(2, 4, 5), torch.cat((last, x), dim=1 - 1)]

    assert "each" not in check(views, drawn(3, 4, 5))


def test_reductions_moments_norms_and_sorts():
    def reduced(x):
        sd, mean = torch.std_mean(x, dim=1, correction=0)
        return [x.sum(), x.mean(0), sd, mean, x.amax(1), x.sort(dim=1).values, torch.log_softmax(x, 1),
                *torch._foreach_norm([x, x[0]])]  # fmt: skip

    check(reduced, drawn(6, 64))


def test_layers_that_are_computed_run_by_run():
    def layers(x, kernel, mean, variance):
        y = F.conv_transpose2d(F.conv2d(x, kernel, stride=2), kernel)
        return [F.batch_norm(y, mean, variance, training=True), F.group_norm(y, 1), mean, variance]

    one = torch.ones(RUNS, 3)
    assert "each" in check(layers, drawn(4, 3, 9, 9), drawn(2, 3, 3, 3, seed=1), one * 0, one)


def test_what_is_changed_in_place_is_changed_for_every_run():
    def changed(x):
        y = x.clone()
        y.masked_fill_(x > 0, 2.0)
        y[1].add_(x[0], alpha=0.5)
        return [y, y.fill_diagonal_(-1.0)]

    check(changed, drawn(4, 4))


def test_constants_stay_shared_and_an_output_of_constants_is_given_to_every_run():
    check(lambda x: [x + torch.arange(3.0), torch.ones(2), torch.full_like(x, 4.0)], drawn(3))


def test_constants_are_computed_once_but_not_where_they_are_written_into():
    names = check(lambda x: [x * torch.ones_like(x).neg().exp(), x.new_zeros(3) - 1.0], drawn(3))
    assert names == ["mul.Tensor"]
    names = check(lambda x: [torch.zeros_like(x).add_(x), torch.zeros(3).add_(1.0) + x], drawn(3))
    assert {"zeros_like.default", "zeros.default"} <= set(names)


def test_views_cost_no_call():
    assert check(lambda x: [x.t().reshape(-1)[:4].view(2, 2).unsqueeze(0).expand(3, 2, 2)], drawn(1, 5)) == []


def test_results_lie_where_others_were_that_nothing_needs():
    def chain(x):
        for _ in range(20):
            x = torch.tanh(x) + x
        return [x]

    together = Stacked(chain, (drawn(64),))
    places = {action.keywords["out"].data_ptr() for action in together.actions}
    assert len(together.actions) == 40 and len(places) <= 3
    check(chain, drawn(64))


def test_memory_is_given_again_only_when_all_that_see_it_are_done():
    memory, like = Memory(), torch.empty(4, 3)
    first = memory.take(like)
    memory.hold(first)
    memory.hold([first[1], first.t()])
    memory.drop(first)
    second = memory.take(like)
    assert second.data_ptr() != first.data_ptr()
    memory.hold(second)
    memory.drop([first[1], first.t()])
    assert memory.take(like.t()).data_ptr() == first.data_ptr()
    assert memory.take(like.double()).data_ptr() != first.data_ptr()


def test_arguments_that_stay_are_read_anew():
    x, y = drawn(3), drawn(3, seed=1)
    together = Stacked(lambda x, y: [x * y], (x, y), stay=True)
    x.add_(1.0)
    assert torch.equal(together.again()[0], x * y)
    (found,) = together(x, y + 1.0)
    assert torch.equal(found, x * y) and torch.equal(y, drawn(3, seed=1) + 1.0)


def test_a_step_that_writes_into_what_it_is_given_is_refused_and_leaves_it():
    x = drawn(3)
    with pytest.raises(RuntimeError, match="writes into its arguments"):
        Stacked(lambda x: [x.mul_(2.0) + 1.0], (x,), stay=True)
    assert torch.equal(x, drawn(3))


def test_two_steps_share_memory_without_touching_results():
    memory, x = Memory(), drawn(64)
    first = Stacked(lambda x: [torch.tanh(torch.exp(x) + 1.0)], (x,), memory=memory)
    found = first(x)[0].clone()
    second = Stacked(lambda x: [torch.sigmoid(torch.exp(x) * 2.0)], (x,), memory=memory)
    other = second(x)[0].clone()
    assert torch.equal(first(x)[0], found) and torch.equal(second.outputs[0], other)


def test_what_cannot_be_written_into_for_every_run_is_refused():
    def shared(x):
        return [torch.zeros(3).add_(x)]

    def of_a_view(x):
        y = x.clone()
        torch.as_strided(y.t(), (2,), (4,), 1).fill_(0.0)  # stacking would write to a copy of this view, not to y
        return [y]

    for function in (shared, of_a_view):
        with pytest.raises(NotImplementedError, match=r"writes into|as_strided is called"):
            Stacked(function, (drawn(3) if function is shared else drawn(4, 3),))


def test_a_branch_on_numbers_cannot_be_stacked():
    with pytest.raises(RuntimeError):
        Stacked(lambda x: [x if x.sum().item() > 0 else -x], (drawn(3),))


def test_a_run_of_nan_stays_alone():
    x, weight = drawn(8, 64), drawn(64, 64, seed=1)
    function = Stacked(lambda x, w: [torch.tanh(x @ w).mean(0)], (x, weight))
    clean = function(x, weight)[0].clone()
    x[2] = float("nan")
    (found,) = function(x, weight)
    assert torch.isnan(found[2]).all()
    others = [0, 1, 3, 4]
    assert torch.equal(found[others], clean[others])
