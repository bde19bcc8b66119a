# Every target makes its own virtual environment when needed; nothing else has to be set up.
# make PYTHON=python3.12 <target> uses another interpreter (3.11 or newer).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROTO_VENV := .venv-protos
PROTOS := $(shell find protos -name '*.proto' 2>/dev/null)

# pip says errors only: its notes on the machine's own package sources are not ours to repeat.
PIP_INSTALL := -m pip install -qq
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# A run starts hundreds of processes: what Python has compiled is kept, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=

# What a run of pytest without a test says.
NONE_FOUND := 5

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow check bench bench-plan bench-alert chaos chaos-link chaos-processes dst real-peers fuzz properties calibration screens screenshots protos baseline clean

help:
	@echo "make demo      the whole observatory on this machine: an alert, a search, a counterpart"
	@echo "make test      the tests, without the slow and the long ones: some minutes"
	@echo "make test-slow the slow ones: whole systems, planning in many ways, property tests at length"
	@echo "make check     format, types, rooms, wire, sizes: under a minute"
	@echo "make bench     the figures of docs/benchmarks.md"
	@echo "make bench-plan  plans of every map, judged, beside other planners: half an hour"
	@echo "make bench-alert  from a broker to commands at 30 agents, over 50 alerts"
	@echo "make calibration  simulated searches held against the truth: docs/calibration.md; a third of an hour"
	@echo "make screens   every page in three themes at three widths under axe-core: some minutes"
	@echo "make screenshots  the pictures of the dashboard in docs/images, from a demonstration: some minutes"
	@echo "make chaos     the tests that kill processes, and the long ones"
	@echo "make chaos-link  200 schedules of each kind of trouble between agents and coordinator: half an hour"
	@echo "make chaos-processes  eleven schedules of trouble with real processes, drawn from SEED=7"
	@echo "make dst       small worlds full of faults, new ones for HOURS=0.1"
	@echo "make real-peers  a night with Alpaca's and INDI's simulators and one telescope of each other driver: some minutes"
	@echo "make fuzz      readers of alerts against damaged messages, ten minutes"
	@echo "make properties  the property tests on new examples: some minutes"
	@echo "make protos    generate the wire code from protos/"
	@echo "make clean     remove what make made"

demo: $(VENV)/.coordinator
	@exec $(BIN)/armillary demo

# Tests that start Ray mostly wait, and so do those of processes, servers and browsers; those of rules compute. So three
# groups side by side keep two cores busy, without threads of BLAS. Of the slow ones two at a time: whole systems that get
# no time of a core are slower than one after the other. Plain pytest runs all, one by one, also the long.
test test-slow: export OPENBLAS_NUM_THREADS := 1
test: $(VENV)/.dev
	@$(MAKE) --no-print-directory -s -k -j3 --output-sync=target test-ray test-beside test-rules WITH_RAY="$(WITH_RAY) or e2e"

test-slow: $(VENV)/.dev
	@$(MAKE) --no-print-directory -s -k -j2 --output-sync=target test-ray test-beside test-rules test-pages \
	  WITH_RAY="ray or chaos" SPEED="slow and not long" ELSEWHERE="$(RULES) $(PAGES)"

# The house is looked at by `make check`.
PYTEST = $(BIN)/python -m pytest -p no:cacheprovider --durations=12 --ignore=tests/house
SPEED = not (slow or long)
WITH_RAY = ray or chaos or realdata
RULES = tests/unit tests/property
PAGES = tests/e2e
ELSEWHERE = $(RULES)
.PHONY: test-ray test-beside test-rules test-pages
test-ray:
	@echo "tests with: $(WITH_RAY)"; $(PYTEST) -m "($(WITH_RAY)) and $(SPEED)"

test-beside:
	@echo "all other tests"; $(PYTEST) $(ELSEWHERE:%=--ignore=%) -m "not ($(WITH_RAY)) and $(SPEED)"

test-rules:
	@echo "other tests in $(RULES)"; $(PYTEST) -m "not ($(WITH_RAY)) and $(SPEED)" $(RULES)

