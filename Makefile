# Everything a newcomer needs: `make run`, then `make ui`. A machine with Python 3.11 to 3.13 and make is enough.
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,$(shell $(p) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1 && echo $(p))))
VENV := .venv
BIN := $(VENV)/bin
# Half of the time of a test is waiting: for a server to start, for an answer that never comes.
WORKERS = $(shell $(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))')
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, every command would compile the whole project again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run ui test check format docs migration bench clean
.DEFAULT_GOAL := help

help:
	@echo "make run     sync the demo organisation into PostgreSQL and show the result"
	@echo "make ui      open the Dagster UI on the same data"
	@echo "make test    run the tests, in less than five minutes"
	@echo "make check   lint, types, definitions, docs"
	@echo "make bench   run the benchmarks of the README"

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; install one, or call: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the development tools ..."
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

.env:
	@sed 's|^DAGSTER_HOME=.*|DAGSTER_HOME=$(CURDIR)|' .env.example > $@

run: $(VENV)/.installed .env
	@$(BIN)/sync-assets run

ui: $(VENV)/.installed .env
	@$(BIN)/sync-assets ui

test: $(VENV)/.installed-dev .env
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.installed-dev .env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/dg check defs
	@$(BIN)/python -m sync_assets.docs --check

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.installed-dev
	@$(BIN)/python -m sync_assets.docs

migration: $(VENV)/.installed .env
	@$(BIN)/python -m sync_assets.warehouse.migrate $(MESSAGE)

bench: $(VENV)/.installed .env
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[bench]'
	@$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .sync_assets .tmp_dagster_home_* storage history schedules logs .logs_queue .telemetry .nux
