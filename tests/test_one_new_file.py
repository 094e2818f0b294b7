"""Adding a component is one new file and no other edit.

`gan-bench new` has a template for each kind of component. The templates are added to a copy of the project. The
contract tests, the listing, the schema, the documents, `gan-bench check` and the HTML page of a study must accept them.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workflow_tree import ROOT, SHARED, environment

from gan_bench.files import digest_file
from gan_bench.registry import AXES
from gan_bench.templates import KINDS, USES, write

NAMES = {axis: [f"new_{kind}"] for kind, axis in KINDS.items()}

#: Test files with tests for each component of one kind ("axis"). The tests of the new components are selected by the
#: names of these components.
CONTRACTS = """config/test_config_schema.py config/test_config_combinations.py config/test_config_presets.py
config/test_config_methods.py data/test_data_contract.py features/test_features_contract.py losses/test_losses.py
metrics/test_metrics_contract.py models/test_models.py optimizers/test_optimizers.py penalties/test_penalties.py
penalties/test_dirac_gan.py report/test_report_bibliography.py report/test_report_captions.py
report/test_report_figures.py stacking/test_stacking_family.py train/test_player.py train/test_precision.py
stacking/test_stacking_rules.py
train/test_step.py tricks/test_tricks.py variants/test_variants.py"""

#: Test files with tests for whole axes and for documents. The tests are selected by WORDS.
WHOLE = """test_registry.py test_listing.py docs/test_pages.py stacking/test_stacking_plan.py test_cli.py
metrics/test_behaviour_table.py
stats/tables/test_published.py report/test_report_comparisons.py"""
WORDS = """the_reference declaration no_two_families works_of_several stored_files no_closed_form
threshold_follows what_a_figure_asks equilibria_are tables_are_what what_it_speaks_of table_is_the_stored
models_of_dense every_component all_axes needs_are tricks_and_methods list_names"""

#: Kinds of studies that are left out, because drawing a figure for them takes longest.
SLOW = "wide or large or odd or sweep"

STUDY = """\
datasets: [new_data]
variants:
  - {model: new_model, loss: [new_loss, hinge], penalty: new_penalty, optimizer: new_optimizer, tricks: [new_trick]}
  - new_variant
  - {method: new_method, model: new_model, optimizer: adam}
seeds: 2
budget: {g_steps: 10}
evaluation: {extractor: new_extractor, metrics: [new_metric, frechet], n_samples: 90}
figures: [new_figure]
"""

SCHEMA = "from gan_bench.config.document.schema import schema_text; print(schema_text())"

#: Script with the arguments folder and study file. It fabricates a study in the folder, puts the new components into
#: the plan, draws the new figure, and writes the HTML page.
PAGE = """\
import sys
from pathlib import Path
import pytest
sys.path[:0] = ["tests/report", "tests/stats"]
from kinds import KINDS
from gan_bench import paths
from gan_bench.config.plan.grid import expand
from gan_bench.config.load import load_study
from gan_bench.files import read_json, write_json
from gan_bench.report.draw import draw_figure
from gan_bench.report.page import render

folder = Path(sys.argv[1])
with pytest.MonkeyPatch.context() as patch:
    KINDS["tiny"](folder, patch)
plan, cells = read_json(folder / paths.PLAN), expand(load_study(sys.argv[2])).cells
plan["cells"][0]["settings"] |= {**cells[0].settings, "method": {"name": "new_method"}}
plan["datasets"] = {label: {**entry, "ref": {"name": "new_data"}} for label, entry in plan["datasets"].items()}
plan["evaluation"]["extractor"] = {label: {"name": "new_extractor"} for label in plan["datasets"]}
plan["evaluation"]["metrics"] = [{"name": "new_metric"}]
write_json(folder / paths.PLAN, plan)
draw_figure(folder, {"name": "new_figure"})
render(folder, [{"name": "new_figure"}])
"""


def run(tree: Path, *arguments: str) -> str:
    """The output of a Python command that uses the package of the tree."""
    variables = {**environment(), "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    variables |= {"GAN_BENCH_SHARED_DATA": str(SHARED), "HYPOTHESIS_STORAGE_DIRECTORY": str(tree.parent / "hypothesis")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def gan_bench(tree: Path, *arguments: str) -> str:
    return run(tree, "-c", "from gan_bench.cli import process; process()", *arguments)


def digests(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): digest_file(file) for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the project with the new files. At the end the fixture checks that no other file has changed."""
    folder = tmp_path_factory.mktemp("new") / "project"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".snakemake")
    for name in ("gan_bench", "tests", "config", "docs", "workflow", "profiles", "benchmarks", "results/reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for file in ROOT.iterdir():
        if file.is_file() and not file.name.startswith("."):
            shutil.copy2(file, folder)
    shutil.copy2(ROOT / "results" / "README.md", folder / "results")
    before = digests(folder)
    for kind, axis in KINDS.items():
        write(kind, f"new_{kind}", folder / "gan_bench" / AXES[axis])
    new = {f"gan_bench/{AXES[axis]}/{name}.py" for axis in AXES for name in NAMES[axis]}
    yield folder
    after = digests(folder)
    assert after.keys() - before.keys() == new
    assert {name: digest for name, digest in after.items() if name not in new} == before


def test_every_axis_has_a_new_file():
    assert set(NAMES) == set(AXES) and set(USES) == set(KINDS)
    assert not any((ROOT / "gan_bench" / AXES[axis] / f"{name}.py").exists() for axis in AXES for name in NAMES[axis])


def test_the_contract_tests_accept_them(tree):
    names = " or ".join(name for group in NAMES.values() for name in group)
    selection = f"(({names}) and not ({SLOW})) or {' or '.join(WORDS.split())}"
    files = [f"tests/{name}" for name in f"{CONTRACTS} {WHOLE}".split()]
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not workflow"]
    output = run(tree, "-m", "pytest", *options, "-k", selection, *files)
    assert int(re.search(r"(\d+) passed", output)[1]) > 300


def test_the_listing_and_the_schema_have_them(tree):
    listing, schema = gan_bench(tree, "list"), run(tree, "-c", SCHEMA)
    for axis, group in NAMES.items():
        assert all(f"\n  {name}\n" in listing for name in group)
        assert axis == "figures" or all(f'"{name}"' in schema for name in group)
    assert "new_metric (Energy distance, lower is better, from 0)" in " ".join(listing.split())


def test_a_study_may_name_them(tree, tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    assert "8 runs" in gan_bench(tree, "check", str(tmp_path / "study.yaml"))


def test_the_page_describes_and_cites_them(tree, tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    run(tree, "-c", PAGE, str(tmp_path / "results"), str(tmp_path / "study.yaml"))
    page = (tmp_path / "results" / "report.html").read_text()
    for axis in set(NAMES) - {"variants", "figures"}:
        assert all(f"<code>{name}</code>" in page for name in NAMES[axis]), axis
    assert "Number of finished runs by variant" in page
    for key in ("nowozin2016training", "karras2018progressive", "duchi2011cited"):
        assert key in page
