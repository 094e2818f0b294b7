"""Training calls the functions of a trick at the documented places. The tricks of these tests are users' files."""

import pytest
import torch

from gan_bench.errors import UserError
from gan_bench.game import step
from gan_bench.game.game import build_game
from gan_bench.game.loss import BoundLoss, with_soft_targets
from gan_bench.game.network import copy_of
from gan_bench.game.rounds import optimizers_of
from gan_bench.train.loop import Hooks, TrainingData, iterate, train

START = torch.tensor(0.0)
IMAGES = torch.randint(0, 256, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
LABELS = torch.arange(40) % 3
HEAD = '"""A trick."""\nimport torch\nfrom torch import nn\nimport numpy as np\n'


@pytest.fixture
def trick(tmp_path):
    """trick(name, facts, body): writes a trick file and returns its path."""

    def written(name, facts, body):
        declared = {"paper": "", "settings": {}, "deviations": [], **facts}
        (tmp_path / f"{name}.py").write_text(f"{HEAD}FACTS = {declared!r}\n{body}")
        return str(tmp_path / f"{name}.py")

    return written


def objective(game, players, real, fake, draws=None):
    d = players["discriminator"]
    sides = [{"images": real, "draws": {}}, {"images": fake, "draws": {}}]
    return step.discriminator_objective(game, d.parameters, d.buffers, *sides, draws or {}, START)[0]


REAL = torch.rand((8, 1, 8, 8), generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_views_meet_every_image_and_real_hooks_the_real_ones(played, trick):
    real_only = trick("a", {}, "def real(x, draws, settings):\n    return -x\n")
    every = trick("b", {}, "def view(x, draws, progress, settings):\n    return x / 2 + progress\n")
    plain, players, _ = played()
    game, _, _ = played(tricks=[every, real_only])
    expected = objective(plain, players, -REAL / 2, REAL.flip(0) / 2)
    torch.testing.assert_close(objective(game, players, REAL, REAL.flip(0)), expected)


def test_draws_reach_the_trick_that_drew_them(played, trick):
    body = (
        "def draw(rng, batch, shape, settings):\n    return {'by': rng.standard_normal((batch, 1, 1, 1))}\n"
        "def view(x, draws, progress, settings):\n    return x * draws['by']\n"
    )
    game, _, state = played(tricks=[trick("scale", {}, body)])
    draws = game.d_input.draw(state.rngs["tricks"], 8, (1, 8, 8))
    tensors = {name: torch.from_numpy(value) for name, value in draws["scale"].items()}
    seen = game.d_input.transform({"images": REAL, "draws": {"scale": tensors}}, START, real=False)
    assert tensors["by"].shape == (8, 1, 1, 1) and torch.equal(seen, REAL * tensors["by"])


def test_packing_stacks_neighbours_along_channels(played, trick):
    game, players, _ = played(
        tricks=[trick("packing", {"packs": "m", "settings": {"m": {"type": "int", "default": 2}}}, "")]
    )
    seen = game.d_input.transform({"images": REAL, "draws": {}}, START, real=True)
    assert seen.shape == (4, 2, 8, 8) and torch.equal(seen[1], REAL[2:4, 0])
    assert players["discriminator"].parameters["1.weight"].shape[1] == 128
    logits, rest = game.split_output(game.discriminator(players["discriminator"].parameters, {}, seen))
    assert logits.shape == (4,) and rest.shape == (4, 0)


def test_classes_reach_both_players_and_agree_between_real_and_fake(fresh, trick, monkeypatch):
    from gan_bench.game import rounds

    labels = trick("labels", {"conditions": True, "d_sees_labels": True, "needs_labels": True}, "")
    program, state, plan = fresh(classes=3, tricks=[labels], d_steps=1)
    assert program.class_columns == slice(4, 7)
    sides = []
    original = rounds.discriminator_step

    def seen(game, d, real, fake, draws, progress):
        sides.append(
            (real, fake, game.d_input.with_class_planes(game.d_input.transform(fake, progress, real=False), fake))
        )
        return original(game, d, real, fake, draws, progress)

    monkeypatch.setattr(rounds, "discriminator_step", seen)
    iterate(program, state, plan, TrainingData(IMAGES, LABELS))
    ((real, fake, planes),) = sides
    assert torch.equal(real["classes"], fake["classes"])
    assert torch.equal(real["classes"].argmax(1), real["labels"])
    assert planes.shape == (8, 4, 8, 8) and torch.equal(planes[:, 1:, 0, 0], fake["classes"])
    assert (planes[:, 1:] == planes[:, 1:, :1, :1]).all()


def test_a_penalty_is_taken_with_the_classes_of_the_real_side(played, trick):
    labels = trick("labels", {"conditions": True, "d_sees_labels": True}, "")
    game, players, _ = played(classes=3, tricks=[labels], penalty="gradient_penalty")
    d, classes = players["discriminator"], torch.eye(3)[torch.arange(8) % 3]
    real, fake = ({"images": x, "classes": classes, "draws": {}} for x in (REAL, -REAL))
    draws = {"epsilon": torch.full((8, 1, 1, 1), 0.25)}
    _, aux = step.discriminator_objective(game, d.parameters, d.buffers, real, fake, draws, START)
    between = (0.25 * REAL - 0.75 * REAL).requires_grad_()
    planes = classes[:, :, None, None].expand(8, 3, 8, 8)
    out = game.discriminator(d.parameters, copy_of(d.buffers), torch.cat((between, planes), dim=1))
    (gradient,) = torch.autograd.grad(out.sum(), between)
    expected = 10 * (gradient.flatten(1).norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(aux.stats[2], expected)


def test_targets_mix_the_halves_as_cross_entropy_does():
    from gan_bench.losses import minimax

    real, fake, t = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0]), torch.tensor([0.9, 0.2])
    loss = BoundLoss(minimax, {"settings": {}})
    found = with_soft_targets(loss, real, fake, t, 1 - t)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    torch.testing.assert_close(found[0], entropy(real, t))
    torch.testing.assert_close(found[1], entropy(fake, 1 - t))


def test_target_hooks_know_the_side_and_act_in_order(played, trick):
    smooth = trick("a", {}, "def targets(t, draws, real, settings):\n    return t * 0.9 if real else t + 0.2\n")
    flip = trick("b", {}, "def targets(t, draws, real, settings):\n    return 1 - t\n")
    game, _, _ = played(tricks=[flip, smooth], loss="least_squares")
    on_real, on_fake = torch.tensor([0.3]), torch.tensor([0.6])
    side = {"draws": {}}
    halves = game.halves(game.loss.at({}), on_real, on_fake, side, side)
    t_real, t_fake = 0.1, 0.8
    torch.testing.assert_close(halves[0], t_real * (on_real[0] - 1) ** 2 + (1 - t_real) * on_real[0] ** 2)
    torch.testing.assert_close(halves[1], t_fake * (on_fake[0] - 1) ** 2 + (1 - t_fake) * on_fake[0] ** 2)


def test_an_auxiliary_term_is_in_both_objectives_and_its_head_beside_the_logit(fresh, played, trick):
    body = (
        "def head_width(scene, settings):\n    return 2\n"
        "def auxiliary(head, classes, codes, real, settings):\n"
        "    return None if real else 3 * head.square().mean()\n"
    )
    tricks = [trick("head", {}, body)]
    game, players, state = played(tricks=tricks)
    assert step.stats_of(game)["d"][-2:] == ("d_auxiliary", "gn_d")
    g, d = players["generator"], players["discriminator"]
    z = torch.randn((8, 4), generator=torch.Generator().manual_seed(1))
    fake = step.generated_minibatch(game, g, z, {})
    value, aux = step.discriminator_objective(
        game, d.parameters, d.buffers, {"images": REAL, "draws": {}}, fake, {}, START
    )
    output = game.discriminator(d.parameters, {}, fake["images"])
    assert output.shape == (8, 3)
    auxiliary = 3 * output[:, 1:].square().mean()
    torch.testing.assert_close(aux.stats[-1], auxiliary.detach())
    torch.testing.assert_close(value, aux.stats[0] + aux.stats[1] + auxiliary)
    g_value, g_aux = step.generator_objective(game, g.parameters, g.buffers, d.parameters, d.buffers, z, {}, {}, START)
    torch.testing.assert_close(g_value.detach(), g_aux.stats.sum())
    head = d.parameters[list(d.parameters)[-1]]
    (gradient,) = torch.autograd.grad(value, head)
    assert gradient.shape == (3,) and (gradient != 0).all()
    program, state, plan = fresh(tricks=tricks)
    iterate(program, state, plan, TrainingData(IMAGES))
    assert state.monitor.columns[-2:] == ["d_auxiliary", "g_auxiliary"]


def test_state_of_a_loss_lives_among_the_discriminator_s_buffers(fresh, tmp_path):
    (tmp_path / "counted.py").write_text('''
"""Counted."""
FACTS = {"paper": "", "settings": {"by": {"type": "float", "default": 0.25}}, "deviations": [], "family": "x",
         "output": "raw", "equilibrium": None, "state": {"k": 0.5}}

def discriminator(real, fake, settings, state):
    return real.mean(), state["k"] * fake.mean()

def generator(real, fake, settings, state):
    return -fake.mean() * state["k"]

def update(state, real, fake, settings):
    return {"k": state["k"] + settings["by"]}
''')
    program, state, plan = fresh(loss=str(tmp_path / "counted.py"))
    d = state.players["discriminator"]
    assert d.buffers["loss.k"].item() == 0.5
    iterate(program, state, plan, TrainingData(IMAGES))
    assert d.buffers["loss.k"].item() == 1.0, "two D steps"


def test_two_tricks_that_decide_the_same_are_refused(settings, trick):
    files = [trick(name, {}, "def judge(d, real, fake, settings):\n    return d(real), d(fake)\n") for name in "ab"]
    with pytest.raises(UserError, match="a and b cannot be combined: each of them sets judge"):
        build_game(settings(tricks=files), (1, 8, 8))


def test_a_trick_that_needs_classes_says_so_without_labels(settings, trick):
    labels = trick("labels", {"conditions": True, "d_sees_labels": True}, "")
    with pytest.raises(UserError, match="needs class labels, but the data set has none"):
        build_game(settings(tricks=[labels]), (1, 8, 8), 0)


def test_optimizers_of_a_trick_take_the_place_of_the_run_s(settings, trick):
    body = "def optimizers(g, d, settings):\n    return {**g, 'lr': g['lr'] * 2}, {'name': 'sgd', 'lr': 1.0}\n"
    run = settings(tricks=[trick("rates", {}, body)])
    found = optimizers_of(run)
    assert found["generator"]["lr"] == 2 * run["g_optimizer"]["lr"] and found["discriminator"]["name"] == "sgd"


def test_code_columns_come_after_the_noise(played, trick):
    body = (
        "def code_width(settings):\n    return 2\n"
        "def code(rng, n, settings):\n    return rng.uniform(-1, 1, (n, 2)).astype(np.float32)\n"
    )
    game, players, state = played(tricks=[trick("codes", {}, body)])
    z = torch.from_numpy(game.layout.draw(state.rngs["noise"], 6))
    assert z.shape == (6, 6) and players["generator"].parameters["0.weight"].shape[1] == 6
    assert torch.equal(game.layout.classes_and_codes(z)["codes"], z[:, 4:])


def test_a_schedule_of_discriminator_steps_is_counted(fresh, trick):
    first = trick(
        "first", {"d_steps": True}, "def d_steps(step, base, settings):\n    return 5 if step < 2 else base\n"
    )
    program, state, plan = fresh(tricks=[first], d_steps=2, budget={"d_steps": 15}, log_points=2)
    assert plan.g_steps == 4 and [plan.d_steps_at(step) for step in range(4)] == [5, 5, 2, 2]
    quiet = Hooks(lambda _s: None, float("inf"), lambda _s: None)
    assert train(program, state, plan, TrainingData(IMAGES), quiet) is None
    assert [(row["step"], row["d_step"], row["images"]) for row in state.monitor.rows] == [(2, 10, 80), (4, 14, 112)]
