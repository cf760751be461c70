# make handout: the article's handout in output/.   make test: the tests.
.PHONY: help handout test check docs verapdf mutation catalogues benchmark benchmark-quick clean

VENV := .venv
SOURCES := pyproject.toml constraints.txt setup.sh

help:
	@echo "make handout    write output/article.pdf, .html, .tex, .md, .json"
	@echo "make test       run the tests"
	@echo "make check      ruff, mypy, pyright, and the layers of the package"
	@echo "make docs       the documentation as a site, in build/docs/site"
	@echo "make verapdf    what veraPDF says of the PDFs of all ready networks, where it is installed"
	@echo "make mutation   whether the tests notice small changes of the code (takes long)"
	@echo "make catalogues messages from the sources into templates/locale, and translations compiled"
	@echo "make benchmark  measured speed (make benchmark-quick: whether every benchmark runs)"
	@echo "make clean      remove .venv and caches"

$(VENV)/.ready: $(SOURCES)
	./setup.sh
	@touch $@

$(VENV)/.ready-test: $(SOURCES)
	./setup.sh test
	@touch $@ $(VENV)/.ready

handout: $(VENV)/.ready
	$(VENV)/bin/derive handout article -o output

test: $(VENV)/.ready-test
	$(VENV)/bin/python -m pytest -n auto

# Nothing is downloaded: whether there is a newer pyright is not asked.
PYRIGHT := PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(VENV)/bin/python -m pyright --pythonpath $(VENV)/bin/python

check: $(VENV)/.ready-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy --strict tests/typed/consumer.py
	$(PYRIGHT) tests/typed/consumer.py

$(VENV)/.ready-docs: $(SOURCES)
	./setup.sh docs
	@touch $@ $(VENV)/.ready

# Nothing is downloaded. The gallery is all handouts in all formats and languages, and takes a minute.
docs: $(VENV)/.ready-docs
	$(VENV)/bin/python docs/gallery.py build/docs/extra
	$(VENV)/bin/python -m sphinx -W --keep-going -q -b html docs build/docs/site
	@echo "wrote build/docs/site/index.html"

# veraPDF is a Java program and no package of Debian's or of Python's; VERAPDF=… names it where it is not on the path.
VERAPDF := verapdf
PDFS := build/verapdf

verapdf: $(VENV)/.ready
	@command -v $(VERAPDF) >/dev/null || { echo "veraPDF is not installed: it needs Java (apt-get install default-jre-headless)," \
	  "and comes with an installer from https://verapdf.org/software/; then make verapdf VERAPDF=/where/it/is/verapdf"; exit 1; }
	for flavour in 1 2; do \
	  for name in $(basename $(notdir $(wildcard derive/networks/*.toml))); do \
	    $(VENV)/bin/derive handout $$name -o $(PDFS)/ua$$flavour --format pdf --pdf-variant pdf/ua-$$flavour || exit 1; \
	  done; \
	  $(VERAPDF) --flavour ua$$flavour --format text $(PDFS)/ua$$flavour/*.pdf || exit 1; \
	done

$(VENV)/.ready-mutation: $(SOURCES)
	./setup.sh test,mutation
	@touch $@ $(VENV)/.ready $(VENV)/.ready-test

mutation: $(VENV)/.ready-mutation
	$(VENV)/bin/mutmut run
	$(VENV)/bin/mutmut results

LOCALE := templates/locale
KEYWORDS := InputError UnknownNameError UnsupportedError NoLayersError Unprintable VerificationError Message counted:1,2 N_
PYBABEL := $(VENV)/bin/python -m babel.messages.frontend --quiet

# New messages come in without a translation, unused ones go; nothing is guessed from a similar one.
catalogues: $(VENV)/.ready-test
	$(PYBABEL) extract -F babel.cfg $(KEYWORDS:%=-k %) --omit-header --no-location --sort-output --no-wrap -o $(LOCALE)/derive.pot .
	$(PYBABEL) update -D derive -i $(LOCALE)/derive.pot -d $(LOCALE) \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	for domain in derive click; do $(PYBABEL) compile -D $$domain -d $(LOCALE); done

$(VENV)/.ready-peers: $(SOURCES)
	./setup.sh test,peers
	@touch $@ $(VENV)/.ready $(VENV)/.ready-test

BENCHMARKS := $(filter-out %/measuring.py, $(wildcard tests/benchmarks/*.py))

benchmark: $(VENV)/.ready-peers
	@for script in $(BENCHMARKS); do echo "== $$script"; $(VENV)/bin/python $$script || exit 1; done

# What is not installed to compare with is left out.
benchmark-quick: $(VENV)/.ready-test
	@for script in $(BENCHMARKS); do echo "== $$script"; $(VENV)/bin/python $$script --quick || exit 1; done

clean:
	rm -rf $(VENV) mutants .pytest_cache .mypy_cache .ruff_cache .grimp_cache .import_linter_cache .hypothesis
