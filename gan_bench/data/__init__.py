"""Data sets: the output of a data set component, its storage, and reading it back.

A component (one file of this folder, or a user's own file) declares FACTS with, besides paper, settings and deviations,
"licence", "source", "extractor" if only one extractor suits it, and "photographs": True if features of a network
trained on photographs suit it. It has these functions:

    describe(settings) -> {"shape": (C, H, W), "labelled": bool}                  reads no data
    build(settings, folder: Path, data_dir: Path | None) -> Raw                   may leave working files in `folder`
    stamp(settings, data_dir) -> str                                              optional, see `stamp` below

with a default for every setting but paths.

`prepare` stores the output of `build` as memory-mappable arrays with a manifest; `open_data` reads them.
Stored pixels are uint8; `gan_bench.data.scaling` turns them into what networks see.
"""

from gan_bench.data._dataset import DataSet, open_data
from gan_bench.data._prepare import describe, prepare, stamp
from gan_bench.data._raw import Raw
from gan_bench.data._remarks import remarks

__all__ = ["DataSet", "Raw", "describe", "open_data", "prepare", "remarks", "stamp"]
