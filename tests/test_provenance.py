"""An edit reruns only the stages that it affects, because the digest of a stage covers what the stage imports."""

import shutil
import subprocess
import sys

import pytest

from gan_bench.provenance import (
    ENTRIES,
    PLUMBING,
    closure,
    module_file,
    page_digest,
    stage_digest,
    stage_files,
    train_parts,
)
from gan_bench.registry import AXES, PACKAGE, component, load, names

PROBE = """
import sys; sys.path.insert(0, sys.argv[1])
from gan_bench.provenance import page_digest, stage_digest
parts = [("models", "mlp"), ("losses", "minimax"), ("penalties", "none"), ("optimizers", "adam")]
parts += [("methods", "adversarial"), ("tricks", "flips")]
print(stage_digest("train", parts), stage_digest("figures", [("figures", "loss_curves")]), end=" ")
print(page_digest([*parts, ("figures", "loss_curves")]))
"""
STAGES = ("train", "figure", "report")


@pytest.fixture
def tree(tmp_path):
    """The folder of a copy of the package, and a function that returns its digests of (train, figure, report)."""
    shutil.copytree(PACKAGE, tmp_path / "gan_bench", ignore=shutil.ignore_patterns("__pycache__"))

    def digests():
        run = subprocess.run(
            [sys.executable, "-P", "-c", PROBE, str(tmp_path)], capture_output=True, text=True, check=True
        )
        return run.stdout.split()

    return tmp_path / "gan_bench", digests


def changed(before, after):
    return {name for name, a, b in zip(STAGES, before, after, strict=True) if a != b}


@pytest.mark.parametrize(
    ("file", "stages"),
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
        ("report/figures/sample_wall.py", set()),
        ("report/page.py", {"report"}),
        ("cli/job.py", set()),
        ("config/plan/grid.py", set()),
    ],
)
def test_an_edit_changes_the_digests_of_the_stages_that_run_it(tree, file, stages):
    package, digests = tree
    before = digests()
    (package / file).write_text((package / file).read_text() + "\nADDED = 1\n")
    assert changed(before, digests()) == stages


def test_only_the_page_counts_the_summary_of_a_component(tree):
    package, digests = tree
    before = digests()
    for file in ("losses/minimax.py", "report/figures/loss_curves.py"):
        text = (package / file).read_text()
        (package / file).write_text(text.replace('"""', '"""Improved. ', 1))
        assert changed(before, digests()) == {"report"}
        (package / file).write_text(text)
    assert (package / "losses/hinge.py").read_text().startswith('"""')
    (package / "losses/hinge.py").write_text('"""Not in the study. """\nFACTS = {"settings": {}}\n')
    assert digests() == before


def test_comments_and_a_new_layout_in_all_files_change_no_digest(tree):
    package, digests = tree
    before = digests()
    for file in package.rglob("*.py"):
        file.write_text(f"# a comment\n{file.read_text()}\n# another one\n")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "70", str(package)]
    subprocess.run(command, check=True, capture_output=True)
    assert digests() == before


@pytest.mark.parametrize(
    ("stage", "axes"),
    [
        ("train", ("methods", "models", "losses", "penalties", "optimizers", "tricks")),
        ("evaluate", ("metrics",)),
        ("features", ("features",)),
        ("figures", ("figures",)),
        ("collect", ()),
        ("tables", ()),
        ("report", ()),
    ],
)
def test_the_closure_holds_every_module_that_a_stage_imports(stage, axes):
    """If the static closure of imports lacked a module that a job loads, an edit of this module would rerun nothing."""
    parts = [(axis, name) for axis in axes for name in names(axis)]
    code = (
        f"import sys, {', '.join(ENTRIES[stage])}\nfrom gan_bench.registry import load\n"
        f"for part in {parts}: load(*part)\n"
        "print(*[m for m in sys.modules if m.startswith('gan_bench')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = [".".join(["gan_bench", *AXES[axis].split("/"), name]) for axis, name in parts]
    # gan_bench.provenance is in PLUMBING, whose imports the closure does not follow. It imports gan_bench.run_keys.
    assert set(run.stdout.split()) - PLUMBING - {"gan_bench.run_keys"} <= closure([*ENTRIES[stage], *modules])


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


def test_a_users_own_file_counts_by_its_meaning(tmp_path):
    file = tmp_path / "own.py"

    def digests(text):
        file.write_text(text)
        code = component("losses", str(file)).digest
        return code, stage_digest("train", [("losses", str(file))]), page_digest([("losses", str(file))])

    first = digests('"""Own."""\nFACTS = {"settings": {}}\n')
    assert digests('"""Own."""\n\nFACTS = {"settings": {}}  # a comment\n') == first
    code, train, page = digests('"""Another summary."""\nFACTS = {"settings": {}}\n')
    assert (code, train) == first[:2] and page != first[2]
    code, train, page = digests('"""Own."""\nFACTS = {"settings": {}}\nSCALE = 2\n')
    assert code != first[0] and train != first[1] and page == first[2]
    assert len(code) == 64 and load("losses", str(file)).SCALE == 2


def test_the_verdict_s_stage_has_all_code_that_decides_a_verdict():
    """In an earlier version, an edit of the code that judges sample scores did not renew the verdicts."""
    names = {name.removeprefix("gan_bench.collapse.") for name, _ in stage_files("collapse")}
    assert {"gan_bench.jobs.detect", "samples", "loss_facts", "verdict", "field_verdict"} <= names
