"""`python -m gan_bench.config.document` writes config/schema.json and config/README.md of the checkout."""

from gan_bench.config.document.readme import readme_text
from gan_bench.config.document.schema import schema_text
from gan_bench.files import write_text
from gan_bench.registry import PACKAGE

SCHEMA_FILE = "config/schema.json"
README_FILE = "config/README.md"

if __name__ == "__main__":
    write_text(PACKAGE.parent / SCHEMA_FILE, schema_text())
    write_text(PACKAGE.parent / README_FILE, readme_text())
