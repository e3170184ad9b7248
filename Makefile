# Everything a person does with the project. `make run` and `make test` need Python 3.11+, make and the package registries.
SHELL := /bin/bash
PYTHON ?= python3
export UV_PYTHON_DOWNLOADS := never
UV := .boot/bin/uv
BIN := .venv/bin
STAMPS := .venv/.stamps

.PHONY: run test check check-types check-rules fix bench new missing setup clean

setup: $(STAMPS)/python $(STAMPS)/face $(STAMPS)/words

$(UV):
	$(PYTHON) -m venv .boot
	.boot/bin/pip --quiet --disable-pip-version-check install uv

$(STAMPS)/python: $(UV) pyproject.toml src/marsad/pyproject.toml src/migstat/pyproject.toml uv.lock
	$(UV) sync --frozen --quiet
	@mkdir -p $(STAMPS) && touch $@

# The pages' styles, scripts and fonts. A machine without Node gets one from PyPI.
$(STAMPS)/face: $(STAMPS)/python frontend/package.json frontend/package-lock.json $(shell find frontend/src frontend/scripts -type f 2>/dev/null)
	tools/build-face
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/words: $(STAMPS)/python $(shell find src/marsad -name '*.po' 2>/dev/null)
	$(BIN)/python -c "from marsad.config.texts import compile_texts; compile_texts()"
	@mkdir -p $(STAMPS) && touch $@

run: setup
	$(BIN)/marsad serve --demonstrate $(if $(PORT),--port $(PORT))

test: setup
	tools/test

# Two halves that take about as long, so that two cores have one each: make -j2 check
check: check-types check-rules

check-types: setup
	$(BIN)/mypy --config-file pyproject.toml

check-rules: setup
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet --profile django --ignore D004,D018,H006,H015,H021,H023,H030,H031,T001,T003 src/marsad
	$(BIN)/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml src
	$(BIN)/marsad makemigrations --check --dry-run
	$(BIN)/marsad check-city
	cd frontend && PATH="$$PWD/../.venv/bin:$$PATH" npm run check --silent
	$(BIN)/python tools/mirror.py

fix: setup
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

bench: setup
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# make new WHAT=indicator NAME=HOU-11      a folder to fill, and what to do next
new: setup
	$(BIN)/python tools/new.py "$(WHAT)" "$(NAME)"

# Sentences that lack a language, in the pages and in the city pack.
missing: setup
	$(BIN)/python tools/missing.py

clean:
	rm -rf .boot .venv frontend/node_modules src/marsad/web/static/build
