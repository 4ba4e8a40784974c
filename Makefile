# The two commands of the README, and what they stand on. Everything lives in .venv; a second run installs nothing.
.PHONY: help install install-dev demo demo-lan test test-slow test-home-assistant test-container test-fresh test-arm test-unit lint format lock kernels wheels deb check-wheels docs clean

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 4

help:               ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 28

install:            ## what running Squitter needs
	@scripts/install.sh run

install-dev:        ## the same and what its tests need
	@scripts/install.sh test

demo: install       ## aircraft in the terminal and on a map: no dongle, no broker, no configuration
	@$(BIN)/squitter demo

demo-lan: install   ## the same, with the map for other devices on the network, too
	@$(BIN)/squitter demo --lan

test: install-dev lint ## everything a merge must pass
	@$(BIN)/squitter warmup
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow"

test-slow: install-dev ## minutes, not seconds: faults by the dozen, long runs, fuzzing in full
	@$(BIN)/squitter warmup
	@$(BIN)/python -m pytest -q -m slow

test-home-assistant: install-dev ## the real Home Assistant, on Python 3.13 in an environment of its own
	@scripts/test-home-assistant.sh

test-container:     ## the image on a real Docker (root, docker.io, mmdebstrap): restrictions, health, memory, demo
	@scripts/test-container.sh

test-arm:           ## aarch64 under qemu: frames byte for byte, decoder and tracker (root, mmdebstrap, qemu-user-static, make kernels)
	@scripts/test-arm.sh

test-unit:          ## units and rule as systemd and udev see them, and the Debian package in a real boot (root, systemd-container, mmdebstrap)
	@scripts/test-unit.sh

test-fresh:         ## README's first hour on a minimal Debian, as root and as a user without sudo (root, mmdebstrap)
	@scripts/test-fresh.sh bookworm trixie

lint: install-dev   ## ruff, mypy, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install-dev ## let ruff format and mend what it can
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock:               ## renew the lock files from pyproject.toml (needs uv)
	@scripts/lock.sh

kernels:            ## compile the kernels for every Python at hand, x86-64 and aarch64, into dsp/built
	@python3 scripts/build_kernels.py

wheels: kernels     ## a wheel for each Python and processor that kernels are there for, and one for the rest, in dist/
	@scripts/build_wheels.sh

deb:                ## Debian packages for amd64 and arm64, Debian 12 (Python 3.11) and 13 (3.13), in dist/
	@scripts/build_deb.sh

check-wheels:       ## every locked package has a wheel for each Python and processor that we name (needs uv)
	@scripts/check-wheels.sh

docs: install-dev   ## the documentation site, into build/docs, and the man page
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs
	@$(BIN)/sphinx-build -q -b man docs build/man
	@echo "build/docs/index.html, build/man/squitter.1"

clean:              ## remove the virtual environment and what was built
	@rm -rf $(VENV) build dist
