"""70,000 pictures of clothes, 28 x 28 pixels, in ten classes: 60,000 for training and 10,000 for testing.

They are read from the original archives in data_dir. If data_dir has no archives, they are downloaded from
torchvision's mirrors. The SHA-256 of the archives is always checked.
"""

from pathlib import Path
from typing import Any

from gan_bench.data import Raw, _idx

FACTS = {
    "paper": "Xiao, Rasul, Vollgraf 2017, Fashion-MNIST: a novel image dataset for benchmarking machine learning "
    "algorithms, arXiv:1708.07747.",
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
    "licence": "MIT",
    "source": "https://github.com/zalandoresearch/fashion-mnist",
    "torchvision": "FashionMNIST",
    # Folders below data_dir. The archives may also be in data_dir itself.
    "folders": ["fashion_mnist", "FashionMNIST/raw"],
    "urls": ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
    # SHA-256.
    "files": {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    "classes": [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ],
}

describe = _idx.describe


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """The pictures of the original archives; UserError as from `_idx.build`."""
    return _idx.build("fashion_mnist", FACTS, settings, folder, data_dir)
