# make run    set up, then the default study -> results/demo/report.html
# make test   set up, then the whole test suite
# make test-slow   the tests marked slow, which `make test` leaves out
# make docs   the documentation site -> build/site/index.html
# make test-docs   every code block of the documents and both notebooks; counts them
# make test-slurm   the profiles on a private Slurm (needs root; names missing programs)
# make verify check the stored default study against its manifest, and train two of its runs again
# make portable  six small runs against the bits of the tested processors -> "N of N equal on CLASS"
# make chaos  kill a small study fifty times and compare its results
# make bench  speed of a run, of stacked runs, of the workflow and of the tables -> benchmarks/RESULTS.md
# make fuzz   twelve thousand random studies: no traceback, no invalid study accepted
PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin

.PHONY: run test test-slow test-docs docs test-slurm check figures verify portable chaos fuzz bench
.DELETE_ON_ERROR:

run: .venv/ready config/schema.json
	$(BIN)/snakemake --cores $(CORES)

test: .venv/ready config/schema.json
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile

test-slow: .venv/ready config/schema.json
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile --slow -m slow --ignore tests/slurm --ignore tests/docs

docs: .venv/docs-ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

test-docs: .venv/docs-ready
	$(BIN)/python -m pytest tests/docs --slow

# About nine minutes on two cores. Debian: apt-get install slurmctld slurmd slurm-client munge
test-slurm: .venv/ready
	$(BIN)/python -m pytest tests/slurm

figures: .venv/ready
	$(BIN)/snakemake --cores $(CORES) figures

verify: .venv/ready
	$(BIN)/gan-bench verify --sample 2

portable: .venv/ready
	$(BIN)/python benchmarks/bits/portable.py --cores $(CORES)

chaos: .venv/ready
	$(BIN)/python benchmarks/chaos.py

fuzz: .venv/ready
	$(BIN)/python benchmarks/fuzz.py

# About fifteen minutes on two cores; python benchmarks/bench.py --full takes hours.
bench: .venv/ready
	$(BIN)/python benchmarks/bench.py

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/snakefmt --check Snakefile workflow benchmarks/detector/Snakefile
	$(BIN)/python .ci/lint.py
	$(BIN)/python .ci/lint.py --snakefile benchmarks/detector/Snakefile
	$(BIN)/mypy

# Only files with a hash in the lock are installed; therefore the package is built without isolation.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gan-bench needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# MkDocs and Jupyter, which nothing but the two targets of documents needs.
.venv/docs-ready: .venv/ready docs/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement docs/requirements.lock
	touch $@

# What editors check studies by, and config/reference.md; written again when the package has changed.
config/schema.json: .venv/ready $(shell find gan_bench -name '*.py')
	$(BIN)/python -m gan_bench.config.document
