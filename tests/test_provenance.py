"""An edit reruns what it changes and no more: digests follow the imports."""

import shutil
import subprocess
import sys

import pytest

from gan_bench.provenance import ENTRIES, PLUMBING, closure, module_file, stage_digest, train_parts
from gan_bench.registry import PACKAGE

PROBE = """
import sys; sys.path.insert(0, sys.argv[1])
from gan_bench.provenance import stage_digest
parts = [("models", "mlp"), ("losses", "minimax"), ("penalties", "none"), ("optimizers", "adam")]
parts += [("methods", "adversarial"), ("tricks", "flips")]
print(stage_digest("train", parts), stage_digest("figures", [("figures", "loss_curves")]), stage_digest("report"))
"""


@pytest.fixture
def tree(tmp_path):
    """A copy of the package, and a function that gives (train, figure, report) digests of it."""
    shutil.copytree(PACKAGE, tmp_path / "gan_bench", ignore=shutil.ignore_patterns("__pycache__"))

    def digests():
        run = subprocess.run(
            [sys.executable, "-P", "-c", PROBE, str(tmp_path)], capture_output=True, text=True, check=True
        )
        return run.stdout.split()

    return tmp_path / "gan_bench", digests


def edit(file):
    file.write_text(file.read_text() + "\n# one more byte\n")


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("losses/minimax.py", {"train"}),
        ("losses/wasserstein.py", set()),
        ("train/loop.py", {"train"}),
        ("game/step.py", {"train"}),
        ("methods/adversarial.py", {"train"}),
        ("methods/vae.py", set()),
        ("tricks/flips.py", {"train"}),
        ("tricks/norm.py", set()),
        ("variants/__init__.py", set()),
        ("models/_blocks.py", {"train"}),
        ("report/figures/loss_curves.py", {"figure"}),
        ("report/figures/samples.py", set()),
        ("report/page.py", {"report"}),
        ("cli/job.py", set()),
        ("config/plan/grid.py", set()),
    ],
)
def test_an_edit_changes_the_digests_of_the_stages_that_run_it(tree, file, changed):
    package, digests = tree
    before = digests()
    edit(package / file)
    after = digests()
    assert {name for name, a, b in zip(("train", "figure", "report"), before, after, strict=True) if a != b} == changed


def test_the_closure_holds_every_module_that_training_imports():
    """What the import system loads for a training job must be in the static closure, or an edit would be missed."""
    code = (
        "import sys, gan_bench.train.run\nfrom gan_bench.registry import load\n"
        "load('models', 'dcgan'); load('losses', 'wasserstein'); load('penalties', 'gradient_penalty')\n"
        "load('optimizers', 'adam'); load('methods', 'unrolled'); load('tricks', 'spectral_norm')\n"
        "print(*[m for m in sys.modules if m.startswith('gan_bench')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    starts = [*ENTRIES["train"], "gan_bench.models.dcgan", "gan_bench.losses.wasserstein"]
    starts += ["gan_bench.penalties.gradient_penalty", "gan_bench.optimizers.adam"]
    starts += ["gan_bench.methods.unrolled", "gan_bench.tricks.spectral_norm"]
    # In training the table of run keys is read by gan_bench.provenance alone, which is plumbing.
    assert set(run.stdout.split()) - PLUMBING - {"gan_bench.run_keys"} <= closure(starts)


def test_the_parts_of_a_run_are_the_components_its_method_uses():
    unused = dict.fromkeys(("model", "loss", "penalty", "g_optimizer", "d_optimizer"))
    still = {"method": {"name": "noise"}, "tricks": [], **unused}
    assert train_parts(still) == [("methods", "noise")]
    coder = {**still, "method": {"name": "vae"}, "model": {"name": "mlp"}, "g_optimizer": {"name": "adam"}}
    assert train_parts(coder) == [("methods", "vae"), ("models", "mlp"), ("optimizers", "adam")]
    game = {**coder, "method": {"name": "adversarial"}, "loss": {"name": "hinge"}, "penalty": {"name": "r1"}}
    game |= {"d_optimizer": {"name": "sgd"}, "tricks": [{"name": "flips"}, {"name": "mine/norm.py"}]}
    assert train_parts(game) == [
        ("losses", "hinge"),
        ("methods", "adversarial"),
        ("models", "mlp"),
        ("optimizers", "adam"),
        ("optimizers", "sgd"),
        ("penalties", "r1"),
        ("tricks", "flips"),
        ("tricks", "mine/norm.py"),
    ]


@pytest.mark.parametrize("stage", sorted(ENTRIES))
def test_every_stage_starts_from_modules_that_exist(stage):
    for module in closure(ENTRIES[stage]):
        assert module_file(module).is_file()
    assert len(stage_digest(stage)) == 16


def test_training_does_not_depend_on_how_studies_are_written_or_shown():
    modules = closure(ENTRIES["train"])
    assert not [m for m in modules if m.split(".")[1:2] in (["config"], ["stats"], ["report"], ["metrics"], ["cli"])]


def test_a_users_own_file_counts_by_its_bytes(tmp_path):
    file = tmp_path / "own.py"
    file.write_text('"""Own."""\nFACTS = {"settings": {}}\n')
    first = stage_digest("train", [("losses", str(file))])
    file.write_text('"""Own!"""\nFACTS = {"settings": {}}\n')
    assert stage_digest("train", [("losses", str(file))]) != first
