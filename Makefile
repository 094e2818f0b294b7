# make run         set up, then run the default study -> results/demo/report.html
# make test        set up, then run the test suite, without tests marked slow
# make test-slow   run the tests marked slow, without those of documents and of Slurm
# make check       check format, style, spelling, workflow and types
# make docs        write the documentation site -> build/site/index.html
# make test-docs   run the code blocks of the documents and the notebooks, and print how many ran
# make test-slurm  run the profiles on a private Slurm (needs root; names missing programs)
# make figures     draw the figures and the page of the default study again
# make verify      check the results of the default study against their manifest, and train two runs again
# make portable    compare six small runs with the bits of the tested processors -> "N of N equal on CLASS"
# make chaos       kill a small study fifty times and compare its results
# make bench       measure the speed of a run, stacked runs, the workflow and the tables -> benchmarks/RESULTS.md
# make fuzz        check twelve thousand random studies: none may give a traceback, no invalid one may be accepted
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

# Only packages with a hash in the lock are installed. A build with isolation would download others, so it is off.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gan-bench needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Installs MkDocs and Jupyter. Only the targets docs and test-docs need them.
.venv/docs-ready: .venv/ready docs/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement docs/requirements.lock
	touch $@

# Editors check studies with this schema. The command also writes config/reference.md.
config/schema.json: .venv/ready $(shell find gan_bench -name '*.py')
	$(BIN)/python -m gan_bench.config.document
