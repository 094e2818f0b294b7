"""Writes safetensors files whose bytes depend only on the tensors and the metadata."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from gan_bench.files import write_bytes


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a safetensors file, atomically.

    The safetensors library writes metadata in an order that differs between processes; here the keys are sorted. The
    file consists of the length of the header (8 bytes, little-endian), a JSON header padded with spaces to a multiple
    of 8 bytes, and the bytes of the tensors.
    """
    plain = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    (length,) = struct.unpack("<Q", plain[:8])
    header = {"__metadata__": dict(sorted(metadata.items())), **json.loads(plain[8 : 8 + length])}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    write_bytes(path, struct.pack("<Q", len(text)) + text + plain[8 + length :])
