# Two commands: `make run` starts the service with a demo organisation, `make test` passes the tests.
.PHONY: install run test check bench clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
TOOLS := $(VENV)/.tools

install: $(RUNTIME)

run: $(RUNTIME)
	@exec $(BIN)/python -m lms serve --demo

test: $(TOOLS)
	@$(BIN)/python -m tests.run

check: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.architecture.missing_words
	$(BIN)/python -m tests.architecture.models_and_migrations

bench: $(TOOLS)
	$(BIN)/python benchmarks/pages.py --json build/pages.json
	$(BIN)/python benchmarks/start.py --json build/start.json

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 run")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(TOOLS): requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(RUNTIME) $@

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
