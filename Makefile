# SPDX-License-Identifier: EUPL-1.2
# The same commands at the desk and in CI. `make help` lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest -n auto
# An operator's own settings must not reach the project's own runs.
unexport $(filter MODOPTAGER_%,$(.VARIABLES))
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## list the commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup setup-demo setup-tools
setup: ## set everything up: system packages, .venv, locked dependencies
	@scripts/setup.sh test

setup-demo:
	@scripts/setup.sh demo

setup-tools:
	@scripts/setup.sh tools

.PHONY: demo
demo: setup-demo ## show the whole way with invented people, in ./demo-data
	@.venv/bin/modoptager demo

.PHONY: check
check: lint ## what to run before every commit: lint and the fast tests, under a minute
	$(PYTEST) -m "not slow and not prove"

.PHONY: test
test: setup ## all tests, real capture included; what CI runs
	$(PYTEST) -m "not prove"

.PHONY: prove
prove: setup ## the long proofs (hours); writes their dated table to docs/proofs.md
	@if [ -f scripts/prove.py ]; then $(PYTHON) scripts/prove.py; \
	else $(PYTHON) -m pytest -m prove; fi

.PHONY: bench
bench: setup ## each figure beside its peer, in one run
	$(PYTHON) -m benchmarks

.PHONY: servers
servers: ## install the third-party servers that tests use
	@echo "No test uses a third-party server yet: nothing to install."

.PHONY: docs
docs: setup-tools ## check the links, schemas and tables in docs/
	$(PYTHON) scripts/check_docs.py

.PHONY: lint lint-style lint-format lint-types lint-floors lint-lock lint-words
lint: lint-style lint-format lint-types lint-floors lint-lock lint-words docs ## style, types, floors, lock, words, docs

lint-style: setup-tools
	.venv/bin/ruff check .

lint-format: setup-tools
	.venv/bin/ruff format --check .

lint-types: setup-tools
	.venv/bin/mypy

lint-floors: setup-tools
	.venv/bin/lint-imports --no-cache

lint-lock: setup-tools
	$(PYTHON) scripts/check_lock.py

lint-words: setup-tools
	$(PYTHON) scripts/words.py check

.PHONY: fix
fix: setup-tools ## let ruff mend and format what it can
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: words
words: setup-tools ## collect the messages of the source into recorder/locale and compile them
	$(PYTHON) scripts/words.py update

.PHONY: lock
lock: setup-tools ## pin the newest versions that fit into requirements.lock (needs uv)
	scripts/lock.sh
	$(PYTHON) scripts/check_lock.py
