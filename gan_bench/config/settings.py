"""Settings of a single run, as in settings.json, checked as strictly as a study. For runs started by hand."""

from gan_bench.config.plan.run_settings import validate_run_settings

__all__ = ["validate_run_settings"]
