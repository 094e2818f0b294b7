"""The setting `bits` (portable or native): environment variables, digests, an error for a library loaded too early."""

import json
import os
import subprocess
import sys

import pytest

from gan_bench import bits
from gan_bench.dag import Lookups
from gan_bench.errors import UserError
from gan_bench.provenance import stage_digest
from gan_bench.verify.compare import other_machine
from gan_bench.verify.stored import bits_of

PROBE = """
import json, os, sys
from gan_bench import bits
bits.choose()
import numpy as np, torch
features = np._core._multiarray_umath.__cpu_features__
print(json.dumps([bits.mode(), torch.backends.cpu.get_cpu_capability(), features.get("X86_V4", False)]))
"""


def probe(code=PROBE, **variables):
    clean = {key: value for key, value in os.environ.items() if key not in {*bits.PORTABLE, bits.VARIABLE}}
    return subprocess.run(
        [sys.executable, "-c", code], env=clean | variables, capture_output=True, text=True, check=False
    )


def test_a_process_is_portable_unless_told_otherwise_and_its_libraries_obey():
    mode, capability, wide = json.loads(probe().stdout)
    assert (mode, wide) == ("portable", False) and capability in ("AVX2", "DEFAULT")


def test_native_leaves_the_libraries_alone():
    mode, capability, wide = json.loads(probe(GAN_BENCH_BITS="native").stdout)
    assert mode == "native"
    if "AVX-512" in bits.machine_class():
        assert capability == "AVX512" and wide


def test_an_unknown_mode_and_a_library_that_was_loaded_before_are_one_sentence():
    unknown = probe(GAN_BENCH_BITS="fast")
    assert "GAN_BENCH_BITS is 'fast'; valid: portable, native." in unknown.stderr
    late = probe("import numpy\n" + PROBE)
    assert "bits must be portable, but numpy was loaded in the other mode" in late.stderr


def test_the_command_line_answers_with_exit_code_2():
    command = [sys.executable, "-m", "gan_bench.cli", "list", "losses"]
    environment = os.environ | {bits.VARIABLE: "fast"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "valid: portable, native" in done.stderr and "Traceback" not in done.stderr


def test_training_refuses_to_call_unlimited_libraries_portable(monkeypatch):
    monkeypatch.setenv(bits.VARIABLE, "portable")
    monkeypatch.delenv("MKL_CBWR")
    with pytest.raises(UserError, match="does not limit its libraries"):
        bits.require()


@pytest.mark.parametrize("stage", ["data", "features", "train", "evaluate", "tables", "figures"])
def test_the_two_modes_have_different_digests_of_code(monkeypatch, stage):
    portable = stage_digest(stage)
    monkeypatch.setenv(bits.VARIABLE, "native")
    assert stage_digest(stage) != portable


def test_the_workflow_configuration_chooses(monkeypatch, tmp_path):
    monkeypatch.setenv(bits.VARIABLE, "portable")
    config = {"study": "demo", "results": str(tmp_path), "data_dir": None, "device": "cpu"}
    assert Lookups(config).bits == "portable"
    assert Lookups({**config, "bits": "native"}).bits == os.environ[bits.VARIABLE] == "native"
    with pytest.raises(UserError, match="config key 'bits' is 'fast'; valid: portable, native"):
        Lookups({**config, "bits": "fast"})


def test_two_portable_runs_are_of_one_class_whatever_the_processor():
    one, two = ({"bits": "portable", "cpu": cpu, "torch": "2.14.0"} for cpu in ("AMD", "Intel"))
    assert other_machine(one, two) == []
    assert other_machine({**one, "bits": "native"}, {**two, "bits": "native"}) == ["cpu AMD -> Intel"]
    assert other_machine(one, {**two, "torch": "2.15.0"}) == ["torch 2.14.0 -> 2.15.0"]


def test_verify_takes_the_mode_of_the_manifest():
    made_with = [{"provenance": {"bits": "portable"}, "runs": ["a"]}]
    assert bits_of({"made_with": made_with}) == "portable"
    assert bits_of({"made_with": [*made_with, {"provenance": {"cpu": "AMD"}, "runs": ["b"]}]}) == "native"


def test_the_class_names_vendor_family_model_and_width():
    name = bits.machine_class()
    assert name.split()[0] in ("x86_64", "aarch64", "arm64")
    if "x86_64" in name:
        assert name.endswith(("AVX-512", "AVX2", "no AVX2")) and " family " in name
