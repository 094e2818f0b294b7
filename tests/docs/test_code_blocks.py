"""Every code block of the documents is executed as written, or states why not."""

import contextlib
import io
import subprocess

import pytest
import yaml
from blocks import CODE, PAGES, Block, blocks_of, complaints
from stage import staged, variables
from workflow_tree import SHARED, Tree

from gan_bench.config.load import parse_study

BLOCKS = [block for page in PAGES for block in blocks_of(page) if block.language in CODE and not block.reason]
#: If a block has only some keys of a study, these keys are added before the study is checked.
REST = {"datasets": ["digits"], "variants": ["gan"], "seeds": 1, "budget": {"g_steps": 10}}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """(page -> (checkout in which its blocks are executed, names that its Python blocks share), parent folder)."""
    return {}, tmp_path_factory.mktemp("pages")


def test_no_code_escapes():
    assert [complaint for page in PAGES for complaint in complaints(page)] == []


def test_code_that_would_escape_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```\nls\n```\n\n    gan-bench list\n\n```text\ngan-bench list\n```\n\n```sh\nls\n```\n")
    assert len(complaints(page)) == 3 and blocks_of(page)[-1].comment == ""
    page.write_text("<!-- not executed: no network -->\n```sh\nls\n```\n")
    assert blocks_of(page)[0].reason == "no network" and not complaints(page)


@pytest.mark.workflow
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_executed(block, request, done, folders, monkeypatch):
    if block.slow and not request.config.getoption("--slow"):
        pytest.skip("slow; run with --slow")
    if "mnist" in block.text and block.language == "sh" and not (SHARED / "mnist").is_dir():
        pytest.skip(f"real data folder {SHARED} is absent (set GAN_BENCH_SHARED_DATA to point at one)")
    pages, parent = folders
    if block.page not in pages:
        pages[block.page] = (staged(done, parent / block.page.replace("/", "-")), {})
    tree, names = pages[block.page]
    monkeypatch.chdir(tree.folder)
    {"sh": _shell, "python": _python, "yaml": _study}[block.language](block, tree, names)


def _shell(block: Block, tree: Tree, _names: dict[str, object]) -> None:
    command = ["bash", "-exc", block.text]
    run = subprocess.run(command, cwd=tree.folder, env=variables(tree), capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{block.place}\n{run.stdout[-3000:]}{run.stderr[-3000:]}"


def _python(block: Block, _tree: Tree, names: dict[str, object]) -> None:
    code = compile(block.text, block.place, "exec")
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, names)


def _study(block: Block, tree: Tree, _names: dict[str, object]) -> None:
    """Check that a block with a study, or with some keys of a study, is valid."""
    keys = yaml.safe_load(block.text)
    text = block.text if "datasets" in keys else yaml.safe_dump({**REST, **keys})
    parse_study(text, "study", tree.folder)
