"""Writes data as the text of a study file."""

from typing import Any

import yaml

from gan_bench.config.grammar.yaml_source import NUMBER


class _Dumper(yaml.SafeDumper):
    """Quotes texts such as "2e-4". Without quotes, the reader of study files takes them for numbers.

    PyYAML writes no quotes, because 2e-4 is text in YAML 1.1.
    """


_Dumper.add_implicit_resolver("text", NUMBER, list("-+0123456789."))


def study_text(data: Any) -> str:
    """The study `data` as YAML, with keys in the same order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
