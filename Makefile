# Everything starts here; `make help` says what there is.
# ROSTER_PORT moves every port (4566 unless set; the QuickBooks stand-in takes the next one).

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .roster/env/dev/bin
LOCAL := $(BIN)/python -m infra.local
ROLE ?= office
TENANT ?= demo
MODULES ?=
FILE ?=

.PHONY: help run up down status token url upload logs reset check test setup openapi pins build bench

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Start, import a spreadsheet (FILE=… or a bundled one), sync QuickBooks, until Ctrl-C
	@$(LOCAL) run $(if $(FILE),--file "$(FILE)")

up: setup ## Start in the background; returns when the API answers
	@$(LOCAL) up

down: setup ## Stop; the data stays
	@$(LOCAL) down

status: setup ## Say what runs
	@$(LOCAL) status

token: setup ## Print a token: ROLE=viewer|office|admin [TENANT=demo] [MODULES=customers,imports]
	@$(LOCAL) token --role "$(ROLE)" --tenant "$(TENANT)" --modules "$(MODULES)"

url: setup ## Print the API's base address, without /v1
	@$(LOCAL) url

upload: setup ## Drop a file into the import bucket: FILE=… [TENANT=demo]
	@$(LOCAL) upload --file "$(FILE)" --tenant "$(TENANT)"

logs: setup ## Follow what the local cloud says
	@$(LOCAL) logs

reset: setup ## Stop and forget all data
	@$(LOCAL) reset

check: setup ## Lint, types, imports, template
	@infra/local/check.sh

test: setup build ## Every test, end to end included
	@$(BIN)/python -m infra.local.testing

build: setup ## Build functions and layers, when something changed
	@$(LOCAL) build

bench: setup build ## Print what requests, imports and syncs cost
	@$(BIN)/python -m bench

setup: ## Make the Python environments (instant when they are there)
	@infra/local/setup.sh >&2

openapi: setup ## Write docs/openapi.json again from the routes
	@$(BIN)/python -m infra.local.openapi

pins: setup ## Compile pyproject.toml into the pinned requirements again
	@infra/local/pins.sh
