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

##@ The image
image: ## Build the image into build/image: the same bytes from the same commit
	tools/setup build image
	cmake --preset image >/dev/null
	cmake --build build/image/programs
	python3 -B tools/image/build.py $(IMAGE_OPTIONS)

test-image: image ## Run it under podman, and attack it from inside a worker (needs root)
	tools/setup build test image image-test
	cmake --preset release -DBULKHEAD_PROCESS_TESTS=ON >/dev/null
	cmake --build build/release --target bulkhead-worker hostile-worker sandbox_cases_test
	test -d build/image/schemas || python3 -m venv build/image/schemas
	build/image/schemas/bin/pip install --quiet --disable-pip-version-check --require-hashes \
	  -r tests/image/requirements.txt
	build/image/schemas/bin/python -B tests/image/test_schemas.py build/image
	python3 -B tests/image/test_reproducible.py build/image/programs/bin
	python3 -B tests/image/test_image.py build/image/bulkhead.oci.tar
	python3 -B tests/image/test_attacks.py build/image/bulkhead.oci.tar build/release

image-lock: ## Take the newest Debian packages into the image's lock file
	python3 -B tools/image/refresh_lock.py

image-audit: ## Refuse known vulnerabilities that have a fix; 2: undecided (AUDIT_OPTIONS)
	python3 -B tools/image/audit.py $(AUDIT_OPTIONS)

image-sign: ## Sign the image and its bills of materials with the minisign key KEY
	tools/setup image
	python3 -B tools/image/sign.py sign --key "$(KEY)" $(SIGN_OPTIONS)

image-verify: ## Whether build/image is what the owner of the minisign key PUBLIC_KEY signed
	tools/setup image
	python3 -B tools/image/sign.py verify --key "$(PUBLIC_KEY)" $(SIGN_OPTIONS)

image-reproduce: image ## Build the commit once more, elsewhere and without caches, and compare
	tools/image/reproduce

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
	python3 -B bench/image/measure.py build/bench/summary.json

clients: build ## Run real clients (Triton, KServe, Ultralytics, curl) against bulkhead serve
	tools/setup conformance
	python3 tests/clients/run.py --bulkhead $(BULKHEAD) $(CLIENT_TESTS)

conformance: clients ## The same, and compare detections with those of the real ultralytics package
	python3 tests/conformance/run.py --bulkhead $(BULKHEAD)

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run serve detect test setup build clean image test-image image-lock image-audit image-sign \
  image-verify image-reproduce lint format tsan kill fire transit fuzz bench clients conformance help
