"""`python -m gan_bench.config.document` writes config/schema.json and config/reference.md into the checkout."""

from pathlib import Path

from gan_bench.config.document.reference_page import reference_text
from gan_bench.config.document.schema import schema_text
from gan_bench.files import write_text
from gan_bench.registry import PACKAGE


def write_documents(folder: Path) -> None:
    """Write schema.json (used by editors to check studies) and reference.md into a folder."""
    write_text(folder / "schema.json", schema_text())
    write_text(folder / "reference.md", reference_text())


if __name__ == "__main__":
    write_documents(PACKAGE.parent / "config")
