# `make help` lists the targets. They need Python >= 3.11 and nothing else; Node is for developers.

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
NODE := $(shell command -v npm 2>/dev/null)
# Tracked files and new ones, but nothing that .gitignore names.
FILES := git ls-files --cached --others --exclude-standard

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run lab setup dev test test-slow newcomer bundle tour engines check drill drill-compose simulate fuzz fuzz-rendering mutants lighthouse pictures lint types format docs lock check-deploy help

run: .venv/base .env ## Install, migrate and serve http://localhost:8000
	@$(BIN)/python manage.py migrate -v 0
	@$(BIN)/python manage.py collectstatic --noinput -v 0
	@exec $(BIN)/python manage.py serve

# make lab PORT=8200 takes other ports: that one, and the two after it.
PORT ?= 8100
lab: .venv/test ## Watch it, break it, prove it: ten labs on two nodes, at http://localhost:8100
	@DJANGO_SETTINGS_MODULE=lab.web.web_settings exec $(BIN)/python -m lab.web --port $(PORT) $(OPEN)

setup: .venv/dev .env $(if $(NODE),node_modules/.installed) ## Install the developer's tools and the commit hooks
	@$(BIN)/pre-commit install

dev: setup ## Serve with DEBUG on, and reload when the code changes
	@DEBUG=on $(BIN)/python manage.py migrate -v 0
	@DEBUG=on $(BIN)/python manage.py runserver

test: .venv/test $(if $(NODE),node_modules/.installed) ## Run every test, on a real PostgreSQL, Redis and browser too
	@$(BIN)/python tests/run

test-slow: .venv/test $(if $(NODE),node_modules/.installed) ## Run the slow tests, on the same servers
	@$(BIN)/python tests/run --slow

newcomer: .venv/test ## Clone, install, and do all labs by clicks: how long does it take?
	@$(BIN)/python -m tests.lab.newcomer

bundle: node_modules/.installed ## Bundle the page as the image does, and say how large it is
	@npm run --silent bundle build/dist

tour: .venv/test ## Walk two people through the whole page: wide, narrow, by keyboard, mouse and finger
	@$(BIN)/python tests/run tests/browser/tour.py

drill: .venv/test ## Break everything thirty times and judge it: an hour (manage.py drill)
	@SECRET_KEY=only-for-drills $(BIN)/python manage.py drill --injections 30 --at-once 3

drill-compose: .venv/test ## Kill and update the containers while people talk (needs Docker on Linux)
	@SECRET_KEY=only-for-drills $(BIN)/python manage.py drill_compose

simulate: .venv/test ## Judge 20,000 histories of two nodes in virtual time: a quarter of an hour
	@SIMULATED_RUNS=20000 SECRET_KEY=only-for-tests $(BIN)/python -m pytest -q -o faulthandler_timeout=0 tests/chat/realtime/test_state_machine.py

fuzz: .venv/test fuzz-rendering ## Say a million things to a node that no page would, and judge its answers
	@SECRET_KEY=only-for-fuzzing DJANGO_SETTINGS_MODULE=chatroom.settings $(BIN)/python -m tests.fuzz
	@SECRET_KEY=only-for-fuzzing DJANGO_SETTINGS_MODULE=chatroom.settings $(BIN)/python -m tests.fuzz --only-mutates --frames 100000

fuzz-rendering: .venv/test ## Render a hundred thousand texts that nobody would type, and judge what comes of them
	@SECRET_KEY=only-for-fuzzing DJANGO_SETTINGS_MODULE=chatroom.settings $(BIN)/python -m tests.fuzz.rendering

mutants: .venv/test ## Break the code on purpose, and see a test fail for each way
	@$(BIN)/python -m tests.mutants

lighthouse: .venv/test $(if $(NODE),node_modules/.installed) ## Have Lighthouse judge the room page
	@SECRET_KEY=only-for-measures $(BIN)/python manage.py measure lighthouse

