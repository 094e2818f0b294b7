"""Builds data sets from components, stores them, and opens stored data sets.

A component is one file of this folder, or a user's own file. Besides paper, settings and deviations, its FACTS hold
"licence" and "source". Two entries are optional. "extractor" names the extractor that scores the samples if a study's
key `evaluation.extractor` is `auto`. "photographs" is True if features of a network trained on photographs suit the
data. A component has these functions:

    describe(settings) -> {"shape": (C, H, W), "labelled": bool}                  reads no data
    build(settings, folder: Path, data_dir: Path | None) -> Raw                   may leave working files in `folder`
    stamp(settings, data_dir) -> str                                              optional; see `stamp` in `_prepare`

`prepare` stores the output of `build` as memory-mappable arrays with a manifest; `open_data` opens them.
Stored pixels are uint8, and stored points are float32. `gan_bench.data.scaling` scales pixels to the input of networks.
"""

from gan_bench.data._dataset import DataSet, open_data
from gan_bench.data._prepare import check_sources, describe, prepare, stamp
from gan_bench.data._raw import Raw
from gan_bench.data._remarks import remarks

__all__ = ["DataSet", "Raw", "check_sources", "describe", "open_data", "prepare", "remarks", "stamp"]
