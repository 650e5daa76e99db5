# Each target sets up what it needs in .venv; nothing else on the machine is touched (but see `browser`).
PYTHON ?= python3
PORT   ?= 8000
DATA   ?= rondo-data
DAY    ?=
OUT    ?= rondo-bench
EVENTS ?=
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test long bench screenshots translations locks clean

help: ## this list
	@echo "Rondo: timed rounds that bring the right people together."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: $(VENV)/run.done ## load the demo conference and serve it on http://127.0.0.1:8000 (PORT= its port, DAY=today: its days anew)
	@$(BIN)/rondo demo --data $(DATA) --port $(PORT) $(if $(DAY),--day $(DAY))

# compiled once, read by every process that a test starts
test long: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/test.done $(VENV)/browser.done ## everything: style, types, law of the house, unit, property, database and browser tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet webapp/templates
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long" --durations=8

long: $(VENV)/test.done $(VENV)/browser.done ## the tests that take minutes, and what of the engine no test reaches
	$(BIN)/python -m pytest -n 2 --dist worksteal -m long --hypothesis-profile roaming --durations=8
	COVERAGE_FILE=$(VENV)/coverage $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not long" \
		--hypothesis-profile thorough --cov=matcher --cov-branch --cov-report=json:$(VENV)/coverage.json tests/matcher matcher
	$(BIN)/python -m tests.uncovered $(VENV)/coverage.json

bench: $(VENV)/bench.done ## this engine beside others, as a report (OUT= its folder, EVENTS= a folder of your own events)
	$(BIN)/python -m tests.benchmarks --out "$(OUT)" $(if $(EVENTS),--events "$(EVENTS)") $(BENCH)

screenshots: $(VENV)/test.done $(VENV)/browser.done ## make the README's pictures from the demo
	$(BIN)/python -m tests.browser.screenshots

translations: $(VENV)/test.done ## collect the words of pages and paper, update and compile the catalogues
	$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --keywords "__ say lazy_gettext ngettext:1,2" --omit-header \
		--no-location --sort-output --width 120 --output-file webapp/translations/messages.pot .
	@for lang in fr es ar ru km; do \
		po=webapp/translations/$$lang/LC_MESSAGES/messages.po; \
		if [ -f $$po ]; then verb="update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date"; else verb=init; fi; \
		$(BIN)/pybabel --quiet $$verb --width 120 --input-file webapp/translations/messages.pot --output-file $$po --locale $$lang || exit 1; \
	done
	$(BIN)/pybabel compile --directory webapp/translations --statistics

locks: ## write the locks of all dependencies anew (needs uv)
	.ci/lock --upgrade

clean: ## remove the environment and caches; data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rondo needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making the environment (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.done: $(VENV)/made .ci/locks/run.txt pyproject.toml
	@$(PIP) install --quiet --quiet --require-hashes -r .ci/locks/run.txt
	@$(PIP) install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.done: $(VENV)/run.done .ci/locks/test.txt
	@$(PIP) install --quiet --quiet --require-hashes -r .ci/locks/test.txt
	@touch $@

$(VENV)/bench.done: $(VENV)/run.done .ci/locks/bench.txt
	@$(PIP) install --quiet --quiet --require-hashes -r .ci/locks/bench.txt
	@touch $@

$(VENV)/browser.done: $(VENV)/test.done
	@.ci/browser $(BIN)/python
	@touch $@
