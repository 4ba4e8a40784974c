# The two commands of the README, and what they stand on. Everything lives in .venv; a second run installs nothing.
.PHONY: install install-dev demo test test-slow test-home-assistant lint format lock check-wheels docs clean

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 4

install:            ## what running Squitter needs
	@scripts/install.sh run

install-dev:        ## and what its tests need
	@scripts/install.sh test

demo: install       ## aircraft in the terminal and on a map: no dongle, no broker, no configuration
	@$(BIN)/squitter demo

test: install-dev lint ## everything a merge must pass
	@$(BIN)/squitter warmup
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow"

test-slow: install-dev ## minutes, not seconds: faults by the dozen, long runs, fuzzing in full
	@$(BIN)/squitter warmup
	@$(BIN)/python -m pytest -q -m slow

test-home-assistant: install-dev ## the real Home Assistant, on Python 3.13 in an environment of its own
	@scripts/test-home-assistant.sh

lint: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install-dev
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock:               ## renew the lock files from pyproject.toml (needs uv)
	@scripts/lock.sh

check-wheels:       ## every locked package has a wheel for each Python and processor that we name (needs uv)
	@scripts/check-wheels.sh

docs: install-dev   ## the documentation site, into build/docs, and the man page
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs
	@$(BIN)/sphinx-build -q -b man docs build/man
	@echo "build/docs/index.html, build/man/squitter.1"

clean:
	@rm -rf $(VENV) build dist
