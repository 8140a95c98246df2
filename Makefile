# Margin's commands. `make run` and `make test` need only Python 3.11 (or newer) and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
TEST_VAR := $(CURDIR)/var/test
TEST_WORKERS ?= 3
# where the tests look for PostgreSQL; each run makes and drops databases of its own there
DATABASE_URL_TEST ?= postgres://postgres@127.0.0.1:5432/margin
PYTEST := $(PY) -m pytest -q -p no:cacheprovider -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run demo test lint format types checks messages browser test-sqlite test-postgres bench house lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run: $(VENV)/.runtime  ## Install what is missing and run everything; Ctrl+C stops it
	@exec $(PY) manage.py serve

demo: $(VENV)/.runtime  ## Load a demo project for each task type; those that are there stay
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py demo --all

test: $(VENV)/.development  ## Run every check and every test
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types lint checks browser
	@$(MAKE) --no-print-directory test-sqlite
	@$(MAKE) --no-print-directory test-postgres

lint: $(VENV)/.development  ## Check style and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports
	$(PY) docs/house.py --check

format: $(VENV)/.development  ## Put style and format right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

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
			--no-obsolete -i var -i tests -i benchmarks -i static/vendor || exit 1; \
	done
	MARGIN_VAR=$(TEST_VAR) $(PY) manage.py compilemessages -i .venv -i var

test-sqlite: $(VENV)/.development
	DATABASE_URL= MARGIN_VAR=$(TEST_VAR) $(PYTEST) -m "not postgres" tests

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
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium: install it (Debian: apt-get install chromium) and try again."; exit 1; \
	fi

bench: $(VENV)/.development  ## Measure the promises of the design, as ratios in one run
	$(PY) benchmarks/run.py

house: $(VENV)/.development  ## Draw the rooms of the house from the imports, for the contributors' docs
	$(PY) docs/house.py

lock: $(VENV)/bin/python  ## Renew constraints.txt: newest versions that requirements*.txt allow
	rm -rf var/lock && $(PYTHON) -m venv var/lock
	var/lock/bin/python -m pip install --quiet --upgrade setuptools -r requirements-dev.txt
	( echo "# Exact versions of everything, made by \`make lock\`."; \
	  var/lock/bin/python -m pip freeze --all --exclude pip ) > constraints.txt
	rm -rf var/lock

clean:  ## Remove what was installed and what tools left behind; var/ (your data) stays
	rm -rf $(VENV) var/test .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Margin needs Python 3.11 or newer: PYTHON=/path/to/python3.11 make run"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python cannot make an environment (Debian: apt-get install python3-venv)."; exit 1; }

$(VENV)/.runtime: requirements.txt constraints.txt | $(PY)
	@echo "Installing what Margin needs: a minute or two, the first time only."
	@$(PY) -m pip install -qq --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt requirements.txt constraints.txt | $(PY)
	@echo "Installing what Margin's tests need: a minute or two, the first time only."
	@$(PY) -m pip install -qq --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@ $(VENV)/.runtime
