"""Safetensors files have the same bytes each time they are written."""

import torch
from safetensors import safe_open

from gan_bench.train.tensors import write_tensors

TENSORS = {"b": torch.arange(3.0), "a": torch.eye(2, dtype=torch.float64), "c": torch.tensor([1, 2], dtype=torch.uint8)}
METADATA = {"shape": "[1,8,8]", "settings": '{"é":"ü"}', "other": "", "more": "x"}


def test_what_is_read_is_what_was_written(tmp_path):
    tensors = {**TENSORS, "view": torch.arange(12.0).reshape(3, 4).T, "empty": torch.zeros(0, 8)}
    write_tensors(tmp_path / "t.safetensors", {**tensors, "leaf": torch.ones(2, requires_grad=True)}, METADATA)
    with safe_open(tmp_path / "t.safetensors", framework="pt") as file:
        assert file.metadata() == METADATA
        assert set(file.keys()) == {*tensors, "leaf"}
        for name, tensor in tensors.items():
            found = file.get_tensor(name)
            assert found.dtype == tensor.dtype and torch.equal(found, tensor)


def test_bytes_do_not_depend_on_the_order_of_metadata(tmp_path):
    """The library orders metadata by a hash with a new seed in every call, so its own files would differ."""
    for count in range(20):
        write_tensors(tmp_path / str(count % 2), TENSORS, dict(sorted(METADATA.items(), reverse=bool(count % 2))))
        assert (tmp_path / str(count % 2)).read_bytes() == (tmp_path / "0").read_bytes()
