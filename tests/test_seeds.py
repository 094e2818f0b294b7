"""Every draw has an owner: a seed and a purpose."""

import subprocess
import sys

import numpy as np
import pytest

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
