"""A folder with one unusual file, as a data set and as the real or generated images of `gan-bench evaluate`.

docs/faults.md names these tests.
"""

import os
import resource
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_bench.cli import main
from gan_bench.data import open_data, prepare
from gan_bench.data._folder import MOST_LINKED, list_files
from gan_bench.errors import UserError
from gan_bench.files import canonical_json
from gan_bench.metrics.inputs.kinds import Target
from gan_bench.metrics.inputs.load import load_sets

Ref = Callable[..., dict[str, Any]]
SIDE = 12
RGB = Target(SIDE, channels=3)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return folder(tmp_path / "good")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder like `good`, to which a test adds an unusual file."""
    return folder(tmp_path / "odd")


def folder(path: Path) -> Path:
    """Make a folder with six noise PNGs of 12 x 12 px, and return its path."""
    rng = np.random.default_rng(0)
    path.mkdir()
    for number in range(6):
        Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save(path / f"{number}.png")
    return path


def png_of_zeros(path: Path, side: int) -> None:
    """Write a valid grey PNG of side x side px. All pixels are 0, so the file is small."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def cut(path: Path) -> None:
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


BAD: dict[str, tuple[bytes, Callable[[Path], Any], str]] = {
    "cut short": (b"x.png", cut, "cannot be decoded: image file is truncated"),
    "empty": (b"x.png", Path.touch, "an empty file"),
    "text": (b"x.png", lambda path: path.write_text("text"), "not a picture in a format that can be read"),
    "an array": (b"x.png", lambda path: path.write_bytes(bytes(200)), "not a picture in a format that can be read"),
    "a bomb": (b"x.png", lambda path: png_of_zeros(path, 14_000), f"more than {Image.MAX_IMAGE_PIXELS} pixels"),
    "a link to itself": (b"x.png", lambda path: path.symlink_to(path), "a link that leads nowhere"),
    "a pipe": (b"x.png", os.mkfifo, "not a regular file"),
    "a line break": (b"a\nb.png", Path.touch, "an empty file"),
    "quotes": (b"a'b\"c.png", Path.touch, "an empty file"),
    "a shell command": (b"$(touch x).png", Path.touch, "an empty file"),
    "no UTF-8": (b"\xff\xfe.png", Path.touch, "an empty file"),
}
SHOWN = {b"a\nb.png": r"'a\nb.png'", b"\xff\xfe.png": r"'\udcff\udcfe.png'"}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_named_with_the_reason(kind: str, good: Path, odd: Path, tmp_path: Path, ref: Ref) -> None:
    name, make, reason = BAD[kind]
    make(Path(os.fsdecode(os.fsencode(odd) + b"/" + name)))
    shown = SHOWN.get(name, name.decode(errors="replace"))
    with pytest.raises(UserError) as as_data:
        prepare(ref("image_folder", path=str(odd), size=8), tmp_path / "out")
    assert f"1 of 7 files are not usable pictures: {shown} ({reason}" in str(as_data.value)
    for real, fake in ((odd, good), (good, odd)):
        with pytest.raises(UserError) as caught:
            load_sets([real, fake])
        text = str(caught.value)
        assert str(odd) in text and shown in text and reason in text and "mend or remove" in text
        assert "\n" not in text and text.isascii()


@pytest.mark.parametrize(("utf8", "shown"), [("1", "ü.png"), ("0", r"'\udcc3\udcbc.png'")])
def test_a_bad_name_is_one_line_on_the_screen_and_in_the_log(
    utf8: str, shown: str, odd: Path, tmp_path: Path, ref: Ref
) -> None:
    """Files with bad names give one line of output, also if PYTHONUTF8 is "0" and Python assumes ASCII."""
    Path(os.fsdecode(os.fsencode(odd) + b"/\xff\n.png")).touch()
    (odd / "ü.png").touch()
    settings = canonical_json(ref("image_folder", path=str(odd), size=8))
    command = [sys.executable, "-m", "gan_bench.cli", "job", "data", "--settings", settings]
    command += ["--out", str(tmp_path / "out" / "manifest.json"), "--log", str(tmp_path / "log")]
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0"}
    run = subprocess.run(command, env=plain, capture_output=True, check=False)
    assert run.returncode == 2 and run.stderr.count(b"\n") == 1
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert r"'\udcff\n.png'" in log and shown in log and log.count("\n") == 1


def test_a_folder_that_is_no_utf8_is_no_traceback(tmp_path: Path, good: Path) -> None:
    """A folder whose name is not valid UTF-8 is given on the command line, once as input and once as output."""
    place = os.fsencode(tmp_path) + b"/\xff"
    good.rename(os.fsdecode(place))
    command = [
        sys.executable,
        "-m",
        "gan_bench.cli",
        "evaluate",
        "--real",
        place,
        "--fake",
        place,
        "--metrics",
        "frechet",
    ]
    run = subprocess.run([*command, "--out", place + b".json"], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    assert Path(os.fsdecode(place + b".json")).is_file()
    run = subprocess.run([*command, "--out", place + b".json", "--train", b"no\xff"], capture_output=True, check=False)
    assert run.returncode == 2 and run.stderr == b"gan-bench evaluate: no\\udcff: no such file.\n"


def test_a_bomb_is_refused_by_its_header(good: Path, odd: Path) -> None:
    """A picture of 20000 x 20000 px is refused in a process whose memory is limited to 1 GiB."""
    png_of_zeros(odd / "bomb.png", 20_000)
    script = (
        "import sys; from pathlib import Path; from gan_bench.data._pictures import *\n"
        "for read in (look, lambda path: decode(path, Rule(8, 3, 'crop'))):\n"
        "    try:\n        read(Path(sys.argv[1]))\n"
        "    except BadPictureError as bad:\n        print(bad)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(odd / "bomb.png")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"more than {Image.MAX_IMAGE_PIXELS} pixels\n" * 2


USABLE: dict[str, tuple[str, Callable[[Path], Any], list[int]]] = {
    "CMYK": (
        "x.jpg",
        lambda path: Image.new("CMYK", (SIDE, SIDE), (0, 255, 255, 0)).save(path, quality=95),
        [254, 0, 0],
    ),
    "a palette": ("x.png", lambda path: palette().save(path), [10, 20, 30]),
    "animated": (
        "x.gif",
        lambda path: colour(250, 0, 0).save(path, save_all=True, append_images=[colour(0, 0, 250)]),
        [250, 0, 0],
    ),
    "a suffix of another format": ("x.jpg", lambda path: colour(1, 2, 3).save(path, format="PNG"), [1, 2, 3]),
    "no suffix": ("x", lambda path: colour(1, 2, 3).save(path, format="PNG"), [1, 2, 3]),
    "a line break": ("a\nb.png", lambda path: colour(1, 2, 3).save(path), [1, 2, 3]),
    "a shell command": ("$(touch x);'\".png", lambda path: colour(1, 2, 3).save(path), [1, 2, 3]),
    "no UTF-8": ("\udcff.png", lambda path: colour(1, 2, 3).save(path), [1, 2, 3]),
}


def colour(*rgb: int) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), rgb)


