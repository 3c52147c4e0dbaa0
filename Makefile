# Everything is put into .venv/ and .tools/ of this folder; nothing is installed outside of it and nothing is asked.
SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
PYTHON      ?= $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
UV          := .venv/bin/uv
# Modules are compiled at the set-up: where Python may not write, every command would compile all that it imports. The
# library's own stay right when its source changes, since each names the digest of its source.
BYTECODE    := .venv/bin/python -m compileall -q --invalidation-mode checked-hash src
# What numba compiles is kept, too; the first analysis would pay for it otherwise.
LOOPS       := $(shell grep -rlE "numba|compiled|modiscolite" --include='*.py' src)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev nextflow parameters formats demo test test-long test-fast lint lint-types lint-texts docs bench lock \
        clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

setup: .venv/.runtime nextflow ## Python packages (locked, with hashes) and Nextflow, for running the pipeline
	@$(BYTECODE)
	@$(MAKE) --no-print-directory .venv/.loops
	@echo "Ready: source .venv/bin/activate"

setup-dev: .venv/.development nextflow ## The same and what tests and linters need
	@$(BYTECODE)
	@$(MAKE) --no-print-directory .venv/.loops
	@tools/nextflow/install lint || echo "nextflow lint could not be installed: the Nextflow code will not be linted"

demo: setup ## Run the pipeline on data that it simulates
	nextflow run . -profile demo --outdir results/demo -ansi-log false
	@echo; echo "Open in a browser:"; ls -1 results/demo/report/*.html | sed 's/^/  /'

# A test of the pipeline waits for one process after another: two tests at a time use two cores.
test: setup-dev lint ## Linters and the tests of every day
	python -m pytest -m "not long" -n 2 --dist loadfile --ignore tests/architecture

test-long: setup-dev ## What takes longer: whole runs on real and simulated data, journeys, module tests of nf-test
	@if command -v nf-test >/dev/null; then tools/nf-test; \
	else echo "nf-test is not on PATH: the .nf.test files were not run. pytest runs the same processes with real Nextflow."; fi
	python -m pytest -m long

test-fast: setup-dev ## The library and its commands, without networks and without the pipeline: minutes
	python -m pytest -m "not long" -n 2 --dist loadfile --ignore tests/model --ignore tests/pipeline --ignore tests/journeys

parameters: ## nextflow.config, nextflow_schema.json, docs/parameters.md and docs/commands.md from their declarations
	tools/parameters

formats: ## docs/formats.md and the folders in docs/output.md from the formats that are declared, docs/glossary.md, what the page says of how to read it
	tools/formats
	tools/glossary
	tools/guide

lint: setup-dev ## ruff, mypy, the direction of imports and nextflow lint
	@$(MAKE) --no-print-directory --jobs 2 lint-types lint-texts

lint-types:
	mypy

lint-texts:
	ruff check .
	ruff format --check .
	python -m pytest -q tests/architecture
	@if [ -x .venv/bin/nextflow-lint ]; then echo "nextflow lint"; \
	nextflow-lint lint -o concise main.nf nextflow.config conf functions modules subworkflows; \
	else echo "nextflow lint is not installed: the Nextflow code was not linted"; fi

docs: .tools/docs/.installed ## The documentation site, in site/; a broken link or a missing anchor is an error
	NO_MKDOCS_2_WARNING=1 .tools/docs/bin/mkdocs build --strict # with --quiet it takes no notice of warnings
	@echo "Open in a browser: site/index.html; to search, serve it: python3 -m http.server --directory site"

bench: setup ## Time and memory on real data: every task of the Reb1 run, reads counted per second
	benchmarks/reb1_run
	benchmarks/count_reads.py "$${CISTILL_TEST_DATA:-../shared/data}"/reb1_chipexo/*.bam

# UPGRADE=--upgrade takes the newest versions that pyproject.toml allows; without it locked ones stay as they are.
lock: .venv/.bootstrap ## Write the lock files again from pyproject.toml
	echo "uv==$$($(UV) --version | cut -d' ' -f2)" | $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-header - -o requirements/bootstrap.lock
	$(UV) pip compile -q $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --extra dev \
	  pyproject.toml -o requirements/dev.lock
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  -c requirements/dev.lock pyproject.toml -o requirements/run.lock
	$(PYTHON) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['docs'], sep='\n')" \
	  | $(UV) pip compile -q $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header \
	  - -o requirements/docs.lock

clean: ## Remove environments, caches and results of the demo
	rm -rf .venv .tools site .nextflow* work results/demo .pytest_cache .ruff_cache .mypy_cache .hypothesis .nf-test*

# Stamps: a step is repeated when its lock file is newer than the stamp.
.venv/.bootstrap: requirements/bootstrap.lock
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making the virtual environment .venv with $$($(PYTHON) --version)"
	[ -x .venv/bin/python ] || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/.runtime: requirements/run.lock .venv/.bootstrap
	@echo "Installing the Python packages of requirements/run.lock (minutes the first time)"
	$(UV) pip sync --quiet --require-hashes --compile-bytecode requirements/run.lock
	@rm -f .venv/.development
	@touch $@

# The development lock holds the runtime packages in the same versions.
.venv/.development: requirements/dev.lock requirements/run.lock .venv/.bootstrap
	@echo "Installing the Python packages of requirements/dev.lock (minutes the first time)"
	$(UV) pip sync --quiet --require-hashes --compile-bytecode requirements/dev.lock
	@touch .venv/.runtime $@

# The site needs none of the library's packages: its environment is small and of its own.
.tools/docs/.installed: requirements/docs.lock .venv/.bootstrap
	@echo "Installing the Python packages of requirements/docs.lock"
	$(UV) venv --quiet --clear .tools/docs
	VIRTUAL_ENV=.tools/docs $(UV) pip sync --quiet --require-hashes --compile-bytecode requirements/docs.lock
	@touch $@

.venv/.loops: $(LOOPS) requirements/run.lock
	@echo "Compiling what numba compiles (half a minute the first time)"
	PYTHONPATH=src .venv/bin/python -m cistill.api.compilation
	@touch $@

nextflow: .venv/.bootstrap
	@tools/nextflow/install
