# Everything a newcomer needs; `make help` lists it. PYTHON=…, GATEWAY_PORT=…, AMQP_URI=…, MONGO_URI=… are heeded.
.DEFAULT_GOAL := help
.PHONY: help setup run demo stop test check check-deploy check-security check-api audit lint bench faults conformance \
	conformance-schema lock
.NOTPARALLEL:

BIN := .venv/bin
SIDE_BY_SIDE := $(if $(AMQP_URI)$(MONGO_URI),,-n 2 --dist loadfile --no-loadscope-reorder)
FAST := $(wildcard tests/domain tests/services tests/contracts tests/architecture tests/conformance)
EXTRAS := profiles jobs learning credentials analytics gateway tracing local dev
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: RabbitMQ, .venv, the exact packages of requirements.lock
	@sh ./setup.sh

demo: setup ## walk through the whole line, from an xAPI statement to a verified credential (KEEP=1 keeps it running)
	@$(BIN)/libranet demo

run: setup ## run the platform in the foreground, gateway on http://127.0.0.1:8080 (GATEWAY_PORT=… to change)
	@$(BIN)/libranet run

stop: ## stop a platform that runs from this directory
	@if [ -x $(BIN)/libranet ]; then $(BIN)/libranet stop; else echo "Nothing was set up here yet."; fi

test: setup lint ## run every check and every test, as CI does
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: setup lint ## the same without the slow tests that start real processes
	@$(BIN)/python -m pytest $(FAST)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check-deploy: setup ## the checks of images and manifests that take minutes: checkov, each image's packages by their hashes
	@sh ./setup.sh deploy
	@.venv/deploy/bin/python deploy/check.py

check-security: setup ## semgrep with rules of our own, bandit, and a search for secrets in what is committed
	@sh ./setup.sh security
	@.venv/security/bin/python deploy/security/check.py

check-api: setup ## schemathesis asks for every operation as each kind of caller (OPTIONS="--examples 50" for more)
	@sh ./setup.sh api
	@$(BIN)/python deploy/api/check.py $(OPTIONS)

audit: setup ## ask the databases of known faults about every package that a lock names (needs the internet)
	@sh ./setup.sh security
	@.venv/security/bin/python deploy/security/audit.py

bench: ## measure the event core beside its peers
	@sh ./setup.sh bench
	@$(BIN)/python -m bench

faults: setup ## break one thing after the other while events flow: what is lost, doubled, and how long it takes (two hours)
	@$(BIN)/python -m bench.faults

conformance: setup ## run the W3C's suite of eddsa proofs, unpacked at SUITE=…, against ours (docs/conformance.md)
	@$(BIN)/python -m tests.conformance "$(or $(SUITE),$(error say where the suite lies: make conformance SUITE=FOLDER))"

conformance-schema: setup ## hold our samples against the schema of 1EdTech in the file SCHEMA=… (docs/conformance.md)
	@$(BIN)/python -m tests.conformance.schema "$(or $(SCHEMA),$(error say where the schema lies: make conformance-schema SCHEMA=FILE))"

lock: setup ## find the newest versions that pyproject.toml allows and write them down with their hashes
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(COMPILE) pyproject.toml --upgrade --all-extras --output-file var/everything.lock
	@cp var/everything.lock requirements.lock && cp var/everything.lock bench/requirements.lock
	$(COMPILE) pyproject.toml $(EXTRAS:%=--extra %) --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra bench --constraint requirements.lock --output-file bench/requirements.lock
	$(COMPILE) deploy/requirements.in --upgrade --output-file deploy/requirements.lock
	$(COMPILE) deploy/security/requirements.in --upgrade --output-file deploy/security/requirements.lock
	$(COMPILE) deploy/api/requirements.in --upgrade --output-file deploy/api/requirements.lock
