# Everything starts from `make setup`, which needs Python 3.11 or later and nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# uv trusts the system's certificates, not only its own: companies that read audit trails often have theirs.
# The version that pyproject.toml names in its dev group, so that a sync leaves uv as it is.
UV_VERSION := $(shell sed -n 's/.*"uv==\([0-9.]*\)".*/\1/p' pyproject.toml)
BIN := .venv/bin
INSIGHTS_HOME ?= data
# `cluster` (several hosts, deploy/) and `object-store` (docs/object-store.md) are not installed unless they are asked for:
# make EXTRAS="dashboard cluster object-store" test
EXTRAS ?= dashboard

# One more than there are cores: a third of the time tests wait, for a clock, a browser or a program that starts.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')

.PHONY: help setup demo test check check-style check-types check-sql format dev bench clean

help: ## show what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: .venv/ready ## make .venv from the lock file

.venv/ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed: set PYTHON to one, as in make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv sync --locked --quiet --system-certs $(addprefix --extra ,$(EXTRAS))
	@echo '$(EXTRAS)' > $@

# Made again for other extras, too.
ifneq ($(shell cat .venv/ready 2>/dev/null),$(EXTRAS))
.PHONY: .venv/ready
endif

demo: setup ## the whole way on an emulated tenant, no account needed
	@$(BIN)/insights demo

test: setup ## all tests
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup

check: check-style check-types check-sql ## formatting, linting, types, SQL, dbt project

check-style: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-types: setup
	$(BIN)/mypy

check-sql: setup
	cd dbt_project && INSIGHTS_WAREHOUSE=target/check.duckdb ../$(BIN)/dbt parse --quiet --warn-error --profiles-dir .
	cd dbt_project && INSIGHTS_WAREHOUSE=target/check.duckdb ../$(BIN)/sqlfluff lint --disable-progress-bar models tests

format: setup ## rewrite Python and SQL as check wants them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd dbt_project && INSIGHTS_WAREHOUSE=target/check.duckdb ../$(BIN)/sqlfluff fix --disable-progress-bar models tests

dev: setup ## Dagster's page on http://127.0.0.1:3000
	@mkdir -p $(INSIGHTS_HOME)/dagster && cp insights_pipeline/orchestration/dagster.yaml $(INSIGHTS_HOME)/dagster/
	@DAGSTER_HOME=$(abspath $(INSIGHTS_HOME))/dagster $(BIN)/dagster dev

bench: setup ## benchmarks, figures as text and JSON
	@$(BIN)/uv sync --locked --quiet --system-certs $(addprefix --extra ,$(EXTRAS)) --extra object-store --group bench
	@for benchmark in benchmarks/*.py; do $(BIN)/python $$benchmark || exit 1; done

clean: ## remove what can be made again; collected data stays
	rm -rf .venv dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
