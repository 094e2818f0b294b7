"""Adds the files of a project folder to the package, as gan_bench/project_files/, so that `gan-bench init` has them."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

#: As in gan_bench/project.py, which cannot be imported while the package is built.
PARTS = ("Snakefile", "workflow", "config", "profiles")
GENERATED = ("schema.json", "reference.md", "__pycache__", ".snakemake")


class WithProjectFiles(build_py):
    """Copies the files, except for an editable install, which reads those of the checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "gan_bench" / "project_files"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for part in map(Path, PARTS):
            if part.is_dir():
                shutil.copytree(part, target / part, ignore=shutil.ignore_patterns(*GENERATED))
            else:
                shutil.copy2(part, target / part)


setup(cmdclass={"build_py": WithProjectFiles})