test-pages:
	@echo "other tests in $(PAGES)"; $(PYTEST) -m "not ($(WITH_RAY)) and $(SPEED)" $(PAGES)

# Every check says its own; all of them run, two at a time, whatever the others found.
check: $(VENV)/.dev
	@$(MAKE) --no-print-directory -s $(PROTO_VENV)/.made || \
	  echo "the proto tools cannot be installed: generated code is not compared with the protos"
	@$(MAKE) --no-print-directory -s -k -j2 --output-sync=target $(CHECKS)

CHECKS := check-types check-types-windows check-house check-lint check-format check-rooms check-wire check-breaking
.PHONY: $(CHECKS)

check-types:
	@echo "types"; $(BIN)/mypy --no-error-summary

check-types-windows:
	@echo "types, as a site on Windows has them"
	@$(BIN)/mypy --no-error-summary --cache-dir .mypy_cache/win32 --platform win32 telescopes

check-house:
	@echo "house"; $(BIN)/python -m pytest -p no:cacheprovider --tb=short tests/house

check-lint:
	@echo "lint"; $(BIN)/ruff check -q --output-format=concise .

check-format:
	@echo "format"; $(BIN)/ruff format -q --check --output-format=concise .

check-rooms:
	@echo "rooms"; $(BIN)/lint-imports --no-logo > $(VENV)/rooms.txt || { cat $(VENV)/rooms.txt; exit 1; }

check-wire:
	@echo "wire"; $(BIN)/buf lint protos

check-breaking:
	@echo "wire, breaking"; $(BIN)/buf breaking protos --against protos/baseline.binpb

# A benchmark is a script that prints a table; make bench ONLY=plan runs tests/benchmarks/bench_plan.py alone.
# The table of plans and the way of alerts take long and have targets of their own; the soak and the flood are run by name.
BENCHES = $(if $(ONLY),tests/benchmarks/bench_$(ONLY).py,$(filter-out %/bench_plan_table.py %/bench_alert.py %/bench_calibration.py %/bench_soak.py %/bench_flood.py,$(wildcard tests/benchmarks/bench_*.py)))

bench: $(VENV)/.dev
	@for file in $(BENCHES); do \
	  [ -e "$$file" ] || { echo "$$file is not written yet"; exit 1; }; \
	  echo; echo "$$file"; $(BIN)/python "$$file" || exit 1; \
	done

# ARMILLARY_JUDGE names the judge's script, ARMILLARY_PEERS interpreters that have gwemopt or tilepy;
# make bench-plan TABLE="--only GW170817 --telescopes 3" makes a part. Rows are kept in build/plan-table.json.
bench-plan: $(VENV)/.dev
	@$(BIN)/python tests/benchmarks/bench_plan_table.py --peers --markdown build/plan-table.md $(TABLE)

# make bench-alert TABLE="--agents 3 --alerts 5" is a short one.
bench-alert: $(VENV)/.dev
	@$(BIN)/python tests/benchmarks/bench_alert.py $(TABLE)

# make calibration EVENTS=30 is a short one. ARMILLARY_SITES names another network, ARMILLARY_DATA where the real list
# lies. What is played is kept in build/calibration-SEED.jsonl, and a run that was broken off goes on: remove it to play
# anew. Ends with 1 and says so where a limit is missed.
EVENTS ?= 300
calibration: export OPENBLAS_NUM_THREADS := 1
calibration: $(VENV)/.dev
	@$(BIN)/python tests/benchmarks/bench_calibration.py --events $(EVENTS)

# make test-slow looks at each page in one theme and width; this at every page in all nine looks. Needs chromium.
screens: $(VENV)/.dev
	@$(BIN)/python -m pytest -p no:cacheprovider -o timeout=0 --durations=4 -m long tests/e2e/dashboard/test_every_screen.py

screenshots: $(VENV)/.dev
	@$(BIN)/python tests/builders/programs/screenshots.py docs/images

