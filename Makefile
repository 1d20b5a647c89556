# taskcost: the only build file. `make help` lists the targets.
#
#   BUILD=dir      where everything goes (default build)
#   CC=clang       another compiler
#   SANITIZE=...   address, undefined or thread; use `make asan`, `make ubsan`, `make tsan`
#   V=1            show the commands

VERSION := 0.1.0
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
SAN     := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -DTC_SANITIZED=1)
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(SAN) -MMD -MP
ALL_LDFLAGS = $(LDFLAGS) $(SAN) -pthread

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')

# -- what is built ---------------------------------------------------------------------------------

# A model is its adapter bench/models/include/model_NAME.h (with _ for -) and one word here:
# NAME:PART, where PART is the library it adapts (none for the floor).
MODELS := async:runtime async-uring:runtime floor: threads:threads_baseline threads-pool:threads_baseline

model_names := $(foreach m,$(MODELS),$(word 1,$(subst :, ,$(m))))
model_part   = $(word 2,$(subst :, ,$(filter $(1):%,$(MODELS))))

INC_base             := -Ibase/include
INC_runtime          := $(INC_base) -Iruntime/include
INC_threads_baseline := $(INC_base) -Ithreads_baseline/include
INC_http             := $(INC_base) -Ihttp/include
INC_harness          := $(INC_base) -Ibench/harness/include
INC_models           := -Ibench/models/include $(INC_harness) -Ihttp/include

LIBS_harness := $(shell pkg-config --libs hwloc jansson 2>/dev/null || echo -lhwloc -ljansson)
LIBS_runtime := $(shell pkg-config --libs liburing 2>/dev/null || echo -luring)
LIBS_worker  := $(shell pkg-config --libs jansson 2>/dev/null || echo -ljansson)

