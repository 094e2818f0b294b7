"""Every method, also a user's method, fulfils the contract of gan_bench.methods.Program."""

import ast
import inspect

import numpy as np
import pytest
import torch

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data, prepare
from gan_bench.errors import UserError
from gan_bench.methods import MEMBERS, REQUIRED, Program, Setup, build
from gan_bench.train.run import train_run

NAMES = registry.names("methods")

OWN = '''
"""{title}"""
import numpy as np
import torch
from torch import nn
from gan_bench.game.network import Network
from gan_bench.game.player import descend
from gan_bench.methods import Program

FACTS = {{"paper": "none", "settings": {{}}, "deviations": [], "adversarial": False,
         "uses": ["g_optimizer", "batch_size", "budget", "log_points", "snapshots"]}}
{body}
'''

#: A method written as a class. The only parameter of its generator is the mean image.
CLASS = """
class MeanByDescent(Program):
    def __init__(self, setup):
        self.mean = nn.Module()
        self.mean.values = nn.Parameter(torch.zeros(setup.shape))
        self.networks = {"generator": Network(self.mean)}
        self.stats = {"d": (), "g": ("g_loss", "gn_g")}
        self.optimizers = {"generator": setup.settings["g_optimizer"]}

    def initialise(self, rng):
        with torch.no_grad():
            self.mean.values.copy_(torch.from_numpy(rng.standard_normal(self.mean.values.shape)))

    def draw(self, rng, n):
        return np.zeros((n, 1), np.float32)

    def images(self, tensors, z):
        return tensors["values"].detach().clamp(-1, 1).expand(len(z), *tensors["values"].shape)

    def iterate(self, players, feed):
        player = players["generator"]
        loss = (feed.real()[0] - player.parameters["values"]).square().mean()
        norm = descend(player, torch.autograd.grad(loss, list(player.parameters.values())), player.buffers)
        feed.record("g", torch.cat((loss.detach()[None], norm)))

def build(setup):
    return MeanByDescent(setup)
"""

#: The same method, written as a call of `Program` with the members as keyword arguments.
KEYWORDS = CLASS.replace(
    "return MeanByDescent(setup)",
    """own = MeanByDescent(setup)
    return Program(networks=own.networks, stats=own.stats, optimizers=own.optimizers, initialise=own.initialise,
                   draw=own.draw, images=own.images, iterate=own.iterate)""",
)


@pytest.fixture
def program_of(run):
    """program_of(name): the program of a method on 1 x 8 x 8 images.

    Components that the method does not use are None.
    """

    def built(name):
        uses = registry.component("methods", name).facts["uses"]
        keys = ("model", "loss", "penalty", "g_optimizer", "d_optimizer")
        small = {"pixelcnn": {"width": 4, "layers": 2}, "pixelrnn": {"width": 4, "layers": 1}}.get(name, {})
        return build(Setup(run({"name": name, **small}, **{key: None for key in keys if key not in uses}), (1, 8, 8)))

    return built


def documented(cls):
    """Names of the methods that have a docstring, and of the annotated attributes with a docstring below them."""
    (tree,) = ast.parse(inspect.getsource(cls)).body
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and ast.get_docstring(node)}
    pairs = zip(tree.body, tree.body[1:], strict=False)
    return names | {a.target.id for a, b in pairs if isinstance(a, ast.AnnAssign) and isinstance(b, ast.Expr)}


def test_the_protocol_documents_all_its_members_and_has_defaults_for_the_optional_ones():
    assert documented(Program) - {"__init__"} == set(MEMBERS)
    defaults = {name: getattr(Program, name) for name in MEMBERS if name not in REQUIRED}
    assert dict(defaults.pop("optimizers")) == {} and defaults.pop("one_pass") is True
    assert set(defaults) == {"class_columns", "iterate", "fit", "opinion"} and set(defaults.values()) == {None}


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_every_member_with_the_calling_convention_of_the_protocol(program_of, name):
    program, facts = program_of(name), registry.component("methods", name).facts
    arguments = {"iterate": ["players", "feed"], "fit": ["data", "rng"]}
    arguments["opinion"] = ["discriminator", "real", "fake", "classes", "progress"]
    for member in ("initialise", "draw", "images"):
        arguments[member] = list(inspect.signature(getattr(Program, member)).parameters)[1:]
    for member, names in arguments.items():
        function = getattr(program, member)
        assert function is None or list(inspect.signature(function).parameters) == names, member
    assert next(iter(program.networks)) == "generator" and set(program.stats) == {"d", "g"}
    assert set(program.optimizers) <= set(program.networks)
    assert (program.iterate is None) == ("budget" not in facts["uses"]) == (not program.optimizers)
    assert (program.fit is None) == (program.iterate is not None)
    assert (program.opinion is None) == (not facts["adversarial"]) == (program.stats["d"] == ())
    assert program.one_pass == (not name.startswith("pixel")) and program.class_columns is None


@pytest.mark.parametrize("name", NAMES)
def test_latents_hold_all_that_is_random_in_images(program_of, name):
    program = program_of(name)
    program.initialise(np.random.default_rng(0))
    few, many = (program.draw(np.random.default_rng(3), n) for n in (3, 9))
    assert few.dtype == np.float32 and np.array_equal(few, many[:3])
    if program.fit is None:
        module = program.networks["generator"].module
        tensors = dict([*module.named_parameters(), *module.named_buffers()])
        first, again = (program.images(tensors, torch.from_numpy(few)) for _ in range(2))
        assert first.shape == (3, 1, 8, 8) and first.dtype == torch.float32 and first.abs().max() <= 1
        assert torch.equal(first, again) and not first.requires_grad


@pytest.fixture
def own(tmp_path, run):
    """own(body): path of a user's method file and its resolved settings for training on digits."""

    def written(body, stem="mine"):
        file = tmp_path / f"{stem}.py"
        file.write_text(OWN.format(title="Mine.", body=body))
        unused = ("model", "loss", "penalty", "d_optimizer", "d_steps")
        settings = run(str(file), g_optimizer={"name": "sgd", "lr": 1.0}, **dict.fromkeys(unused))
        return {"dataset": resolve("data", "digits"), "checkpoints": None, **settings}

    return written


def test_a_user_s_class_trains_and_keyword_arguments_give_the_same_bits(own, tmp_path):
    prepare(resolve("data", "digits"), tmp_path / "digits")
    data = open_data(tmp_path / "digits")
    statuses = [train_run(own(body, stem), data, tmp_path / stem) for stem, body in (("a", CLASS), ("b", KEYWORDS))]
    assert all(status["status"] == "ok" and status["g_steps"] == 12 for status in statuses)
    for name in ("history.parquet", "samples.png"):
        assert statuses[0]["sha256"][name] == statuses[1]["sha256"][name]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "def build(setup):\n    return {'networks': {}}",
            r"must return a gan_bench.methods.Program, not <class 'dict'>",
        ),
        (CLASS.replace("def draw", "def drawn"), "its Program does not define draw; see gan_bench.methods"),
        ("def build(setup):\n    return Program(networks={})", "does not define stats, initialise, draw, images;"),
        (
            "def build(setup):\n    return Program(nets={})",
            "unknown member of a Program 'nets'; did you mean 'networks'",
        ),
    ],
)
def test_an_incomplete_program_is_one_sentence(own, body, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        build(Setup(own(body), (1, 8, 8)))
    assert len(caught.value.sentences) == 1
