# make run    set up, then the default study -> results/demo/report.html
# make test   set up, then the whole test suite
# make test-slurm   the profiles on a real Slurm of its own (root; says what is missing)
# make verify the stored default study against its manifest, two of its runs trained again
# make chaos  kill a small study fifty times and compare what comes out
# make bench  how fast: one run, many together, the workflow, the tables -> benchmarks/RESULTS.md
# make fuzz   twelve thousand made-up studies: no traceback, no nonsense accepted
PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin

.PHONY: run test test-slurm check figures verify chaos fuzz bench
.DELETE_ON_ERROR:

run: .venv/ready config/schema.json
	$(BIN)/snakemake --cores $(CORES)

test: .venv/ready config/schema.json
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile

# About nine minutes on two cores. Debian: apt-get install slurmctld slurmd slurm-client munge
test-slurm: .venv/ready
	$(BIN)/python -m pytest tests/slurm

figures: .venv/ready
	$(BIN)/snakemake --cores $(CORES) figures

verify: .venv/ready
	$(BIN)/gan-bench verify --sample 2

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
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/mypy

# The lock pins every file by its hash; nothing outside it is installed, so the package itself is built without isolation.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gan-bench needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# What editors check studies by, and config/reference.md; written again when the package has changed.
config/schema.json: .venv/ready $(shell find gan_bench -name '*.py')
	$(BIN)/python -m gan_bench.config.document
