# One set of commands for people and CI. Needs Debian (or similar), Python 3.11, make and a package index.
PYTHON ?= python3.11
VENV   ?= .venv
BIN    := $(VENV)/bin
HOST   ?= 127.0.0.1
PORT   ?= 8000
export OMP_NUM_THREADS ?= 2
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help install prepare run test check bench clean

help:            ## show this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) --version 2>/dev/null | grep -q ' 3\.11\.' || { echo 'Python 3.11 is needed: install it or set PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade -c constraints.txt pip
	$(BIN)/python -m pip install --quiet -c constraints.txt --group dev -e .
	@touch $@

install: $(VENV)/.installed ## make the virtual environment and install everything pinned

prepare: install ## build the bundled library into var/ if it is missing
	@$(BIN)/nlp-service prepare

run: prepare     ## serve the page and the API on http://127.0.0.1:8000
	$(BIN)/nlp-service serve --host $(HOST) --port $(PORT)

test: install    ## all tests
	$(BIN)/python -m pytest -q -m "not benchmark"

check: install   ## formatting, lint, types, import floors, bundled data
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nlp-service corpora verify

bench: install   ## benchmarks with a baseline in the same run
	$(BIN)/python -m pytest -q -m benchmark -s tests/benchmarks

clean:           ## remove the virtual environment, caches and var/
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
