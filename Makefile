# What a person and the continuous integration call. Everything runs in .venv, which the first call makes.
#   PYTHON=/path/to/python make ...   chooses the interpreter for a new .venv (3.11 or newer)
#   make test ARGS="-k sequence"      passes arguments on to pytest

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
ARGS ?=

# More threads than cores make small tensors slow
export OMP_NUM_THREADS ?= 2

.PHONY: help setup setup-viewer demo gallery test test-pyside test-core parity results lint format types

help:
	@echo "make demo       predict GFP and GFP with a nuclear localization signal, and show them in napari"
	@echo "make gallery    take the pictures of docs/gallery anew"
	@echo "make test       all tests, the ones of the window on a virtual screen where there is none"
	@echo "make test-pyside  the tests of the window with PySide6 in place of PyQt6"
	@echo "make test-core  the tests that need no window"
	@echo "make parity     the published models against the authors' code, array by array"
	@echo "make results    measure the embedded model and write docs/results.md"
	@echo "make lint       style, import contracts, pyproject.toml, plugin manifest"
	@echo "make format     mend what lint can mend by itself"
	@echo "make types      mypy"
	@echo "make setup      only make .venv"

setup:
	@scripts/setup.sh

setup-viewer:
	@scripts/setup.sh --viewer

demo: setup-viewer
	scripts/with-screen.sh $(BIN)/python examples/demo.py $(ARGS)

#   make gallery ARGS="--only predict compare"   takes only some
gallery: setup-viewer
	scripts/with-screen.sh $(BIN)/python examples/gallery.py $(ARGS)

test: setup-viewer
	scripts/with-screen.sh $(PYTEST) $(ARGS)

# The window with the other binding of Qt
test-pyside: setup-viewer
	QT_API=pyside6 PYTEST_QT_API=pyside6 scripts/with-screen.sh $(PYTEST) tests/ui $(ARGS)

test-core: setup
	$(PYTEST) --ignore=tests/ui --ignore=src/napari_celle/ui $(ARGS)

# The reference outputs are no part of the repository: NAPARI_CELLE_FIXTURES=/path/to/fixtures make parity
# (default ../shared/upstream/fixtures). Without them it is skipped, where CI=true it fails.
parity: setup
	$(PYTEST) tests/parity $(ARGS)

# Minutes to half an hour; what was stopped goes on. NAPARI_CELLE_SHARED=/path/to/shared make results (default ../shared)
#   make results ARGS="--limit 200 --pictures 50 --seeds 1"   measures less; --help tells the rest
results: setup
	$(BIN)/python benchmarks/results.py $(ARGS)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/npe2 validate napari.yaml

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: setup
	$(BIN)/mypy