chaos: $(VENV)/.dev
	@$(BIN)/python -m pytest -m "chaos or long" || { [ $$? -eq $(NONE_FOUND) ] && echo "no chaos test is written yet"; }

# make chaos-link SEEDS=20 plays so many schedules of each kind; the seeds are the first ones, so that a find stays found.
SEEDS ?= 200
chaos-link: $(VENV)/.dev
	@ARMILLARY_CHAOS_SEEDS=$(SEEDS) OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider -o timeout=0 \
	  tests/chaos/test_bad_link.py tests/chaos/test_every_transition.py

# Every run draws other trouble; what fails says its seed, and `make chaos` plays that of the file.
chaos-processes: $(VENV)/.dev
	@echo "trouble from seed $(SEED)"; ARMILLARY_CHAOS_SEED=$(SEED) OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider \
	  tests/chaos/test_bad_link_processes.py

# make dst HOURS=8 is a night of it. Every run takes other worlds, from SEED on; what it finds it prints with the command
# that plays it again, and the seed goes into FOUND of tests/chaos/test_fault_worlds.py.
HOURS ?= 0.1
SEED := $(or $(SEED),$(shell date +%s))
dst: $(VENV)/.coordinator
	@echo "worlds from seed $(SEED)"; OPENBLAS_NUM_THREADS=1 $(BIN)/armillary dst run --hours $(HOURS) --seed $(SEED)

# Needs indiserver (apt-get install indi-bin); what is asked for by name may not skip. Shows what every telescope did.
real-peers: $(VENV)/.dev
	@ARMILLARY_PEERS=required OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider -s tests/e2e/test_real_peers.py

# make fuzz FUZZ_S=60 takes a minute; what was found is kept in .hypothesis and tried first the next time.
FUZZ_S ?= 600
fuzz: $(VENV)/.dev
	@ARMILLARY_EXAMPLES=new ARMILLARY_FUZZ_S=$(FUZZ_S) $(BIN)/python -m pytest -p no:cacheprovider -o timeout=0 tests/property/test_reader_fuzz.py

# make test draws the same examples every time; this draws new ones, and those that fail are kept in .hypothesis.
properties: $(VENV)/.dev
	@ARMILLARY_EXAMPLES=new OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider -m "not long" tests/property

protos: $(PROTO_VENV)/.made
	@$(PROTO_VENV)/bin/python -m grpc_tools.protoc -Iprotos \
	  --plugin=protoc-gen-mypy_grpc=$(PROTO_VENV)/bin/protoc-gen-mypy_grpc \
	  --python_out=protos --pyi_out=protos --grpc_python_out=protos --mypy_grpc_out=quiet:protos $(PROTOS)
	@echo "generated; commit the code together with the protos"

# At a release only: what is promised from then on.
baseline: $(VENV)/.dev
	@$(BIN)/buf build protos -o protos/baseline.binpb
	@echo "protos/baseline.binpb is what buf breaking compares with from now on"

clean:
	@rm -rf $(VENV) $(PROTO_VENV) build dist *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find coordinator telescopes protos tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.coordinator: pyproject.toml deploy/constraints.txt | $(VENV)/.made
	@echo "installing armillary[coordinator] (once, about a minute)"
	@$(BIN)/python $(PIP_INSTALL) -c deploy/constraints.txt -e '.[coordinator]'
	@touch $@

$(VENV)/.dev: pyproject.toml deploy/constraints.txt | $(VENV)/.made
	@echo "installing armillary[coordinator,dev] (once, about a minute)"
	@$(BIN)/python $(PIP_INSTALL) -c deploy/constraints.txt -e '.[coordinator,dev]'
	@touch $(VENV)/.coordinator $@

$(PROTO_VENV)/.made: deploy/proto-tools.txt
	@echo "installing the proto tools (once, some seconds)"
	@$(PYTHON) -m venv $(PROTO_VENV)
	@$(PROTO_VENV)/bin/python $(PIP_INSTALL) -r deploy/proto-tools.txt
	@touch $@
