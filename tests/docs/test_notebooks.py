"""The notebooks in examples/ run, and their stored outputs are small.

To run them again and store the outputs: `jupyter execute --inplace examples/*.ipynb`.
"""

import json

import pytest
from workflow_tree import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
#: Largest size of a stored notebook in bytes.
LIMIT = 300_000


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_stored_notebook_is_small_and_has_outputs(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert notebook.stat().st_size < LIMIT and outputs
    assert not [output for output in outputs if output["output_type"] == "error"]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # warnings of Jupyter's packages are no errors
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_runs(notebook, tmp_path):
    nbformat, nbclient = (
        pytest.importorskip(name, reason="make test-docs installs it") for name in ("nbformat", "nbclient")
    )
    content = nbformat.read(notebook, as_version=4)
    nbclient.NotebookClient(
        content, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
