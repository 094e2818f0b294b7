"""Files are written completely or not at all. Canonical text does not depend on the order of keys."""

import json
import math
import re
import subprocess
import sys

import pytest

from gan_bench.errors import UserError, machine_fault, unknown_name
from gan_bench.files import atomic_path, canonical_json, digest_of, read_json, write_json, write_text


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    target = tmp_path / "deep" / "value.json"
    write_text(target, "old")
    with pytest.raises(RuntimeError, match="midway"), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError("midway")
    assert target.read_text() == "old"
    assert [p.name for p in target.parent.iterdir()] == ["value.json"]


def test_the_temporary_name_keeps_the_suffix(tmp_path):
    with atomic_path(tmp_path / "figure.png") as temporary:
        assert temporary.suffix == ".png"
        temporary.write_bytes(b"x")
    assert (tmp_path / "figure.png").stat().st_mode & 0o044, "results are readable by others"


def test_canonical_json_ignores_key_order_and_refuses_nan():
    assert canonical_json({"b": 1, "a": [1.0, "x"]}) == canonical_json({"a": [1.0, "x"], "b": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    with pytest.raises(ValueError):
        canonical_json({"a": math.nan})


def test_write_json_refuses_nan_and_keeps_the_old_file(tmp_path):
    write_json(tmp_path / "m.json", {"value": 1})
    with pytest.raises(ValueError):
        write_json(tmp_path / "m.json", {"value": math.inf})
    assert json.loads((tmp_path / "m.json").read_text()) == {"value": 1}


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe"])
def test_a_broken_json_file_is_named(tmp_path, content):
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(UserError, match=r"m\.json: not valid JSON"):
        read_json(tmp_path / "m.json")
    with pytest.raises(UserError, match="no such file"):
        read_json(tmp_path / "absent.json")


def test_an_unknown_name_is_answered_with_the_nearest_and_all():
    text = unknown_name("loss", "wassertein", ["wasserstein", "minimax"])
    assert text == "unknown loss 'wassertein'; did you mean 'wasserstein'? Valid: minimax, wasserstein."
    assert unknown_name("loss", "qqq", ["minimax"]) == "unknown loss 'qqq'. Valid: minimax."


def test_thousands_of_names_are_not_all_listed():
    many = [f"variant {k:04}" for k in range(5000)]
    text = unknown_name("variant", "variant_0048", many)
    assert len(text) < 750 and "did you mean 'variant 0048'?" in text
    assert re.search(r"variant 0000, variant 0001, .* and 49\d\d more\.$", text)


def test_an_array_that_does_not_fit_is_the_machines_fault(tmp_path):
    """A limit on file sizes imitates a full disk. NumPy's error has neither an error number nor a file name."""
    script = (
        "import resource, signal, sys, numpy as np; from gan_bench.errors import machine_fault\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    np.save(sys.argv[1], np.zeros(100_000))\n"
        "except OSError as error:\n    print(error.errno, machine_fault(error))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "x.npy")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "None a file could not be written completely: is the disk full?\n"
    assert (
        machine_fault(OSError("12 and more")) is None and machine_fault(ValueError("1 requested and 0 written")) is None
    )
