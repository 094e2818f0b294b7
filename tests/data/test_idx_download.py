"""Downloads with torchvision's real code from a server on this machine."""

import http.server
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from torchvision.datasets import MNIST
from torchvision.datasets.utils import calculate_md5

from gan_bench.data import _download, _idx
from gan_bench.errors import UserError
from gan_bench.files import digest_file

Archives = tuple[Path, dict[str, Any]]
WHOLE = {"size": 28, "n_train": None, "n_test": None}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without logging, and counts requests."""

    asked: list[str] = []  # noqa: RUF012

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


@pytest.fixture
def mirror(archives: Archives, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The small archives at a URL that replaces torchvision's mirrors, with their MD5s."""
    folder, _ = archives
    Quiet.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    monkeypatch.setattr(MNIST, "mirrors", [url])
    monkeypatch.setattr(MNIST, "resources", [(file, calculate_md5(folder / file)) for file in _idx.FILES])
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    yield url
    server.shutdown()
    server.server_close()
    thread.join()


def test_download_is_kept_and_read(archives: Archives, mirror: str, tmp_path: Path) -> None:
    _, facts = archives
    raw = _idx.build("mnist", facts, WHOLE, tmp_path / "out", None)
    assert raw.images.shape == (80, 1, 28, 28)
    assert {file: digest_file(tmp_path / "out" / "download" / file) for file in _idx.FILES} == facts["files"]
    asked = len(Quiet.asked)
    _idx.build("mnist", facts, WHOLE, tmp_path / "out", None)
    assert len(Quiet.asked) == asked  # existing files are not downloaded again
    assert asked >= 4


def test_a_corrupted_download_is_refused(archives: Archives, mirror: str, tmp_path: Path) -> None:
    folder, facts = archives
    path = folder / _idx.FILES[0]
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte\.gz: .*corrupted"):
        _idx.build("mnist", facts, WHOLE, tmp_path / "out", None)


def test_a_download_torchvision_accepts_still_meets_our_checksum(
    archives: Archives, mirror: str, tmp_path: Path
) -> None:
    _, facts = archives
    facts = {**facts, "files": {**facts["files"], _idx.FILES[2]: "0" * 64}}
    with pytest.raises(UserError, match=r"t10k-images-idx3-ubyte\.gz is damaged or another file"):
        _idx.build("mnist", facts, WHOLE, tmp_path / "out", None)


def test_a_second_mirror_is_tried(
    archives: Archives, mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MNIST, "mirrors", [closed_port(), mirror + "gone/", mirror])
    assert len(_idx.build("mnist", archives[1], WHOLE, tmp_path / "out", None).images) == 80


@pytest.mark.parametrize("with_data_dir", [False, True])
def test_without_files_or_network_the_way_out_is_named(
    archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_data_dir: bool
) -> None:
    monkeypatch.setattr(MNIST, "mirrors", [closed_port()])
    with pytest.raises(UserError) as caught:
        _idx.build("mnist", archives[1], WHOLE, tmp_path / "out", tmp_path / "empty" if with_data_dir else None)
    text = str(caught.value)
    for part in ("data_dir", *_idx.FILES, "https://example.org/mnist/", "folder mnist/"):
        assert part in text
    assert "\n" not in text


def test_a_silent_server_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = socket.getdefaulttimeout()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(_download, "TIMEOUT", 0.2)
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{silent.getsockname()[1]}/"])
        with pytest.raises(_download.DownloadError, match="timed out"):
            _download.fetch("MNIST", tmp_path)
    assert socket.getdefaulttimeout() == before


def closed_port() -> str:
    """A URL on this machine at which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


def test_a_single_file_is_fetched_whole_or_not_at_all(archives: Archives, mirror: str, tmp_path: Path) -> None:
    folder, _ = archives
    name = _idx.FILES[0]
    wanted, to = digest_file(folder / name), tmp_path / "cache" / name
    _download.fetch_file(mirror + name, to, wanted)
    assert digest_file(to) == wanted
    with pytest.raises(_download.DownloadError, match=r"SHA-256 is .*, not 0000"):
        _download.fetch_file(mirror + name, tmp_path / "other", "0" * 64)
    with pytest.raises(_download.DownloadError, match="404"):
        _download.fetch_file(mirror + "absent", tmp_path / "other", wanted)
    assert not list(tmp_path.glob("other*")) and not list(tmp_path.glob(".other*")), "nothing is left of what failed"
