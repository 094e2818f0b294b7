"""Checks the configuration of the workflow: config/config.yaml and the values given on the command line."""

from collections.abc import Mapping
from typing import Any

from gan_bench import bits
from gan_bench.config.grammar.fields import place_of
from gan_bench.errors import UserError, unknown_name

#: Keys of config/config.yaml -> their meaning.
CONFIG_KEYS = {
    "study": "name of a file in config/studies/, or the path of your own study file",
    "results": "folder for all output",
    "data_dir": "folder with mnist/, fashion_mnist/ or your own picture folders, or null",
    "device": "cpu or cuda",
    "bits": "portable or native",
    "part": "part of the study to run: labels of data sets, cell:ID, seeds:FIRST-LAST, with commas; null for all",
}
#: Keys of config/config.yaml that may be missing -> their default values.
DEFAULTS = {"bits": "portable", "part": None}


def checked_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """`config` with the values of DEFAULTS for absent keys. UserError with a sentence for each mistake.

    `part` is not checked here, because its valid values depend on the study.
    """
    config = {**DEFAULTS, **config}
    wrong = [
        unknown_name("config key", key, list(CONFIG_KEYS), place_of(str(key), ""))
        for key in config
        if key not in CONFIG_KEYS
    ]
    wrong += [f"config key {key!r} is missing: {text}." for key, text in CONFIG_KEYS.items() if key not in config]
    for key in ("study", "results", "data_dir"):
        path = config.get(key)
        if key == "data_dir" and path in (None, ""):
            continue
        if not (isinstance(path, str | int | float) and str(path).strip() and str(path).isprintable()):
            wrong.append(f"config key {key!r} is {path!r}; valid: the path of a folder or file, without line breaks.")
        elif key == "results" and (set(str(path)) & set("{}<>*") or str(path).startswith("~")):
            # Snakemake or the shell interprets { } < > *. Some shells do not expand ~ after an equals sign.
            wrong.append(
                f"config key 'results' is {path!r}; valid: a path without {{ }} < > * and without ~ at its start."
            )
    if config.get("device", "cpu") not in ("cpu", "cuda"):
        wrong.append(f"config key 'device' is {config['device']!r}; valid: cpu, cuda.")
    if config["bits"] not in bits.MODES:
        wrong.append(f"config key 'bits' is {config['bits']!r}; valid: {', '.join(bits.MODES)}.")
    if wrong:
        raise UserError(*wrong)
    return config
