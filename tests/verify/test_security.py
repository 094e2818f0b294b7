"""Names are never run as commands, data is never loaded as code, and nothing is written outside the results folder.

The only code of a user that runs is the file of a component that a study names. docs/faults.md names these tests.
"""

import ast
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from workflow_tree import ROOT

from gan_bench.config.load import find_study, parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.dag import Lookups, figure_name
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.registry import component

#: Text with several forms of shell commands, and with characters that break HTML or SQL if they are not escaped.
EVIL = "$(touch pwned) `touch pwned`;touch pwned 'a\"b&<b>"

SOURCES = sorted(file for folder in ("gan_bench", "benchmarks") for file in (ROOT / folder).rglob("*.py"))
RULES = sorted(
    [
        ROOT / "Snakefile",
        *(ROOT / "workflow").rglob("*.smk"),
        *ROOT.glob("workflow/Snakefile"),
        *ROOT.glob("benchmarks/*/Snakefile"),
    ]
)

#: Functions and modules that load code or arbitrary objects from data, or pass text to a shell.
FORBIDDEN = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput"}
FORBIDDEN |= {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "pd.read_pickle"}


def offences(text: str) -> list[str]:
    """Calls and imports that turn data into code or text into shell commands."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.split(".")[0] for alias in node.names}
            names |= {node.module.split(".")[0]} if isinstance(node, ast.ImportFrom) and node.module else set()
            found += [f"import {name}" for name in names & FORBIDDEN]
        if not isinstance(node, ast.Call):
            continue
        name, given = ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}
        if name in FORBIDDEN or re.search(r"\b(read_pickle|to_pickle)$", name):
            found.append(name)
        if name.endswith("torch.load") and given.get("weights_only") != "True":
            found.append(f"{name} without weights_only=True")
        if name in ("torch.jit.load", "torch.package.PackageImporter", "torch.hub.load"):
            found.append(name)
        if re.search(r"\byaml\.(unsafe_|full_)?load(_all)?$", name):
            found.append(name)
        if name.startswith("np.") and name.endswith("load") and given.get("allow_pickle", "False") != "False":
            found.append(f"{name} with pickles")
        if given.get("shell", "False") != "False":
            found.append(f"{name} with a shell")
        if given.get("trust_remote_code", "False") != "False" or given.get("autoescape", "True") != "True":
            found.append(name)
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_source_turns_data_into_code(file: Path) -> None:
    assert offences(file.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "eval(x)",
        "torch.load(f)",
        "torch.load(f, weights_only=False)",
        "yaml.load(f, Loader=L)",
        "yaml.full_load(f)",
        "subprocess.run(c, shell=True)",
        "os.system(c)",
        "np.load(f, allow_pickle=True)",
        "pd.read_pickle(f)",
        "Environment(autoescape=False)",
    ],
)
def test_the_walk_sees_what_it_looks_for(text: str) -> None:
    assert offences(text)
    assert not offences("torch.load(f, weights_only=True); yaml.safe_load(f); np.load(f, allow_pickle=False)")


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_rules_quote_every_path_and_name(file: Path) -> None:
    """In a rule's shell command, each field in braces ends with `:q`, which quotes its value.

    The only other fields are those in `plain`. Their values are numbers, or words that gan-bench defines.
    """
    commands = re.findall(r"^    shell:\n((?:        .*\n)+)", file.read_text(), re.MULTILINE)
    plain = {"threads", "params.seeds", "params.device", "params.formats", "resources.log_to"}
    used = {field for command in commands for field in re.findall(r"\{([^}]*)\}", command)}
    assert {field for field in used if not field.endswith(":q")} <= plain


@pytest.mark.workflow
def test_names_and_paths_are_never_commands(fresh, tmp_path: Path) -> None:
    """The names of the variant, of the loss file, of the pictures and of their folders contain shell commands.

    So does the description of the study. The study and its results are in a folder with such a name.
    """
    outer = tmp_path / EVIL
    pictures = outer / "pictures" / EVIL
    pictures.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(24):
        pixels = rng.integers(0, 256, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(pictures / f"{number}$(touch pwned).png")
    loss = outer / f"{EVIL}.py"
    loss.write_text((ROOT / "gan_bench/losses/non_saturating.py").read_text())
    variant = {"name": EVIL, "model": {"name": "mlp", "g_widths": [8], "d_widths": [8]}}
    data = {"name": "image_folder", "label": "pics", "path": f"pictures/{EVIL}", "size": 8, "channels": 1}
    study = {
        "description": EVIL,
        "datasets": [{**data, "test_fraction": 0.5}],
        "variants": [{**variant, "loss": loss.name, "optimizer": "adam"}],
        "seeds": 1,
        "budget": {"g_steps": 4},
        "log_points": 4,
        "snapshots": 2,
        "evaluation": {"metrics": ["frechet"], "extractor": {"name": "random_conv", "width": 8}},
        "figures": ["loss_curves"],
    }
    (outer / "small.yaml").write_text(yaml.safe_dump(study))
    config = [f"study={outer / 'small.yaml'}", f"results={outer / 'results'}".replace("<b>", ""), f"data_dir={outer}"]
    run = fresh.snakemake("--cores", "1", "--config", *config)
    assert list(tmp_path.rglob("pwned")) == [] and "pwned: not found" not in run.stderr
    folder = Path(config[1].removeprefix("results=")) / "small"
    (cell,) = read_json(folder / "plan.json")["cells"]
    assert re.fullmatch(r"[a-z0-9-]+", cell["id"]) and cell["variant"] == EVIL
    page = (folder / "report.html").read_text()
    assert "code from outside gan-bench" in page and component("losses", str(loss)).digest in page
    assert "<b>" + EVIL not in page and EVIL not in page  # the page escapes the text everywhere
    everywhere = {file.relative_to(tmp_path).parts[0] for file in tmp_path.rglob("*")}
    assert everywhere == {EVIL, EVIL.replace("<b>", ""), "checkout"}


SMALL = """\
datasets: [{name: digits, label: LABEL}]
variants: [{name: NAME, model: mlp, loss: hinge, optimizer: adam}]
seeds: 1
budget: {g_steps: 2}
"""
OUTSIDE = [
    "..",
    "../x",
    "a/../../x",
    "/etc/x",
    "~",
    "a/b",
    "a\\b",
    ".hidden",
    "-x",
    "",
    " ",
    "a\nb",
    "a\0b",
    "con/",
    "é",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_of_studies_and_data_sets_cannot_leave_the_results(name: str) -> None:
    text = SMALL.replace("NAME", "a")
    with pytest.raises(UserError, match="cannot be called"):
        parse_study(text.replace("LABEL", "a"), name)
    with pytest.raises(UserError, match="label"):
        parse_study(text.replace("LABEL", yaml.safe_dump(name, default_style='"').strip()), "s")


@pytest.mark.parametrize("name", ["store", "data", "reference", "Store"])
def test_a_study_cannot_be_called_as_a_folder_that_all_share(name: str) -> None:
    with pytest.raises(UserError, match="which is a folder of the results"):
        parse_study(SMALL.replace("NAME", "a").replace("LABEL", "a"), name)


@pytest.mark.parametrize(
    "name", ["..", "../../x", "/etc/passwd", "a/../..", "~root", ". .", "$HOME", "*", "{x}", "%2e%2e"]
)
def test_variants_become_folders_without_their_marks(name: str) -> None:
    quoted = yaml.safe_dump(name, default_style='"').strip()
    (cell,) = expand(parse_study(SMALL.replace("NAME", quoted).replace("LABEL", "a"), "s")).cells
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", cell.id) and ".." not in cell.id and cell.variant == name


def test_a_component_in_a_folder_of_dots_is_called_by_its_file() -> None:
    assert figure_name({"name": "../../x/my.py"}) == "my" and "/" not in figure_name({"name": "../..py"})


CONFIG = {"study": "demo", "results": "results", "data_dir": None, "device": "cpu"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("results", ""),
        ("results", None),
        ("results", ["a"]),
        ("results", "a\nb"),
        ("results", "{x}"),
        ("results", "a<study>b"),
        ("results", "*"),
        ("results", "~/x"),
        ("study", ""),
        ("study", ".."),
        ("study", "../../nowhere"),
        ("data_dir", "a\nb"),
        ("device", "$(touch x)"),
    ],
)
def test_a_configuration_that_names_no_path_is_refused(key: str, value: object) -> None:
    with pytest.raises(UserError) as caught:
        Lookups({**CONFIG, key: value})
    assert key in str(caught.value) and len(caught.value.sentences) == 1


def test_results_are_one_folder_however_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert Lookups({**CONFIG, "results": "out//x/"}).study_folder == "out/x/demo"
    assert find_study("config/studies/../studies/demo.yaml").is_file()


def test_a_file_of_the_users_own_runs_only_when_a_study_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file hinge.py lies beside a study. If the study has the loss `hinge`, the built-in loss is used.

    The file is used only if the study has the loss `hinge.py`.
    """
    source = (ROOT / "gan_bench/losses/hinge.py").read_text()
    (tmp_path / "hinge.py").write_text(source + "\nraise SystemExit('it ran')\n")
    monkeypatch.chdir(tmp_path)
    plan = expand(parse_study(SMALL.replace("NAME", "a").replace("LABEL", "a"), "s", tmp_path))
    assert plan.cells[0].settings["loss"] == {"name": "hinge"}
    named = SMALL.replace("hinge", "hinge.py").replace("NAME", "a").replace("LABEL", "a")
    loss = expand(parse_study(named, "s", tmp_path)).cells[0].settings["loss"]
    assert loss["name"] == "hinge.py" and loss["digest"] == component("losses", str(tmp_path / "hinge.py")).digest
    assert not [name for name in sys.modules if name.startswith("gan_bench_user_losses_hinge")]
