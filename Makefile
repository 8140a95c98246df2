# Margin's commands. `make run` and `make test` need only Python 3.11 (or newer) and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
TEST_VAR := $(CURDIR)/var/test
TEST_WORKERS ?= 3
# where the tests look for PostgreSQL; each run makes and drops databases of its own there
DATABASE_URL_TEST ?= postgres://postgres@127.0.0.1:5432/margin
# Node comes with the development requirements; only checks and tests need it
WITH_NODE := PATH="$(abspath $(VENV))/bin:$$PATH"
NODE_BIN := node_modules/.bin
JAVASCRIPT := static/js tests/js eslint.config.js prettier.config.js
PYTEST := $(PY) -m pytest -q -p no:cacheprovider -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder
# how many times more often `make verify` does what tests repeat (tests/scale.py)
VERIFY_SCALE ?= 10

.DEFAULT_GOAL := help
.PHONY: help run demo quick test verify lint lint-js format types checks messages browser test-unit test-js test-programs test-sqlite test-postgres coverage \
	bench house wheel lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run: $(VENV)/.runtime  ## Install what is missing and run everything; Ctrl+C stops it
	@exec $(PY) manage.py run

demo: $(VENV)/.runtime  ## Load a demo project for each task type; those that are there stay
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py demo --all

quick: $(VENV)/.development  ## Check style and types, and run the unit tests: two minutes
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types lint test-unit test-js

test: $(VENV)/.development  ## Run every check and every test, as CI does
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types lint checks browser test-js
	@$(MAKE) --no-print-directory test-programs
	@$(MAKE) --no-print-directory test-sqlite
	@$(MAKE) --no-print-directory test-postgres

verify: $(VENV)/.development  ## Run everything in full: each repetition VERIFY_SCALE times as often, and what takes long
	@MARGIN_TEST_SCALE=$(VERIFY_SCALE) $(MAKE) --no-print-directory test

lint: $(VENV)/.development lint-js  ## Check style and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports
	$(PY) docs/house.py --check

lint-js: node_modules/.installed
	$(WITH_NODE) $(NODE_BIN)/eslint $(JAVASCRIPT)
	$(WITH_NODE) $(NODE_BIN)/prettier --check --log-level warn $(JAVASCRIPT)
	$(WITH_NODE) $(NODE_BIN)/tsc

format: $(VENV)/.development node_modules/.installed  ## Put style and format right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(WITH_NODE) $(NODE_BIN)/eslint --fix $(JAVASCRIPT)
	$(WITH_NODE) $(NODE_BIN)/prettier --write --log-level warn $(JAVASCRIPT)

types: $(VENV)/.development  ## Check types
	MARGIN_VAR=$(TEST_VAR) $(PY) -m mypy .

checks: $(VENV)/.development  ## Check migrations and production settings
	MARGIN_VAR=$(TEST_VAR) $(PY) manage.py makemigrations --check --dry-run
	MARGIN_VAR=$(TEST_VAR) MARGIN_HTTPS=yes MARGIN_HOSTS=margin.example.org \
		$(PY) manage.py check --deploy --fail-level WARNING

messages: $(VENV)/.development  ## Find the words to translate, and compile their translations (needs GNU gettext)
	@command -v msgmerge >/dev/null || { echo "This needs GNU gettext (Debian: apt-get install gettext)."; exit 1; }
	for domain in django djangojs; do \
		MARGIN_VAR=$(TEST_VAR) $(PY) manage.py makemessages --all --domain $$domain --no-location --no-wrap \
			--no-obsolete -i var -i tests -i benchmarks -i static/vendor -i node_modules || exit 1; \
	done
	MARGIN_VAR=$(TEST_VAR) $(PY) manage.py compilemessages -i .venv -i var -i node_modules

test-js: node_modules/.installed
	$(WITH_NODE) node --test "tests/js/**/*.test.js"

test-unit: $(VENV)/.development
	DATABASE_URL= MARGIN_VAR=$(TEST_VAR) $(PYTEST) -m unit tests

