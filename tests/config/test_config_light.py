"""Reading, checking and expanding every study needs neither torch nor a data set library."""

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from gan_bench.config import load, settings
from gan_bench.config.document import check, reference_page, schema
from gan_bench.config.plan import grid
from gan_bench.listing import listing

for name in load.study_names():
    study = load.load_study(name)
    check.check_report(study)
    for cell in grid.expand(study).cells:
        settings.validate_run_settings({**cell.settings, "seed": 0})
schema.schema_text(), reference_page.reference_text(), listing()
heavy = {"torch", "torchvision", "sklearn", "scipy", "pandas", "matplotlib"} & set(sys.modules)
print(sorted(heavy))
"""


def test_no_torch_in_the_process(root: Path) -> None:
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout == "[]\n"
    assert run.stderr == ""
