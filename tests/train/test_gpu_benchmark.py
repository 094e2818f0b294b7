"""benchmarks/gpu.py runs on a CPU at tiny sizes, and states that its numbers are not results."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_gpu_measurement_runs_on_a_cpu(tmp_path: Path, root: Path):
    out = tmp_path / "gpu.md"
    command = [sys.executable, "benchmarks/gpu.py", "--device", "cpu", "--quick", "--out", str(out)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    text = out.read_text()
    assert "claim nothing" in text and text.count("\n## ") == 5
    assert text.count("equal in every bit") == 2
