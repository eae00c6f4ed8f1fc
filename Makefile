# demo: solve the flagship, test its claims, write the briefing.   test: every check that a change must pass.
# slow: the tests marked slow.         lock: refresh constraints.txt from .venv.
PY ?= python3
.PHONY: demo test slow lock clean

demo: .venv/demo
	.venv/bin/foedus solve us-ukraine-pact
	@echo
	.venv/bin/foedus assess us-ukraine-pact --draws 128 --checks 32 --quick
	@echo
	.venv/bin/foedus brief us-ukraine-pact --draws 128 --checks 32 --quick -o build/demo/briefing
	.venv/bin/foedus publish build/demo/briefing --site build/demo/site
	@echo
	@echo "All draws and checks:  .venv/bin/foedus assess us-ukraine-pact    (some fifteen minutes)"
	@echo "Why a player acts so:  .venv/bin/foedus why us-ukraine-pact --player US --regime pact"
	@echo "The scenario:          .venv/bin/foedus library us-ukraine-pact"
	@echo "Change a number:       .venv/bin/foedus solve us-ukraine-pact --set sigma=0.9"
	@echo "In a browser:          .venv/bin/foedus studio us-ukraine-pact"
	@echo "Write your own:        .venv/bin/foedus new crisis     (docs/tutorial/first-scenario.md)"
	@echo "The site to read:      $(CURDIR)/build/demo/site/index.html"

test: .venv/test
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

slow: .venv/test
	.venv/bin/pytest -m slow

.venv/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "foedus needs Python 3.11 or newer, and '$(PY)' is not. Try: make PY=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	$(PY) -m venv .venv
	@touch $@

# The package is installed in place, so only these files can make an environment stale.
.venv/demo: .venv/python pyproject.toml constraints.txt
	@echo "Installing foedus into .venv (about a minute, once)"
	@.venv/bin/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

.venv/test: .venv/python pyproject.toml constraints.txt
	@echo "Installing foedus and what its tests need into .venv (about a minute, once)"
	@.venv/bin/python -m pip install --quiet -c constraints.txt -e '.[test]'
	@touch $@ .venv/demo

lock: .venv/test
	.venv/bin/python -m pip freeze --exclude-editable > constraints.txt
	@! grep -nE '://| @ ' constraints.txt

clean:
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
