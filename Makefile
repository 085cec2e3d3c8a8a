# Everything a person can do here. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BULKHEAD := build/release/bin/bulkhead
FUZZ_SECONDS ?= 60
KILLS ?= 500

##@ The two commands
run: build ## Build, then serve two tenants from this machine, show what they see, and stop
	tools/demo $(BULKHEAD) $(SERVE_OPTIONS)

test: ## Run every test under sanitizers, attacks on real workers, and a short fuzz of every parser
	tools/setup build test
	cmake --preset release -DBULKHEAD_PROCESS_TESTS=ON >/dev/null
	cmake --build build/release
	cmake --preset dev >/dev/null
	cmake --build build/dev
	ctest --test-dir build/dev --output-on-failure -j2
	ctest --test-dir build/release --output-on-failure
	tools/fuzz 5

##@ Trying it
serve: build ## The same, and go on serving until Ctrl-C
	tools/demo $(BULKHEAD) --stay $(SERVE_OPTIONS)

detect: build ## One model on its pictures, without serving
	$(BULKHEAD) detect models/line-inspection/line-inspection.onnx models/line-inspection/samples \
	  --annotate build/run/annotated $(DETECT_OPTIONS)

##@ Building
setup: ## Install what building needs (Debian packages, ONNX Runtime); a second call is quick
	tools/setup build

build: setup ## Build the programs that users run, into build/release/bin
	cmake --preset release >/dev/null
	cmake --build build/release

clean: ## Remove everything that was built; downloads stay in .deps
	rm -rf build

##@ Checking
lint: ## clang-format, clang-tidy and the house rules over the whole tree
	tools/setup build test lint
	cmake --preset dev >/dev/null
	tools/lint

format: ## Rewrite the C++ sources in the house format
	tools/setup lint
	git ls-files '*.cpp' '*.h' | xargs clang-format-19 -i

tsan: ## Run the tests under ThreadSanitizer
	tools/setup build test
	cmake --preset tsan >/dev/null
	cmake --build build/tsan
	TSAN_OPTIONS=suppressions=$(CURDIR)/tests/thread_sanitizer.supp \
	  ctest --test-dir build/tsan --output-on-failure -L 'unit|contract'

kill: ## Kill workers and nodes with kill -9 at KILLS (500) random points
	tools/setup build test
	cmake --preset release -DBULKHEAD_PROCESS_TESTS=ON >/dev/null
	cmake --build build/release --target node_program_test
	BULKHEAD_KILLS=$(KILLS) build/release/tests/process/node/node_program_test --gtest_filter='NodeKill.*'

fire: ## Kill a serving gateway, node and workers KILLS (500) times while clients keep books
	tools/setup build test
	cmake --preset release -DBULKHEAD_PROCESS_TESTS=ON >/dev/null
	cmake --build build/release
	KILLS=$(KILLS) ctest --test-dir build/release -R '^Fire' -V

transit: ## Run the key contract on the transit server that BULKHEAD_TRANSIT_ORIGIN, _TOKEN and _CA name
	tools/setup build test
	cmake --preset dev >/dev/null
	cmake --build build/dev --target transit_provider_contract_test
	BULKHEAD_TRANSIT_ORIGIN='$(BULKHEAD_TRANSIT_ORIGIN)' BULKHEAD_TRANSIT_TOKEN='$(BULKHEAD_TRANSIT_TOKEN)' \
	  BULKHEAD_TRANSIT_CA='$(BULKHEAD_TRANSIT_CA)' \
	  build/dev/tests/transit_provider_contract_test --gtest_filter='Transit/*'

fuzz: ## Fuzz every parser of untrusted bytes for FUZZ_SECONDS (60) each
	tools/setup build test
	tools/fuzz $(FUZZ_SECONDS)

bench: ## Measure against the libraries underneath and nginx; writes build/bench/summary.json
	tools/setup build test bench
	cmake --preset bench >/dev/null
	cmake --build build/bench
	build/bench/bin/bulkhead-bench build/bench/summary.json
	PYTHONDONTWRITEBYTECODE=1 python3 bench/serve/measure.py build/bench build/bench/summary.json
	PYTHONDONTWRITEBYTECODE=1 python3 bench/packing/measure.py build/bench build/bench/summary.json
	build/bench/bin/audit-log build/bench build/bench/summary.json

clients: build ## Run real clients (Triton, KServe, Ultralytics, curl) against bulkhead serve
	tools/setup conformance
	python3 tests/clients/run.py --bulkhead $(BULKHEAD) $(CLIENT_TESTS)

conformance: clients ## The same, and compare detections with those of the real ultralytics package
	python3 tests/conformance/run.py --bulkhead $(BULKHEAD)

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run serve detect test setup build clean lint format tsan kill fire transit fuzz bench clients \
  conformance help
