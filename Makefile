# Winnow's tasks. `make help` lists them; each makes what it needs in .venv and says so.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO_PORT ?= 5000
N ?= 5000
KILLS ?= 10
export WINNOW_HOME ?= $(CURDIR)/winnow-data
BIN := .venv/bin
SOURCES := $(wildcard classifier/*.c classifier/*.h)
CLIENTS := tests/contract/clients

.DEFAULT_GOAL := help
.PHONY: help run demo test coverage test-spark test-containers check format torture bench bench-classifier clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/installed  ## Serve on 127.0.0.1:8000 (HOST=, PORT=); the first time, print a key and a password
	@$(BIN)/winnow serve --host $(HOST) --port $(PORT)

demo: .venv/installed  ## Serve, with an example website on 127.0.0.1:5000 (DEMO_PORT=) that uses it
	@PORT=$(PORT) DEMO_PORT=$(DEMO_PORT) WINNOW=$(BIN)/winnow SITE_PYTHON=$(BIN)/python sh docs/example-site/run.sh

test: .venv/installed-test .venv/installed-clients  ## Run every test, on PostgreSQL too if it is installed (TWICE=yes: what fails once more)
	@$(BIN)/python -m pytest || { [ $$? = 1 ] && [ -n "$(TWICE)" ] && \
	  echo "Once more, alone, what failed" && $(BIN)/python -m pytest --last-failed --last-failed-no-failures=none; }

coverage: .venv/installed-test .venv/installed-clients  ## The same with branch coverage, which takes half as long again
	@$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

test-spark: .venv/installed-test .venv/spark/installed  ## Run the classifier inside Spark (450 MB; needs Java 17)
	@PYTHONPATH=$(CURDIR)/.venv/spark $(BIN)/python -m pytest tests/contract/test_spark.py

test-containers: .venv/installed-test  ## Build the image, start the compose file, replace its servers (needs Docker)
	@WINNOW_TEST_CONTAINERS=1 $(BIN)/python -m pytest tests/reliability/test_containers.py

check: .venv/installed-check  ## Lint, types, import rules, and known weaknesses of code and packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit -q --ini setup.cfg -ll -r api classifier
	@$(BIN)/python -m tests.auditing

format: .venv/installed-check  ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

torture: .venv/installed-test  ## Kill everything under load, then count (N=200000 KILLS=200 SCENES=sqlite)
	@$(BIN)/python -m tests.reliability.torture --posts $(N) --kills $(KILLS) $(SCENES)

bench: .venv/installed-test  ## Measure posting beside a bare Flask insert, webhooks, policies, queue and search, a million comments, overload
	@$(BIN)/python -m tests.bench.service
	@$(BIN)/python -m tests.bench.dropin
	@$(BIN)/python -m tests.bench.webhooks
	@$(BIN)/python -m tests.bench.growth
	@$(BIN)/python -m tests.bench.policy
	@$(BIN)/python -m tests.bench.preview
	@$(BIN)/python -m tests.bench.near
	@$(BIN)/python -m tests.bench.console
	@$(BIN)/python -m tests.bench.queue
	@$(BIN)/python -m tests.bench.overload

bench-classifier: .venv/installed-test  ## Measure scoring beside other libraries, and reading (ARGS=--peers PYTHON)
	@$(BIN)/python -m tests.bench.classifier $(ARGS)
	@$(BIN)/python -m tests.bench.reader $(ARGS)

clean:  ## Remove what make has made, but not winnow-data
	rm -rf .venv $(CLIENTS)/node_modules .coverage* build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Winnow needs Python 3.11 to 3.13; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python cannot make virtual environments here; on Debian: apt install python3-venv"; exit 1; }

.venv/installed: setup.cfg pyproject.toml setup.py $(SOURCES) | .venv/bin/pip
	@echo "Installing Winnow and its packages into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[read]' || { \
	  echo "There is no onnxruntime for this machine: Winnow works without its second stage"; \
	  $(BIN)/pip install -q --disable-pip-version-check -e .; }
	@touch $@

.venv/installed-test: setup.cfg pyproject.toml setup.py $(SOURCES) | .venv/bin/pip
	@echo "Installing Winnow and what its tests need into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[read,test]'
	@touch $@ .venv/installed

.venv/installed-check: setup.cfg pyproject.toml setup.py $(SOURCES) | .venv/bin/pip
	@echo "Installing Winnow and what checks it into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[read,test,check]'
	@touch $@ .venv/installed-test .venv/installed

.venv/spark/installed: | .venv/installed-test
	@echo "Installing Spark into .venv/spark"
	@$(BIN)/pip install -q --disable-pip-version-check --upgrade --target .venv/spark 'pyspark>=4.0,<5'
	@touch $@

# Clients of other services, for the contract tests. Two of PyPI's have one module name.
.venv/installed-clients: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json | .venv/installed-test
	@[ -d .venv/python-akismet ] || $(BIN)/pip install -q --disable-pip-version-check --no-deps \
	  --target .venv/python-akismet python-akismet==0.4.3
	@if command -v npm >/dev/null; then \
	  echo "Installing clients of other services into $(CLIENTS)"; \
	  npm ci --prefix $(CLIENTS) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; \
	else \
	  echo "Clients that are written for Node are not tested here, for want of npm"; \
	fi
