"""gan-bench: a reproducible benchmark suite for generative adversarial networks.

The Python interface (docs/python.md). Most functions have the name, arguments and defaults of a command:

    load      the tables and pictures of a study          check     validate a study
    train     one run                                     run       a whole study
    sample    images of a run's generator                 detect    judge a loss history
    evaluate  score images or features                    Watch     judge a training loop while it runs
    compare   several models against one real set         UserError exception: a mistake of the user

`import gan_bench` loads only the standard library. Other libraries are loaded when a name is first used.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_bench.api.logs import Watch as Watch
    from gan_bench.api.logs import detect as detect
    from gan_bench.api.results import load as load
    from gan_bench.api.runs import sample as sample
    from gan_bench.api.runs import train as train
    from gan_bench.api.samples import compare as compare
    from gan_bench.api.samples import evaluate as evaluate
    from gan_bench.api.studies import check as check
    from gan_bench.api.studies import run as run
    from gan_bench.errors import UserError as UserError

__version__ = "0.2.0"

#: Public name -> module that defines it. `train` is also the name of a package (see `_Package`).
_NAMES = {
    **{"load": "api.results", "train": "api.runs", "sample": "api.runs"},
    **{"evaluate": "api.samples", "compare": "api.samples", "detect": "api.logs", "Watch": "api.logs"},
    **{"check": "api.studies", "run": "api.studies", "UserError": "errors"},
}


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'gan_bench' has no attribute {name!r}")
    if name == "train":
        return importlib.import_module("gan_bench.train")
    return getattr(importlib.import_module(f"gan_bench.{_NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})


class _CallableModule(ModuleType):
    """The class of the package gan_bench.train. A call of the package calls gan_bench.api.runs.train."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return importlib.import_module("gan_bench.api.runs").train(*arguments, **options)


class _Package(ModuleType):
    """The class of this package. It makes the package gan_bench.train callable.

    When gan_bench.train is imported, Python sets the attribute `train` of this package to gan_bench.train. Therefore
    `gan_bench.train` is both a package and the function `train`.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "train" and isinstance(value, ModuleType):
            value.__class__ = _CallableModule
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
