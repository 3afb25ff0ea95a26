# Milepost. `make help` lists what there is. Needs Python >= 3.11 and make; everything else is brought.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8080
export PORT
# Hundreds of processes start here: each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
READY := .venv/.ready
COMPILED := .venv/.compiled
CONSOLE := console/dist/index.html

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast lint format bench chaos day explore build console requirements validate clean

help: ## List these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(COMPILED) ## Make .venv with the milepost command

run: $(COMPILED) $(CONSOLE) ## Start the whole stack and a demo fleet on http://127.0.0.1:$PORT (DEMO=0: no fleet)
	@exec $(BIN)/python -m local

test: $(COMPILED) $(CONSOLE) test-fast ## Pass everything: fast, then local (the laptop stack), then browser
	@$(BIN)/python -m tools.node --prefix console test --silent
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder tests/faults tests/local
	@$(BIN)/pytest tests/browser

test-fast: $(COMPILED) ## Unit, property and contract tests only
	@$(BIN)/pytest -n 2 --dist worksteal tests/property
	@$(BIN)/pytest -n 2 --dist worksteal tests/unit tests/contract

lint: $(COMPILED) $(CONSOLE) ## Style, strict types, import order, requirements, templates for both partitions
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.requirements --check
	@$(BIN)/cfn-lint -r us-east-1 cn-north-1 -- template.yaml stacks/*/template.yaml
	@$(BIN)/python -m tools.node --prefix console run check

format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .

bench: $(COMPILED) $(CONSOLE) ## Measure, as ratios against a named limit
	@$(BIN)/python -m benchmarks

chaos: $(COMPILED) ## Everything fails, and nothing is lost: the fault harness (PINGS=1000000 SEED=7)
	@$(BIN)/python -m tests.faults --pings $(or $(PINGS),4000) --seed $(or $(SEED),1)

day: $(COMPILED) ## A working day of a fleet, and everything of it checked (HOURS=8 COURIERS=50 SEED=1)
	@$(BIN)/python -m tests.day --hours $(or $(HOURS),8) --couriers $(or $(COURIERS),50) --seed $(or $(SEED),1)

explore: $(COMPILED) ## Property tests on thousands of new examples (TESTS=tests/property)
	@PROFILE=explore $(BIN)/pytest -n 2 --timeout 3600 $(or $(TESTS),tests/property)

build: $(COMPILED) ## Fill .build/ with what is deployed; nothing changed, nothing done
	@$(BIN)/python -m tools.build

console: $(CONSOLE) ## Build the web console

requirements: $(READY) ## Write each function's requirements.txt from uv.lock
	@$(BIN)/uv lock -q && $(BIN)/python -m tools.requirements

validate: $(READY) ## `sam validate --lint` on every template
	@$(BIN)/python -m tools.validate

clean: ## Remove everything that was built or installed
	rm -rf geo/kernel/*.so telemetry/columns/*.so .venv .build .milepost .cache console/dist console/node_modules

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Say which one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv) and try again."; rm -rf .venv; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check uv
	@$(BIN)/uv sync -q --frozen --python $(BIN)/python
	@touch $@

$(COMPILED): $(READY) $(wildcard geo/kernel/*.[ch] telemetry/columns/*.[ch]) tools/compiled.py
	@$(BIN)/python -m tools.compiled
	@touch $@

$(CONSOLE): $(READY) console/package-lock.json $(shell find console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	@$(BIN)/python -m tools.node --prefix console ci --loglevel=error
	@$(BIN)/python -m tools.node --prefix console run --silent --loglevel=error build
