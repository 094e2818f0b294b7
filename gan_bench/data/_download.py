"""Downloads files and checks them: archives on torchvision's mirrors by MD5, single files by SHA-256."""

import hashlib
import http.client
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_bench.files import atomic_path

#: Seconds to wait for a server's answer.
TIMEOUT = 30.0


class DownloadError(Exception):
    """A file could not be downloaded; `str()` names the file and the reason."""


def fetch(data_set: str, folder: Path) -> None:
    """Download the archives of a torchvision data set (class name `data_set`) into `folder`.

    A file that is already there with the right MD5 is kept. DownloadError if a file fails on every mirror.
    """
    from torchvision import datasets
    from torchvision.datasets.utils import download_url

    chosen = getattr(datasets, data_set)
    for file, md5 in chosen.resources:
        reasons = []
        for mirror in chosen.mirrors:
            try:
                with _timeout():
                    download_url(f"{mirror}{file}", str(folder), filename=file, md5=md5)
                break
            # urllib's errors are OSErrors; torchvision raises RuntimeError for a wrong checksum.
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                reasons.append(f"{mirror}{file}: {error}")
        else:
            raise DownloadError("; ".join(reasons))


def fetch_file(url: str, path: Path, sha256: str) -> None:
    """Download one file to `path`, atomically. DownloadError if this fails or if the file has another SHA-256."""
    request = urllib.request.Request(url, headers={"User-Agent": "gan-bench"})  # noqa: S310 (the package's own URLs)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer, atomic_path(path) as temporary:  # noqa: S310
            digest = hashlib.sha256()
            with temporary.open("wb") as out:
                while part := answer.read(1 << 20):
                    out.write(part)
                    digest.update(part)
            if digest.hexdigest() != sha256:
                raise DownloadError(f"{url}: SHA-256 is {digest.hexdigest()}, not {sha256}")
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(f"{url}: {error}") from None


@contextmanager
def _timeout() -> Iterator[None]:
    """Set TIMEOUT for all sockets. Without it, torchvision would wait forever if a network drops packets."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
