"""Studies: the typed grammar of their files, the checks, and the grid of runs they expand to. Imports no torch.

load.load_study(name_or_path) -> Study            every mistake of a file in one UserError
grid.expand(study, device="cpu") -> Plan          cells, chunks of seeds, plan.json
check.check_report(study) -> str                  what `gan-bench check` prints
settings.validate_run_settings(mapping) -> dict   settings of one run, as strict as a study
schema                                            config/schema.json and config/README.md
"""
