# A thin front for the tools: `make help` lists what there is. Everything is built and cached below build/.
NODE ?= node
VBEAM = $(NODE) cli/vbeam.mjs
RUN = $(NODE) --import tsx
PROGRAM ?= examples/hello.v
ARGS ?=
MEMORY ?= 256

.PHONY: qemu-linux hostile images test-busybox test-v robust-v chaos stress help setup test check format fuzz generated planted bench bifs qemu qemu-interp qemu-otp qemu-vhello clean conformance otp-suites

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

setup: ## install what is missing: Debian packages and npm packages
	@sh tools/setup.sh

qemu-vhello: setup ## compile examples/hello.v (or PROGRAM=... ARGS=...), boot it in QEMU, power off
	@$(VBEAM) qemu $(PROGRAM) $(ARGS) --memory $(MEMORY) --timeout 300 < /dev/null

qemu: setup ## boot to the phases and the supervision tree, power off
	@$(VBEAM) qemu --power-off --memory $(MEMORY) --timeout 300 < /dev/null

qemu-linux: setup ## boot to busybox's shell on the console; behind its exit is the Erlang shell
	@$(VBEAM) qemu --linux

qemu-interp: setup ## an Erlang hello.beam on the bare VM, without OTP's tree
	@$(VBEAM) qemu examples/hello.erl --bare --memory $(MEMORY) --timeout 300 < /dev/null

qemu-otp: setup ## boot the supervision tree and stay up; standard input is the serial line
	@$(VBEAM) qemu --stay --memory $(MEMORY)

test: setup ## everything: types, lint, tidy, all tests
	@$(RUN) tools/test.ts

check: ## types, lint and tidy only
	@npx --no-install tsc -p tsconfig.json
	@npx --no-install biome check .
	@$(RUN) tools/tidy.ts

format: ## let Biome format the sources
	@npx --no-install biome check --write .

WHAT ?= modules
HOST ?= node
FIRST ?= 0
COUNT ?= 20000
fuzz: ## run mutants (WHAT=modules|terms HOST=node|native FIRST=.. COUNT=..), add a line to the ledger
	@$(RUN) tests/fuzz/fuzz.ts $(WHAT) $(HOST) $(FIRST) $(COUNT)

hostile: setup ## native tasks that mean harm (FIRST=.. COUNT=..) in QEMU, a line of the ledger for 10,000
	@$(RUN) tests/tasks/hostile.ts $(FIRST) $(COUNT)

images: setup ## broken ext2 file systems (FIRST=.. COUNT=..): errors, and nothing worse
	@$(RUN) tests/files/corrupt_images.ts $(FIRST) $(COUNT)

planted: setup ## plant bugs into a copy, one at a time, and show that the tests find them
	@$(RUN) tools/planted_bugs.ts

FIRST_CASE ?= 1
CASES ?= 100000
generated: setup ## compare generated cases with erl (FIRST_CASE=.. CASES=..)
	@$(RUN) tests/generated/generated.ts $(FIRST_CASE) $(CASES)

proof: setup ## run real programs (OTP's compiler, EUnit, dialyzer, Elixir, ...) on erl and here, compare
	@$(RUN) tests/proof/proof.ts

bench: setup ## measure, with a table and one `figure` line a figure
	@$(RUN) bench/bench.ts

bifs: ## which BIFs and instructions there are, which are missing; writes docs/coverage.md
	@$(RUN) tools/bifs.ts --write

conformance: setup ## the conformance cases on erl, in Node and as a Linux program: a table by area
	@$(RUN) tests/conformance_table.ts

test-v: setup ## V's own tests on erl and on our VM (V_SRC=DIR, a checkout of V; TESTS="structs/ loops/")
	@$(RUN) tests/v/main.ts $(TESTS)

robust-v: setup ## broken V sources (V_SRC=DIR): the compiler answers with a program or with errors
	@$(RUN) tests/v/robustness.ts

otp-suites: setup ## OTP's own test suites (OTP_SRC=DIR, the sources of Erlang/OTP; SUITES="lists maps")
	@$(RUN) tests/otp_suites/main.ts $(SUITES)

test-busybox: setup ## busybox's own tests in this system, in QEMU (APPLETS="ls cat" for some)
	@$(RUN) tests/linux/busybox_suite.ts $(APPLETS)

latency: setup ## longest pauses in instructions (QEMU), lateness of a periodic process; SCENARIOS=... for some
	@$(RUN) bench/latency.ts $(SCENARIOS)

stress: setup ## 100,000 supervised processes, 10,000 of which crash; shares of partitions under load
	@$(RUN) bench/stress.ts

SEED ?= 1
FAULTS ?= 10000
QEMU_FAULTS ?= 500
chaos: setup ## faults injected into the running system: FAULTS=10000 on the simulated PC, QEMU_FAULTS=500 in QEMU, from SEED=1
	@$(VBEAM) chaos --seed $(SEED) --faults $(FAULTS)
	@$(VBEAM) chaos --seed $(SEED) --faults $(QEMU_FAULTS) --qemu

clean: ## remove everything that was built
	rm -rf build vm/gen vm/host.ts
