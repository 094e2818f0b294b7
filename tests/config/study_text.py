"""Writes data as the text of a study file."""

from typing import Any

import yaml

from gan_bench.config.grammar.yaml_source import NUMBER


class _Dumper(yaml.SafeDumper):
    """Quotes text such as 2e-4. PyYAML does not, because it is text in YAML 1.1; a study file reads it as a number."""


_Dumper.add_implicit_resolver("text", NUMBER, list("-+0123456789."))


def study_text(data: Any) -> str:
    """YAML of a study, its keys in the order of `data`."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