def palette() -> Image.Image:
    picture = Image.new("P", (SIDE, SIDE), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    return picture


@pytest.mark.parametrize("kind", USABLE)
def test_an_odd_file_that_is_a_picture_is_read_as_one(
    kind: str, good: Path, odd: Path, tmp_path: Path, ref: Ref
) -> None:
    name, make, wanted = USABLE[kind]
    make(odd / name)
    position = list_files(odd).index(name)
    for points in (load_sets([odd, good], RGB)[0], load_sets([good, odd], RGB)[1]):
        assert len(points) == 7
        np.testing.assert_allclose(points.array[position, :, 3, 3], wanted, atol=2)
    prepare(ref("image_folder", path=str(odd), size=8, test_fraction=0.4), tmp_path / "out")
    data = open_data(tmp_path / "out")
    middles = np.concatenate([data.images("train"), data.images("test")])[:, :, 3, 3]
    assert sum(np.allclose(middle, wanted, atol=2) for middle in middles.astype(int)) == 1


def test_a_pixel_alone_is_enlarged_on_request_only(good: Path, odd: Path, tmp_path: Path, ref: Ref) -> None:
    Image.new("RGB", (1, 1), (7, 8, 9)).save(odd / "x.png")
    assert load_sets([odd, good], RGB)[0].array[6, :, 11, 11].tolist() == [7, 8, 9]
    with pytest.raises(UserError, match=r"12 x 12 px \(6 of 7, such as 0\.png\), 1 x 1 px \(1 of 7, such as x\.png\)"):
        load_sets([good, odd])
    assert (
        prepare(ref("image_folder", path=str(odd), size=8, test_fraction=0.4), tmp_path / "out")["counts"]["train"] == 4
    )


def test_one_picture_is_too_few(good: Path, tmp_path: Path, ref: Ref) -> None:
    (tmp_path / "one").mkdir()
    (good / "0.png").rename(tmp_path / "one" / "0.png")
    with pytest.raises(UserError, match="too few pictures: 1 to train and 0 to test with"):
        prepare(ref("image_folder", path=str(tmp_path / "one"), size=8), tmp_path / "out")
    for real, fake in ((tmp_path / "one", good), (good, tmp_path / "one")):
        with pytest.raises(UserError, match=r"one has 1 rows; 2 or more are needed"):
            load_sets([real, fake])


def test_links_between_folders_end(odd: Path, good: Path, tmp_path: Path, ref: Ref) -> None:
    """Nine folders link to each other, so that 986 409 different paths without a loop lead through the folders."""
    (odd / "up").symlink_to(odd)
    assert list_files(odd) == list_files(good)
    folders = [odd / f"n{k}" for k in range(9)]
    for place in folders:
        place.mkdir()
    for place in folders:
        for other in folders:
            (place / other.name).symlink_to(other)
    began = time.monotonic()
    with pytest.raises(UserError, match=f"links between folders lead to more than {MOST_LINKED} folders; remove"):
        prepare(ref("image_folder", path=str(odd), size=8), tmp_path / "out")
    assert time.monotonic() - began < 60, "1 s; all the ways would take hours"


@pytest.mark.parametrize("name", ["a\nb", "\udcff"])
def test_a_class_that_cannot_be_shown_is_refused(name: str, odd: Path, tmp_path: Path, ref: Ref) -> None:
    for place in (odd / "fine", odd / name):
        place.mkdir()
        for number in range(4):
            colour(number, 0, 0).save(place / f"{number}.png")
    for file in odd.glob("*.png"):
        file.unlink()
    with pytest.raises(UserError) as caught:
        prepare(ref("image_folder", path=str(odd), size=8, labels="folders"), tmp_path / "out")
    assert f"the class folder {name!a}" in str(caught.value) and "rename it" in str(caught.value)


def test_the_command_writes_no_score_of_a_folder_with_a_bad_file(good: Path, odd: Path, tmp_path: Path, capsys) -> None:
    (odd / "x.png").touch()
    for sides in ((odd, good), (good, odd)):
        arguments = ["evaluate", "--real", str(sides[0]), "--fake", str(sides[1]), "--out", str(tmp_path / "m.json")]
        assert main(arguments) == 2 and not (tmp_path / "m.json").exists()
        shown = capsys.readouterr()
        assert "x.png" in shown.err and shown.err.count("\n") == 1 and not shown.out
