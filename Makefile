# Everything a developer runs. Each target prepares what it needs: Python 3.11 or newer and make are enough to begin.

# The first Python that is new enough and can create environments; another one: make PYTHON=/path/to/python3 test
PYTHON ?= $(shell for candidate in python3.14 python3.13 python3.12 python3.11 python3; do \
	"$$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$candidate" && break; done)

# Where make demo puts its study; another place: make DEMO=/path/to/folder demo
DEMO ?= demo-study

# What to pass on when the locks are renewed, for example: make LOCK_OPTIONS=--upgrade lock
LOCK_OPTIONS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
LOCK := pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(LOCK_OPTIONS)
NEED_PYTHON = "$(PYTHON)" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Needed: Python 3.11 or newer with the modules venv and ensurepip." >&2; \
	echo "On Debian and Ubuntu: apt install python3-venv. Or name one: make PYTHON=/path/to/python3 ..." >&2; \
	exit 1; }

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-browser check check-install acceptance docs lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/installed ## build the example study and its report, without keys or network
	$(BIN)/groundswell demo "$(DEMO)"

test: .venv/installed ## run all quick tests, in parallel, with branch coverage
	$(PYTEST) -n auto -m "not slow and not acceptance and not browser" --cov --cov-report=term

test-slow: .venv/installed ## run the long forms of the tests
	$(PYTEST) -m slow

test-browser: .venv/installed ## run the tests of the review app in a real Chromium
	$(PYTEST) tests/browser -m browser -p no:cacheprovider

check: .venv/installed ## check style, format, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-install: .venv/installed ## install the built wheel into an empty environment and run the demo there
	$(BIN)/python tests/install/check_install.py

acceptance: .venv/installed ## run the tests that need the recordings kept beside the project
	$(PYTEST) tests/acceptance -m acceptance -p no:cacheprovider

docs: .venv/installed ## renew what the pages show of the program
	$(BIN)/python docs/make_reference.py

lock: ## renew requirements/ after a change of the dependencies in pyproject.toml
	@$(NEED_PYTHON)
	@mkdir -p requirements
	set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	"$(PYTHON)" -m venv "$$tools"; "$$tools/bin/python" -m pip --disable-pip-version-check --quiet install uv; \
	"$$tools/bin/uv" $(LOCK) --output-file requirements/run.txt; \
	"$$tools/bin/uv" $(LOCK) --group dev --constraint requirements/run.txt --output-file requirements/dev.txt

clean: ## remove the environment, caches and builds; studies stay
	rm -rf .venv build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The packages of the lock, and nothing else, each checked against its hash; what they need is all in it.
.venv/locked: requirements/dev.txt
	@$(NEED_PYTHON)
	@echo "Preparing .venv (the first time takes a minute)"
	@$(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

# The project itself, as an editable install: an edit needs no new installation.
.venv/installed: .venv/locked pyproject.toml
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
