# Few targets; `make` alone lists them. Options for a program go into ARGS: make demo ARGS=--once
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo run test soak bench check fmt clean build

TARGET := $(or $(CARGO_TARGET_DIR),target)
BEADLE := $(TARGET)/release/beadle
ARGS ?=
# Random kills of `make soak`.
BEADLE_SOAK_ROUNDS ?= 200
export BEADLE_SOAK_ROUNDS
# Where rustup puts cargo, for shells that were open before.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

SETUP := packaging/setup.sh
# As many compilers at once as the free memory holds, counted when the build starts.
CARGO = CARGO_BUILD_JOBS=$$($(SETUP) jobs) cargo
HAS_NEXTEST = cargo nextest --version >/dev/null 2>&1

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## see Beadle at work against a simulated Telegram: no token, no account
	@echo "make demo: builds Beadle and shows it at work against a simulated Telegram"
	@$(SETUP) needs
	@$(SETUP) build
	@$(CARGO) build --release --locked --bin beadle
	@$(BEADLE) demo $(ARGS)

run: ## serve your own groups: asks for the bot token, or takes TELEGRAM_BOT_TOKEN
	@echo "make run: builds Beadle and serves your groups with it"
	@$(SETUP) build
	@$(CARGO) build --release --locked --bin beadle
	@$(BEADLE) run $(ARGS)

test: ## all tests (with cargo-nextest where it is installed)
	@echo "make test: builds and runs all tests; ARGS selects some by name"
	@$(SETUP) test
	@$(CARGO) build --release --locked --tests --bins
	@if $(HAS_NEXTEST); then \
	    $(CARGO) nextest run --release --locked $(ARGS); \
	else \
	    $(CARGO) test --release --locked $(if $(ARGS),-- $(ARGS)); \
	fi

soak: ## the long tests: BEADLE_SOAK_ROUNDS random kills (200), and what else is too long for `test`
	@echo "make soak: runs the tests that take too long for make test, $(BEADLE_SOAK_ROUNDS) rounds"
	@$(SETUP) test
	@$(CARGO) test --release --locked --test it -- --ignored --nocapture --test-threads 1 soak $(ARGS)

bench: ## measure: a table, and JSON with ARGS=--json
	@echo "make bench: measures intake on this machine; docs/figures.md says what the numbers mean"
	@$(SETUP) build
	@$(CARGO) build --release --locked --bin beadle
	@$(BEADLE) bench intake $(ARGS)

check: ## format, lints, documentation, licences, scripts, service unit
	@echo "make check: everything that is checked without running Beadle"
	@$(SETUP) build
	@packaging/check.sh

fmt: ## format the sources
	@echo "make fmt: formats the sources"
	@cargo fmt --all

clean: ## remove what was built (not your data)
	@echo "make clean: removes what was built; data directories are left alone"
	@cargo clean
