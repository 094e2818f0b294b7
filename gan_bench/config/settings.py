"""Checks the settings of a single run (settings.json) as strictly as a study, for runs that are started by hand."""

from gan_bench.config.plan.run_settings import validate_run_settings

__all__ = ["validate_run_settings"]
