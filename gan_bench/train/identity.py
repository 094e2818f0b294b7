"""Digests that identify a run; checks of its data and of its finished files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_bench import paths
from gan_bench.data import DataSet
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, digest_file, digest_of, read_json
from gan_bench.provenance import train_digest
from gan_bench.registry import stem

Settings = Mapping[str, Any]


def check_data(settings: Settings, data: DataSet) -> None:
    """UserError if `data` was not prepared from the data set that the settings name."""
    wanted, prepared = _values(settings["dataset"]), _values({"name": data.name, **data.manifest["settings"]})
    if wanted != prepared:
        raise UserError(
            f"{data.folder}: contains the data set {canonical_json(prepared)}, but the run's settings need "
            f"{canonical_json(wanted)}; prepare that one."
        )


def _values(ref: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a data set and its name. For a user's own file, its name has no path, and its digest is left out."""
    return {**{key: value for key, value in ref.items() if key != "digest"}, "name": stem(ref["name"])}


def identity_of(settings: Settings, data: DataSet) -> dict[str, str]:
    """Digests and versions that identify a run. A stored file with another identity belongs to another run."""
    return {
        "settings": digest_of(dict(settings)),
        "data": data.digest,
        "code": train_digest(settings),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def finished_status(out: Path, identity: Mapping[str, str]) -> dict[str, Any] | None:
    """Status of the finished run in `out`; None if a file is missing or changed, or if its identity differs."""
    try:
        status: dict[str, Any] = read_json(out / paths.STATUS)
    except UserError:  # absent or truncated: the run is not finished
        return None
    files = status.get("sha256", {})
    whole = set(files) == set(paths.REPEATABLE_FILES) and all(
        (out / name).is_file() and digest_file(out / name) == sha for name, sha in files.items()
    )
    return status if whole and status.get("identity") == identity else None
