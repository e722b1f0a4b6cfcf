# What a person types in a checkout. `make demo` and `make test` do all set-up themselves.

SHELL := /bin/bash
ARGS ?=
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test setup lint format types benchmarks lock clean
export PYTHON

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Set everything up, load the fictional sample borough and serve the app (ARGS=--no-serve: stop before serving)
	@bash .ci/setup.sh run
	@$(BIN)/cs-geo demo $(ARGS)

test: ## Set everything up and run lint, types, import contracts and every test (ARGS go to pytest)
	@bash .ci/setup.sh test
	@bash .ci/check.sh $(ARGS)

setup: ## Set everything up and run nothing
	@bash .ci/setup.sh test

lint: ## Lint, the format and the import contracts: the quick half of the checks
	@bash .ci/setup.sh dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

format: ## Put the code into its format and mend what lint can mend by itself
	@bash .ci/setup.sh dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

types: ## Check the types
	@bash .ci/setup.sh dev
	@$(BIN)/mypy

benchmarks: ## Measure the figures of the product (tests/benchmarks)
	@bash .ci/setup.sh test
	@set -e; for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script $(ARGS); done

lock: ## Pin the Python packages anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --extra dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock
	python3 -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["node"], sep="\n")' \
		| uv pip compile -q --universal --generate-hashes --no-header --no-annotate - -o requirements-node.lock

clean: ## Remove everything set-up and the tools have made here; the site's own data is elsewhere and stays
	rm -rf .venv cs_geo/web/assets/node_modules dist build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
