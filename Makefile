# Two commands matter: `make portal` and `make test`. The rest is for who works on Aurora.
#   make portal   set up .venv, then start the whole portal on sample data and open it
#   make test     everything that must hold, in the order of how fast it says so
#   make check    style, types and the order of the rooms
#   make bench    the figures of benchmarks/, each a ratio against an alternative
#   make docs     write again what is made from the code (settings, schemas)
#   make lock     resolve the pinned requirement files anew

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export UV_LINK_MODE = copy
# Kernels start from compiled modules: without them each start compiles hundreds of files again.
unexport PYTHONDONTWRITEBYTECODE
BUNDLE := .venv/.bundle
SOURCES := $(shell find aurora_widgets/widgets/js voila_templates notebooks/portal.ipynb -type f -not -path '*/static/*' 2>/dev/null)
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

.PHONY: portal test check bench docs lock quick
.DELETE_ON_ERROR:

portal: .venv/.installed $(BUNDLE)
	$(BIN)/aurora hub

test: .venv/.installed $(BUNDLE)
	bash tests/run.sh

quick: .venv/.installed $(BUNDLE)
	$(BIN)/pytest -q -n 2 -m "not browser and not hub"

check: .venv/.installed node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent check
	$(BIN)/pytest -q tests/test_rooms.py

bench: .venv/.installed $(BUNDLE)
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

docs: .venv/.installed
	$(BIN)/python docs/make.py

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --all-extras pyproject.toml -o requirements/all.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --extra build --extra lab --constraint requirements/all.txt pyproject.toml -o requirements/portal.txt

.venv/.installed: requirements/uv.txt requirements/all.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Aurora needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	$(INSTALL) --require-hashes -r requirements/all.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

node_modules/.installed: package.json package-lock.json .venv/.installed
	npm ci --no-audit --no-fund --silent
	touch $@

# The template and its files are copied where Voila looks for them, also from this folder.
$(BUNDLE): node_modules/.installed $(SOURCES)
	npm run --silent build
	$(INSTALL) --no-deps --no-build-isolation --reinstall-package aurora-widgets -e .
	touch $@
