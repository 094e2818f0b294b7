"""Fetch files through torchvision's mirrors, each checked against its MD5."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds without an answer after which a mirror is given up.
TIMEOUT = 30.0


class DownloadError(Exception):
    """No mirror gave a file; `str()` says which and why."""


def fetch(data_set: str, folder: Path) -> None:
    """Download the archives of a torchvision data set (class name `data_set`) into `folder`.

    A file that is already there with the right MD5 is kept. Raises DownloadError.
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


@contextmanager
def _timeout() -> Iterator[None]:
    """torchvision sets no limit of its own: a network that drops packets would hold a job for many minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
