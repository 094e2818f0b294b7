"""Every random number belongs to a seed and a purpose."""

import ast
import re
import subprocess
import sys

import numpy as np
import pytest

from gan_bench.registry import PACKAGE
from gan_bench.seeds import PURPOSES, generator, generators


def test_purposes_and_seeds_have_streams_of_their_own():
    first = {(seed, p): generator(seed, p).integers(0, 2**63, 4).tolist() for seed in range(20) for p in PURPOSES}
    assert len({tuple(v) for v in first.values()}) == len(first)


def test_drawing_for_one_purpose_leaves_the_others_alone():
    ours, untouched = generators(3), generators(3)
    ours["noise"].standard_normal(1000)
    assert np.array_equal(ours["data"].permutation(50), untouched["data"].permutation(50))


def test_the_global_state_is_neither_read_nor_moved():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    a = generator(0, "init").random(3)
    np.random.seed(5)  # noqa: NPY002
    assert np.array_equal(a, generator(0, "init").random(3))
    np.random.set_state(("MT19937", before, 624, 0, 0.0))  # noqa: NPY002


def test_a_stream_is_the_same_in_another_process_with_another_hash_seed():
    code = "from gan_bench.seeds import generator; print(generator(7, 'noise').integers(0, 2**62))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": h}, capture_output=True, text=True, check=True
        ).stdout
        for h in ("1", "2")
    }
    assert seen == {f"{generator(7, 'noise').integers(0, 2**62)}\n"}


def test_an_undeclared_purpose_is_refused():
    with pytest.raises(ValueError, match="purpose 'nois'"):
        generator(0, "nois")


FORKED = """
import os, sys
import numpy as np
from gan_bench.seeds import PURPOSES, generator
np.random.seed(0)
shared = np.random.default_rng(0)
for worker in range(3):
    if os.fork() == 0:
        own = [int(generator(worker, purpose).integers(0, 2**62)) for purpose in PURPOSES]
        os.write(1, f"{np.random.randint(2**31)} {shared.integers(2**62)} {own}\\n".encode())
        os._exit(0)
    os.wait()
"""


def test_workers_share_no_stream():
    """Forked workers, such as those of a data loader, inherit NumPy's state and all existing random generators.

    If workers use this state or these generators, all workers draw the same numbers. gan_bench.seeds makes a generator
    from a seed and a purpose, in the process that uses the generator.
    """
    run = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    lines = [line.split(" ", 2) for line in run.stdout.splitlines()]
    assert len(lines) == 3
    assert len({line[0] for line in lines}) == 1, "the known mistake, with NumPy's global state"
    assert len({line[1] for line in lines}) == 1, "and with a generator made before the fork"
    ours = [number for line in lines for number in ast.literal_eval(line[2])]
    assert len(set(ours)) == len(ours) == 3 * len(PURPOSES)
    assert ours == [generator(worker, purpose).integers(0, 2**62) for worker in range(3) for purpose in PURPOSES]


def test_nothing_in_the_package_hands_draws_to_workers():
    """The package uses no process pool and no data loader. If it used one, the test above would have to cover it."""
    for file in sorted(PACKAGE.rglob("*.py")):
        found = re.search(r"\bDataLoader\b|\bmultiprocessing\b|ProcessPool|\bos\.fork\b", file.read_text())
        assert found is None, f"{file}: {found}"
