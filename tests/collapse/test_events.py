"""TensorBoard event files are read. These tests write the bytes of the format themselves, without TensorBoard."""

import struct
from pathlib import Path

import numpy as np
import pytest
from trajectories import LN4, d_won, diverged

from gan_bench.cli import main
from gan_bench.collapse.inputs import Logged, detect_file
from gan_bench.errors import UserError
from gan_bench.logs.formats.event_files import read_events
from gan_bench.logs.read import read_logs


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def simple(tag: str, value: float) -> bytes:
    return block(1, block(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value))


def tensor(tag: str, value: float, kind: int = 2) -> bytes:
    held = struct.pack("<d" if kind == 2 else "<f", value)
    content = varint(1 << 3) + varint(kind) + (block(4, held) if kind == 2 else block(5, held))
    return block(1, block(1, tag.encode()) + block(8, content) + block(9, b"metadata"))


def event(step: int, *values: bytes) -> bytes:
    wall = varint(1 << 3 | 1) + struct.pack("<d", 1.7e9)
    return wall + varint(2 << 3) + varint(step) + block(5, b"".join(values))


def write(path: Path, *events: bytes) -> Path:
    first = varint(1 << 3 | 1) + struct.pack("<d", 1.7e9) + block(3, b"brain.Event:2")
    path.write_bytes(b"".join(struct.pack("<QI", len(e), 0) + e + struct.pack("<I", 0) for e in (first, *events)))
    return path


def test_scalars_of_both_forms_are_read_and_other_values_are_not(tmp_path: Path) -> None:
    picture = block(1, block(1, b"samples") + block(4, b"\x89PNG"))
    path = write(
        tmp_path / "events.out.tfevents.1.host",
        event(300, simple("d_loss", 1.5), picture),
        event(7, tensor("Loss/D", 0.25), tensor("Loss/G", -2.0, kind=1)),
    )
    assert read_events(path) == {7: {"Loss/D": 0.25, "Loss/G": -2.0}, 300: {"d_loss": 1.5}}


@pytest.mark.parametrize("prefix", ["", "train/"])
def test_a_log_is_judged_like_the_frame_it_holds(tmp_path: Path, prefix: str) -> None:
    events = [
        event(int(row.step), simple(f"{prefix}d_loss", row.d_loss), tensor(f"{prefix}g_loss", row.g_loss))
        for row in d_won(LN4).itertuples()
    ]
    events.insert(5, event(101, simple("learning_rate", 1e-4)))
    document = detect_file(write(tmp_path / "a.tfevents", *events), "ns")
    assert document["verdict"] == "d_overpowering" and document["rows"] == 200 and document["began_step"] == 67 * 20
    assert document["reading"] == ["1 row without both losses was left out."]


def test_own_names_and_a_loss_that_is_not_a_number(tmp_path: Path) -> None:
    events = [
        event(int(row.step), simple("D", row.d_loss), simple("G", row.g_loss)) for row in diverged(at=50).itertuples()
    ]
    path = write(tmp_path / "b.tfevents", *events)
    document = detect_file(path, Logged("ns", columns={"d_loss": "D", "g_loss": "G"}))
    assert document["verdict"] == "diverged" and document["began_step"] == 51 * 20
    with pytest.raises(UserError, match="no column 'Loss', which --columns names for 'd_loss'"):
        detect_file(path, Logged("ns", columns={"d_loss": "Loss"}))
    with pytest.raises(UserError, match=r"no column 'd_loss' and 'g_loss'.*found: acc, lr"):
        detect_file(write(tmp_path / "c.tfevents", event(1, simple("acc", 1), simple("lr", 2))), "ns")
    assert detect_file(path, "ns")["recognised"]["d_loss"] == "D"


@pytest.mark.parametrize("cut", [5, 13, 40])
def test_a_file_that_is_cut_or_of_another_kind_is_named(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "c.tfevents", event(1, simple("d_loss", 1.0)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with pytest.raises(UserError, match=r"c\.tfevents: not a readable event file"):
        read_events(path)
    path.write_bytes(bytes(np.arange(200, dtype=np.uint8)))
    with pytest.raises(UserError, match="not a readable event file"):
        read_events(path)


def test_a_resumed_run_and_separate_curves_are_one_log(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    run, name = tmp_path / "runs" / "a", "events.out.tfevents.1.host"
    run.mkdir(parents=True)
    write(run / name, *(event(k, simple("Loss/D", 1.4), simple("Loss/G", 0.7)) for k in range(20)))
    write(run / f"{name}.2", *(event(k, simple("Loss/D", 1.5), simple("Loss/G", 0.8)) for k in range(15, 30)))
    curves = tmp_path / "runs" / "b"
    for player, value in (("loss_D", 1.4), ("loss_G", 0.7)):
        (curves / player).mkdir(parents=True)
        write(curves / player / name, *(event(k, simple("loss", value)) for k in range(30)))
    write(curves / name)
    for folder in (run, curves):
        (log,) = read_logs(folder)
        assert log.history["step"].tolist() == list(range(30)) and log.recognised["step"] == "step"
    assert read_logs(run)[0].history["d_loss"].iloc[[0, 14, 15]].tolist() == pytest.approx([1.4, 1.4, 1.5])
    assert read_logs(curves)[0].recognised["d_loss"] == "loss_D/loss"
    assert main(["detect", str(tmp_path / "runs")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_last_record_of_a_growing_file_may_be_incomplete(tmp_path: Path) -> None:
    path = write(tmp_path / "c.tfevents", *(event(k, simple("d_loss", 1.0)) for k in range(3)))
    path.write_bytes(path.read_bytes()[:-5])
    assert list(read_events(path, growing=True)) == [0, 1]
