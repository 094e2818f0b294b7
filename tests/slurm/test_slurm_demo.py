"""On a real Slurm, the default study has the same result as on one machine.

`python -m pytest tests/slurm --slow` runs these tests. The test of one profile takes ten minutes.
"""

import pytest
from cluster_tree import new_tree, submitted
from workflow_tree import ROOT

pytestmark = pytest.mark.slow


DEMO = (ROOT / "config/studies/demo.yaml").read_text()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The default study, run on this machine without a batch system."""
    tree = new_tree(tmp_path_factory.mktemp("alone") / "checkout", DEMO)
    tree.snakemake("--cores", "2", tree.target)
    return tree


@pytest.mark.parametrize("name", ["generic", "slurm"])
def test_the_default_study_comes_out_as_on_one_machine(alone, tmp_path, slurm, name):
    tree = new_tree(tmp_path / "checkout", DEMO)
    with tree.started("--profile", tree.profile(name)) as process:
        said = tree.finish(process, 2400)
    chunks = list(tree.results.glob("demo/runs/*/*/chunk*.train.json"))
    data, features = list(tree.results.glob("data/*")), list(tree.results.glob("data/*/reference/*"))
    assert len(chunks) > 10 and submitted(said) == len(chunks) + len(data) + 2 * len(features), "each job once"
    assert {state for state, _ in slurm.history().values()} <= {"COMPLETED"}
    assert tree.digest == alone.digest
