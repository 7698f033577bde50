# `make demo` runs the whole 5-5-5 flow, `make test` the tests and their coverage; both set the machine up first.
# They need Debian or Ubuntu with Python 3.11 or newer; as root they install what is missing.

PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/installed

.PHONY: demo test tables install system clean

demo: install
	$(VENV)/bin/codesign run flows/5-5-5.toml --out out/5-5-5
	@echo "Report: $(CURDIR)/out/5-5-5/report.html"

test: install
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses 2 --dist loadfile --cov

# The measured tables of README and docs, from the reports of these flows (the pages have the commands).
tables: install
	$(VENV)/bin/python -m codesign.report out/5-5-5/report.json README.md
	$(VENV)/bin/python -m codesign.report out/5-5-5-chips/montecarlo.json README.md docs/how-to/montecarlo.md
	$(VENV)/bin/python -m codesign.report out/5-5-5-conditions/conditions.json docs/how-to/conditions.md
	set -e; for flow in dense-ss dense-ff dense; do \
		$(VENV)/bin/python -m codesign.report out/$$flow/report.json docs/how-to/conditions.md; \
	done
	$(VENV)/bin/python -m codesign.report out/dense-layout/report.json docs/layout/post-layout.md
	$(VENV)/bin/python -m codesign.report out/explore/explore.json docs/how-to/exploring.md

install: system $(INSTALLED)

# The stamp comes last: an installation that was interrupted is done again.
$(INSTALLED): pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt pip setuptools
	$(VENV)/bin/python -m pip install --constraint constraints.txt --editable '.[development]'
	touch $@

system:
	@missing=""; \
	command -v ngspice >/dev/null || missing="$$missing ngspice"; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing && exit 0; \
	fi; \
	echo "error: missing:$$missing; install it, for example with: sudo apt-get install$$missing" >&2; exit 1

clean:
	rm -rf $(VENV) build dist site out *.egg-info