pictures: .venv/test ## Take the pictures of docs/images anew
	@$(BIN)/python docs/images/take.py
	@$(BIN)/python docs/images/take_lab.py

engines: .venv/test ## Walk through the room in Firefox and WebKit too (Debian: firefox-esr webkit2gtk-driver xvfb)
	@SECRET_KEY=only-for-tests DJANGO_SETTINGS_MODULE=chatroom.settings $(BIN)/python -m tests.engines

check: lint types test test-slow ## What CI runs: format, lint, types, all tests

check-deploy: .venv/base .venv/deploy/.installed ## Check image, proxy, monitoring, cloud and workflows; names the tools it lacks
	@deploy/check

lint: .venv/dev $(if $(NODE),node_modules/.installed) ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(FILES) '*.html' | xargs -r $(BIN)/djade --check --target-version 5.2
	$(FILES) '*.yml' '*.yaml' | xargs -r $(BIN)/yamllint --strict
	git grep -lI --untracked -E '^#!.*[/ ](bash|sh)$$' -- ':!*.py' | xargs -r $(BIN)/shellcheck
	$(BIN)/typos
	$(call with_node,npx biome ci)

types: .venv/dev $(if $(NODE),node_modules/.installed) ## Check the types of Python and JavaScript
	SECRET_KEY=only-for-types $(BIN)/mypy
	$(call with_node,npx tsc -p jsconfig.json)

format: .venv/dev $(if $(NODE),node_modules/.installed) ## Format everything, and mend what can be mended
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	-$(FILES) '*.html' | xargs -r $(BIN)/djade --target-version 5.2
	$(call with_node,npx biome check --write)

docs: .venv/base ## Write the table of settings and the line numbers of the tour
	$(BIN)/python docs/configuration_table.py
	$(BIN)/python -m tests.tour_links

lock: ## Pin the newest versions that requirements/*.in allow (needs uv)
	for name in base loadtest otel test dev deploy; do \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" \
	    --output-file requirements/$$name.txt requirements/$$name.in || exit; \
	done

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# Without Node a developer is told what was left out; CI must not leave anything out.
with_node = $(if $(NODE),$(1),@echo "Left out, because there is no Node: $(1)"; test "$$CI" != true)

.venv/bin/python:
	@for python in python3.13 python3.12 python3.11 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv .venv && exit; \
	    echo "$$python cannot make a virtual environment (on Debian: apt install python3-venv)."; \
	    rm -rf .venv; exit 1; \
	  fi; \
	done; \
	echo "The chatroom needs Python 3.11 or newer, and found none on this machine."; exit 1

# Each file marks that a lock file is installed as it is now; a larger one holds the smaller ones.
.venv/base: requirements/base.txt | .venv/bin/python
	@echo "Installing requirements/base.txt …"
	@$(PIP) -r $<
	@touch $@

.venv/test: requirements/test.txt | .venv/bin/python
	@echo "Installing requirements/test.txt …"
	@$(PIP) -r $<
	@touch .venv/base $@

.venv/dev: requirements/dev.txt | .venv/bin/python
	@echo "Installing requirements/dev.txt …"
	@$(PIP) -r $<
	@touch .venv/base .venv/test $@

# checkov pins much that the chatroom pins otherwise.
.venv/deploy/.installed: requirements/deploy.txt | .venv/bin/python
	@echo "Installing requirements/deploy.txt …"
	@$(BIN)/python -m venv .venv/deploy
	@.venv/deploy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

node_modules/.installed: package-lock.json
	@npm ci --loglevel=error
	@touch $@

# Never overwritten: it holds the key that signs the sessions.
.env: | .venv/bin/python
	@umask 077; key=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') && \
	  sed "s/^SECRET_KEY=.*/SECRET_KEY=$$key/" .env.example > .env
	@echo "Made .env with a fresh SECRET_KEY."