base_objs     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard base/src/*.c))
runtime_objs  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard runtime/src/*.c))
# The runtime that can be looked into (rt/inspect.h): the same sources and those that do the looking.
inspect_objs  := $(patsubst %.c,$(BUILD)/inspect/%.o,$(wildcard runtime/src/*.c runtime/inspect/*.c))
baseline_objs := $(patsubst %.c,$(BUILD)/%.o,$(wildcard threads_baseline/src/*.c))
http_objs     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard http/src/*.c))
harness_objs  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/harness/src/*.c))
worker_objs   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/worker/*.c))
taskcost_objs := $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/taskcost/*.c))

workload_names := $(patsubst bench/workloads/%.c,%,$(filter-out %/TEMPLATE.c,$(wildcard bench/workloads/*.c)))

workers          := $(addprefix $(BUILD)/worker-,$(model_names))
# The same workers with every operation counted; for the parity test, never for timing.
counting_workers := $(addprefix $(BUILD)/counting/worker-,$(model_names))
# Those on the runtime, with what looks into it: to see a workload run, never for timing.
inspect_models   := $(foreach m,$(model_names),$(if $(filter runtime,$(call model_part,$(m))),$(m)))
inspect_workers  := $(addprefix $(BUILD)/inspect/worker-,$(inspect_models))
programs         := $(BUILD)/taskcost $(workers)

.PHONY: all
all: $(programs)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# -- libraries -------------------------------------------------------------------------------------

$(BUILD)/base/%.o:             INC := $(INC_base)
$(BUILD)/runtime/%.o:          INC := $(INC_runtime)
$(BUILD)/threads_baseline/%.o: INC := $(INC_threads_baseline)
$(BUILD)/http/%.o:             INC := $(INC_http)
$(BUILD)/bench/harness/%.o:    INC := $(INC_harness)
$(BUILD)/bench/worker/%.o:     INC := $(INC_harness) -Ibench/workloads
$(BUILD)/bench/taskcost/%.o:   INC := $(INC_harness) -I$(BUILD)

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC) -c $< -o $@

$(BUILD)/inspect/%.o: %.c
	$(call say,CC,$< [inspect])
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DRT_INSPECT=1 $(INC_runtime) -Iruntime/src -c $< -o $@

$(BUILD)/libbase.a: $(base_objs)
$(BUILD)/librt.a: $(runtime_objs)
$(BUILD)/librt-inspect.a: $(inspect_objs)
$(BUILD)/libtb.a: $(baseline_objs)
$(BUILD)/libhttp.a: $(http_objs)
$(BUILD)/libharness.a: $(harness_objs)
$(BUILD)/%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The schema and the published figures travel inside the program.
$(BUILD)/bench/harness/src/builtin.o: results/schema.json results/published.json results/claims.json

# -- programs --------------------------------------------------------------------------------------

$(BUILD)/version.h: FORCE
	$(Q)mkdir -p $(BUILD)
	$(Q)commit=$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown); \
	 printf '#define TC_VERSION "%s"\n#define TC_COMMIT "%s"\n#define TC_PREFIX "%s"\n' \
	   '$(VERSION)' "$$commit" '$(PREFIX)' > $@.new; \
	 if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
FORCE:

$(taskcost_objs): $(BUILD)/version.h

$(BUILD)/taskcost: $(taskcost_objs) $(BUILD)/libharness.a $(BUILD)/libbase.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBS_harness) -lm -o $@

lib_runtime          := $(BUILD)/librt.a
lib_threads_baseline := $(BUILD)/libtb.a

# One worker a model: all workloads, compiled against that model's adapter alone.
# $(1) model, $(2) folder below BUILD ("" or "counting/"), $(3) extra flags, $(4) in place of its library
define worker_rules
$(BUILD)/$(2)model-$(1)/%.o: bench/workloads/%.c
	$$(call say,CC,$$< [$(2)$(1)])
	$(Q)mkdir -p $$(@D)
	$(Q)$$(CC) $$(ALL_CFLAGS) $(3) -DMODEL_HEADER='"model_$(subst -,_,$(1)).h"' $(INC_models) $(INC_$(call model_part,$(1))) -c $$< -o $$@
$(BUILD)/$(2)model-$(1)/%.o: bench/models/src/%.c
	$$(call say,CC,$$< [$(2)$(1)])
	$(Q)mkdir -p $$(@D)
	$(Q)$$(CC) $$(ALL_CFLAGS) $(3) -DMODEL_HEADER='"model_$(subst -,_,$(1)).h"' $(INC_models) $(INC_$(call model_part,$(1))) -c $$< -o $$@
$(BUILD)/$(2)worker-$(1): $(worker_objs) $(patsubst %,$(BUILD)/$(2)model-$(1)/%.o,$(workload_names)) \
		$(BUILD)/$(2)model-$(1)/model_info.o $(or $(4),$(lib_$(call model_part,$(1)))) $(BUILD)/libhttp.a $(BUILD)/libharness.a $(BUILD)/libbase.a
	$$(call say,LD,$$@)
	$(Q)$$(CC) $$(ALL_LDFLAGS) $$^ $(LIBS_$(call model_part,$(1))) $(LIBS_worker) -lm -o $$@
endef
$(foreach m,$(model_names),$(eval $(call worker_rules,$(m),,)))
$(foreach m,$(model_names),$(eval $(call worker_rules,$(m),counting/,-DTC_COUNT_OPERATIONS=1)))
$(foreach m,$(inspect_models),$(eval $(call worker_rules,$(m),inspect/,-DRT_INSPECT=1,$(BUILD)/librt-inspect.a)))

# -- examples --------------------------------------------------------------------------------------

# One program a file. The faults are built with the runtime that tells what is wrong with them; those
# called *_refused.c are refused by the compiler, which tests/cli/examples.bats checks.
examples := $(patsubst %.c,$(BUILD)/%,$(wildcard examples/*.c) $(filter-out %_refused.c,$(wildcard examples/faults/*.c)))

.PHONY: examples
examples: $(examples)

$(BUILD)/examples/%: examples/%.c $(BUILD)/libhttp.a $(BUILD)/librt.a $(BUILD)/libtb.a $(BUILD)/libbase.a
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC_http) $(INC_runtime) $(INC_threads_baseline) $(filter-out %.h,$^) $(ALL_LDFLAGS) $(LIBS_runtime) -o $@

$(BUILD)/examples/faults/%: examples/faults/%.c $(BUILD)/librt-inspect.a $(BUILD)/libbase.a
	$(call say,CC,$< [inspect])
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DRT_INSPECT=1 $(INC_runtime) $(filter-out %.h,$^) $(ALL_LDFLAGS) $(LIBS_runtime) -o $@

# A workload as a timeline: TRACE, to be opened in ui.perfetto.dev or chrome://tracing.
WORKLOAD ?= switch-socket
TASKS    ?= 8
TRACE    ?= $(BUILD)/trace.json
.PHONY: trace
trace: $(inspect_workers)
	$(Q)RT_TRACE=$(TRACE) $(BUILD)/inspect/worker-async run $(WORKLOAD) --tasks $(TASKS) --laps 100 >/dev/null
	@echo 'open $(TRACE) in https://ui.perfetto.dev or chrome://tracing'

# -- tests -----------------------------------------------------------------------------------------

# tests/PART/test_*.c mirrors the tree; the files of tests/models are built once for every model.
test_parts  := base runtime inspect baseline http harness
test_bins   := $(foreach p,$(test_parts),$(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(p)/test_*.c)))
# Tests of the runtime that are built in its inspect flavour too.
test_bins   += $(addprefix $(BUILD)/tests/inspected/test_,allocation call group scheduler select state_word tasks teardown)
task_models := $(filter-out floor,$(model_names))
model_tests := $(foreach m,$(task_models),$(patsubst tests/models/%.c,$(BUILD)/tests/models-$(m)/%,$(wildcard tests/models/test_*.c)))
fake_worker := $(BUILD)/tests/worker-fake
json_look   := $(BUILD)/tests/json-look
coverage    := $(BUILD)/tests/coverage

TEST_CC = $(CC) $(ALL_CFLAGS) -Itests/support
TEST_LD = $(ALL_LDFLAGS) -lcmocka
# What to compile and link: on a rebuild the .d files have put headers among the prerequisites too.
inputs  = $(filter-out %.h,$^)

$(BUILD)/tests/base/%: tests/base/%.c $(BUILD)/libbase.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) $(INC_base) $(inputs) $(TEST_LD) -o $@

$(BUILD)/tests/runtime/%: tests/runtime/%.c $(BUILD)/librt.a $(BUILD)/libbase.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) $(INC_runtime) -Iruntime/src $(inputs) $(TEST_LD) $(LIBS_runtime) -o $@

# The inspect flavour changes no behaviour.
$(BUILD)/tests/inspected/%: tests/runtime/%.c $(BUILD)/librt-inspect.a $(BUILD)/libbase.a
	$(call say,TEST,$< [inspect])
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) -DRT_INSPECT=1 $(INC_runtime) -Iruntime/src $(inputs) $(TEST_LD) $(LIBS_runtime) -o $@

$(BUILD)/tests/inspect/%: tests/inspect/%.c $(BUILD)/librt-inspect.a $(BUILD)/libbase.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) -DRT_INSPECT=1 $(INC_runtime) -Itests/runtime $(inputs) $(TEST_LD) $(LIBS_runtime) -o $@

$(BUILD)/tests/baseline/%: tests/baseline/%.c $(BUILD)/libtb.a $(BUILD)/libbase.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) $(INC_threads_baseline) $(inputs) $(TEST_LD) -o $@

$(BUILD)/tests/http/%: tests/http/%.c $(BUILD)/libhttp.a $(BUILD)/libbase.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) $(INC_http) $(inputs) $(TEST_LD) -o $@

$(BUILD)/tests/harness/%: tests/harness/%.c $(BUILD)/libharness.a $(BUILD)/libbase.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(TEST_CC) $(INC_harness) $(inputs) $(TEST_LD) $(LIBS_harness) -lm -o $@

define model_test_rule
$(BUILD)/tests/models-$(1)/%: tests/models/%.c $(BUILD)/libhttp.a $(lib_$(call model_part,$(1))) $(BUILD)/libbase.a
	$$(call say,TEST,$$< [$(1)])
	$(Q)mkdir -p $$(@D)
	$(Q)$$(TEST_CC) -DMODEL_HEADER='"model_$(subst -,_,$(1)).h"' $(INC_models) -Ibench/workloads $(INC_$(call model_part,$(1))) $$(inputs) $$(TEST_LD) $(LIBS_$(call model_part,$(1))) -o $$@
endef
$(foreach m,$(task_models),$(eval $(call model_test_rule,$(m))))

# A reader of JSON for the command-line tests, and what scripts/trust.sh counts with.
$(json_look): tests/support/json_look.c
$(coverage): tests/support/coverage.c
$(json_look) $(coverage): $(BUILD)/libharness.a $(BUILD)/libbase.a
	$(call say,CC,$(filter %.c,$^))
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC_harness) $(filter %.c,$^) $(filter %.a,$^) $(ALL_LDFLAGS) $(LIBS_worker) -lm -o $@

$(fake_worker): tests/support/worker_fake.c $(BUILD)/libbase.a
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC_base) $(inputs) $(ALL_LDFLAGS) -o $@

.PHONY: deps test-programs run-tests test
deps:
	$(Q)scripts/install-deps.sh

test-programs: $(programs) $(examples) $(counting_workers) $(inspect_workers) $(test_bins) $(model_tests) $(fake_worker) $(json_look) $(coverage)

run-tests: test-programs
	$(Q)BUILD=$(BUILD) scripts/run-tests.sh $(test_bins) $(model_tests)

test: deps check-layering
	$(Q)$(MAKE) --no-print-directory run-tests

# Damaged result files through every command that reads one, under ASan and UBSan; COUNT inputs, those
# of number SEED. What is found is kept in the build folder.
COUNT ?= 5000
SEED  ?= 1
fuzzer := $(BUILD)/tests/fuzz/fuzz_results
$(fuzzer): tests/fuzz/fuzz_results.c tests/fuzz/mutate.c $(filter-out %/main.o,$(taskcost_objs)) $(BUILD)/libharness.a $(BUILD)/libbase.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC_harness) -Ibench/taskcost -I$(BUILD) $(inputs) $(ALL_LDFLAGS) $(LIBS_harness) -lm -o $@

fuzzer_http := $(BUILD)/tests/fuzz/fuzz_http
$(fuzzer_http): $(addprefix tests/fuzz/,fuzz_http.c http_world.c mutate_http.c) $(BUILD)/libhttp.a $(BUILD)/librt.a $(BUILD)/libbase.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC_http) $(INC_runtime) -Itests/http -Iexamples $(inputs) $(ALL_LDFLAGS) $(LIBS_runtime) -o $@

.PHONY: fuzz run-fuzz run-fuzz-http
run-fuzz: $(fuzzer)
	$(Q)UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 TASKCOST_PLOTS=plots \
	  $(fuzzer) --count $(COUNT) --seed $(SEED) --keep $(BUILD) tests/fuzz/seeds/*.json
# Damaged requests through the parser and the server's side of a connection.
run-fuzz-http: $(fuzzer_http)
	$(Q)UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(fuzzer_http) --count $(COUNT) --seed $(SEED)
fuzz: deps
	$(Q)$(MAKE) --no-print-directory run-fuzz BUILD=$(BUILD)-fuzz SANITIZE=address,undefined
	$(Q)$(MAKE) --no-print-directory run-fuzz-http COUNT=$$((10 * $(COUNT))) BUILD=$(BUILD)-fuzz SANITIZE=address,undefined

# A billion switches and ten million cancellations with flat memory, on both reactors; some minutes.
soaker := $(BUILD)/tests/soak/soak
$(soaker): tests/soak/soak.c $(BUILD)/librt.a $(BUILD)/libbase.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC_runtime) $(inputs) $(ALL_LDFLAGS) $(LIBS_runtime) -o $@
.PHONY: soak
soak: $(soaker)
	$(Q)$(soaker) --reactor epoll
	$(Q)$(soaker) --reactor uring

# Whether runs survive being killed, a full disk and the like; some four minutes.
.PHONY: trial
trial: $(programs) $(json_look) $(fake_worker)
	$(Q)BUILD=$(BUILD) scripts/trial-crash.sh

# How far comparisons and intervals can be trusted on this machine; some 35 minutes.
.PHONY: trust
trust: $(programs) $(json_look) $(coverage)
	$(Q)BUILD=$(BUILD) scripts/trust.sh

.PHONY: asan ubsan tsan
asan: deps
	$(Q)$(MAKE) --no-print-directory run-tests BUILD=$(BUILD)-asan SANITIZE=address
ubsan: deps
	$(Q)UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(MAKE) --no-print-directory run-tests BUILD=$(BUILD)-ubsan SANITIZE=undefined
tsan: deps
	$(Q)TSAN_OPTIONS=halt_on_error=1 $(MAKE) --no-print-directory run-tests BUILD=$(BUILD)-tsan SANITIZE=thread

# -- care ------------------------------------------------------------------------------------------

c_files  = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
sh_files = $(shell git ls-files -co --exclude-standard '*.sh' .ci/run)

.PHONY: check-layering lint format
check-layering:
	$(Q)scripts/check-layering.sh

lint: check-layering
	$(Q)clang-format --dry-run --Werror $(c_files)
	$(Q)shellcheck $(sh_files)
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	  --suppress=missingIncludeSystem --error-exitcode=1 $(filter %.c,$(filter-out tests/% examples/% bench/workloads/%,$(c_files))) \
	  $(INC_harness) -Iruntime/include -Ithreads_baseline/include

format:
	$(Q)clang-format -i $(c_files)

.PHONY: install clean help
install: all
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/taskcost \
	  $(DESTDIR)$(PREFIX)/share/taskcost/plots $(DESTDIR)$(PREFIX)/share/man/man1
	$(Q)install $(BUILD)/taskcost $(DESTDIR)$(PREFIX)/bin/
	$(Q)install $(workers) $(DESTDIR)$(PREFIX)/libexec/taskcost/
	$(Q)install -m 644 plots/*.gp $(DESTDIR)$(PREFIX)/share/taskcost/plots/
	$(Q)install -m 644 docs/taskcost.1 $(DESTDIR)$(PREFIX)/share/man/man1/

clean:
	$(Q)rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-ubsan $(BUILD)-tsan $(BUILD)-fuzz

help:
	@echo 'make                 build taskcost and its workers into $(BUILD)/'
	@echo 'make trace           a timeline of WORKLOAD (default switch-socket) into TRACE'
	@echo 'make examples        build the programs of examples/'
	@echo 'make test            install what is missing, build, run every test'
	@echo 'make asan|ubsan|tsan the same tests under a sanitizer'
	@echo 'make check-layering  refuse an include that the design forbids'
	@echo 'make fuzz            damaged result files through every command, damaged requests through the'
	@echo '                     HTTP server (COUNT=5000, SEED=1)'
	@echo 'make soak            10^9 switches and 10^7 cancellations with flat memory (minutes)'
	@echo 'make trial           kill runs, fill the disk: is every file whole, does --resume finish it'
	@echo 'make trust           measure how far comparisons can be trusted here (35 min)'
	@echo 'make lint            formatting, shell scripts, static analysis'
	@echo 'make format          rewrite the sources in the house style'
	@echo 'make install         into PREFIX (default /usr/local), DESTDIR is honoured'
	@echo 'make clean           remove every build folder'
	@echo './run_all.sh         measure this machine and show it'
