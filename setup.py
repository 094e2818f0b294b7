"""Adds the files of a project folder to the package, as gan_bench/project_files/, so that `gan-bench init` has them."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# Import the package that is being built. gan_bench.project needs only the standard library.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from gan_bench.project import lay_out


class WithProjectFiles(build_py):
    """Copies the files to the package. An editable install reads the files of the checkout instead."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "gan_bench" / "project_files"
        shutil.rmtree(target, ignore_errors=True)
        lay_out(target)


setup(cmdclass={"build_py": WithProjectFiles})
