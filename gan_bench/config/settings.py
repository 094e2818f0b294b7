"""Checks the settings of a run that is started by hand (settings.json), as strictly as a study file."""

from gan_bench.config.plan.run_settings import validate_run_settings

__all__ = ["validate_run_settings"]