test-programs: $(VENV)/.development
	DATABASE_URL= MARGIN_VAR=$(TEST_VAR) $(PYTEST) -m "(service or browser) and not postgres" tests

# Coverage is that of the tests inside one process; how much it must be stands in pyproject.toml.
test-sqlite: $(VENV)/.development
	DATABASE_URL= MARGIN_VAR=$(TEST_VAR) $(PYTEST) -m "not service and not browser and not postgres" --cov --cov-report= tests

coverage:  ## Show which lines and branches the last test run left out
	@$(PY) -m coverage report --skip-covered --show-missing

# What asks the database again, but for what concerns the browser or the processes.
test-postgres: $(VENV)/.development
	@if $(PY) tests/operations/reach_postgres.py "$(DATABASE_URL_TEST)"; then \
		DATABASE_URL="$(DATABASE_URL_TEST)" MARGIN_VAR=$(TEST_VAR) \
			$(PYTEST) -m "postgres or both_databases" tests; \
	elif [ "$$CI" = true ]; then \
		echo "CI needs PostgreSQL at $(DATABASE_URL_TEST)."; exit 1; \
	else \
		echo "No PostgreSQL at $(DATABASE_URL_TEST): the tests ran on SQLite only. Set DATABASE_URL_TEST to run them on both."; \
	fi

browser:
	@command -v chromium-headless-shell >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell >/dev/null; \
	fi; \
	for name in chromium-headless-shell chromium chromium-browser; do command -v $$name >/dev/null && exit 0; done; \
	echo "The browser tests need Chromium (Debian: apt-get install chromium-headless-shell)."; exit 1

bench: $(VENV)/.development  ## Measure the promises of the design, as ratios in one run
	$(PY) benchmarks/run.py

house: $(VENV)/.development  ## Draw the rooms of the house from the imports, for the contributors' docs
	$(PY) docs/house.py

wheel: $(VENV)/.development  ## Build dist/margin_annotate-*.whl
	@rm -rf dist && $(PY) -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist . && ls dist

# One lock for every Python from 3.11 on, on Linux and macOS. `make lock UPGRADE=` keeps the versions that still fit.
UPGRADE ?= --upgrade
COMPILE = var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" $(UPGRADE) pyproject.toml
lock:  ## Renew the locks: the newest versions that pyproject.toml allows, with hashes
	rm -rf var/lock && $(PYTHON) -m venv var/lock
	var/lock/bin/python -m pip install --quiet uv
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) --extra encoder --constraint requirements.txt --output-file requirements-encoder.txt
	echo uv | $(subst pyproject.toml,-,$(COMPILE)) --output-file requirements-installer.txt
	rm -rf var/lock

clean:  ## Remove what was installed and what tools left behind; var/ (your data) stays
	rm -rf $(VENV) node_modules dist .coverage var/test .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Margin needs Python 3.11 or newer: PYTHON=/path/to/python3.11 make run"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python cannot make an environment (Debian: apt-get install python3-venv)."; exit 1; }

# uv takes seconds where pip takes a minute; pip does it where uv cannot, such as behind an index that only pip knows.
PIP_INSTALL := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r
INSTALL = @{ $(PIP_INSTALL) requirements-installer.txt \
	&& $(PY) -m uv pip install --quiet --python $(PY) --require-hashes -r $<; } 2>/dev/null || $(PIP_INSTALL) $<

$(VENV)/.runtime: requirements.txt | $(PY)
	@echo "Installing what Margin needs: a minute or two, the first time only."
	$(INSTALL)
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(PY)
	@echo "Installing what Margin's tests need: a minute or two, the first time only."
	$(INSTALL)
	@touch $@ $(VENV)/.runtime

node_modules/.installed: package.json package-lock.json .npmrc | $(VENV)/.development
	@echo "Installing the checks of JavaScript."
	@$(WITH_NODE) npm ci --include=dev --ignore-scripts --loglevel=error
	@touch $@
