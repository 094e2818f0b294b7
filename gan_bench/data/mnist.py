"""70,000 handwritten digits of 28 x 28 pixels: 60,000 for training and 10,000 for testing.

They are read from the original archives in data_dir. If data_dir has no archives, they are downloaded from
torchvision's mirrors. The SHA-256 of the archives is always checked.
"""

from pathlib import Path
from typing import Any

from gan_bench.data import Raw, _idx

FACTS = {
    "paper": "LeCun, Bottou, Bengio, Haffner 1998, Gradient-based learning applied to document recognition, "
    "Proc. IEEE 86(11), 2278-2324.",
    "settings": {
        "size": {
            "type": "int",
            "default": 28,
            "choices": [28, 32],
            "unit": "px",
            "help": "side of a picture; 32 adds two rows and columns of zeros on each side",
        },
        "n_train": {
            "type": "int",
            "default": None,
            "nullable": True,
            "min": 10,
            "help": "training pictures: a fixed random subset in proportion to the classes; null = all 60,000",
        },
        "n_test": {
            "type": "int",
            "default": None,
            "nullable": True,
            "min": 10,
            "help": "test pictures, chosen likewise; null = all 10,000",
        },
    },
    "deviations": [],
    "licence": "CC BY-SA 3.0 (Y. LeCun and C. Cortes)",
    "source": "http://yann.lecun.com/exdb/mnist/",
    "torchvision": "MNIST",
    # Folders below data_dir. The archives may also be in data_dir itself.
    "folders": ["mnist", "MNIST/raw"],
    "urls": ["https://ossci-datasets.s3.amazonaws.com/mnist/"],
    # SHA-256.
    "files": {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
}

describe = _idx.describe


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """The pictures of the original archives; UserError as from `_idx.build`."""
    return _idx.build("mnist", FACTS, settings, folder, data_dir)
