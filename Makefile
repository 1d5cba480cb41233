# SPDX-License-Identifier: GPL-2.0
# `make help` tells what there is to make.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
AUTOLOAD ?= 0

# The kernel that KDIR is the build folder of: where `make install` puts us.
# Debian's kernel.release of 6.1 is another name than uname -r.
KRELEASE = $(shell awk '/UTS_RELEASE/ { gsub("\"", "", $$3); print $$3 }' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null)
MODULE_DIR = $(DESTDIR)/lib/modules/$(KRELEASE)/updates
ALIAS_FILE = $(DESTDIR)/etc/modprobe.d/vctp.conf
SIM_SEEDS = $(if $(SEEDS), --seeds '$(SEEDS)')

.PHONY: all module programs install uninstall demo test test-all test-nightly \
	lint sim sim-differential sim-faults sim-bugs races bench shell clean help

all: module

module: ## vctp.ko for the running kernel, or for KDIR= (VCTP_SIM=1: for simulations; VCTP_DAWDLE=1: for races)
	+$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(W),W=$(W)) $(if $(C),C=$(C)) modules

programs: ## the selftests, the examples and the bench, in place
	+$(MAKE) -C selftests
	+$(MAKE) -C tools/examples
	+$(MAKE) -C tools/bench
	+$(MAKE) -C selftests/sim

install: ## the built module and the header (PREFIX=, AUTOLOAD=1)
	@test -n "$(KRELEASE)" || { echo "no kernel build folder at $(KDIR)" >&2; exit 1; }
	@test -f vctp.ko || { echo "vctp.ko is not built: run make first" >&2; exit 1; }
	install -D -m 644 vctp.ko $(MODULE_DIR)/vctp.ko
	install -D -m 644 uapi/linux/vctp.h $(DESTDIR)$(PREFIX)/include/linux/vctp.h
ifeq ($(AUTOLOAD),1)
	install -D -m 644 tools/modprobe.d/vctp.conf $(ALIAS_FILE)
endif
	$(if $(DESTDIR),,depmod $(KRELEASE))

uninstall: ## takes away what install put there
	rm -f $(MODULE_DIR)/vctp.ko $(ALIAS_FILE)
	rm -f $(DESTDIR)$(PREFIX)/include/linux/vctp.h
	$(if $(DESTDIR),,depmod $(KRELEASE))

demo: ## a real file across two cards and a bad link, in a VM
	tools/demo/run

test: ## unit tests, and all selftests in a VM (trixie)
	tools/test

test-all: ## the same on all three kernels, and between two of them
	tools/test --all

test-nightly: ## all of it, with the full product of transfers
	tools/test --nightly

lint: ## style, warnings, sparse, imports, documents against code
	tools/lint

sim: ## scenarios in virtual time (SEEDS=a-b, else 1-100; SCENARIO=FILE, PROTOCOL=tcp, SHRINK=1)
	tools/sim/run$(SIM_SEEDS)$(if $(SCENARIO), --scenario '$(SCENARIO)')$(if \
		$(PROTOCOL), --protocol '$(PROTOCOL)')$(if $(filter-out 0,$(SHRINK)), --shrink)

sim-bugs: ## are the deliberate bugs found? (BUGS="NAME…", SEEDS=a-b, else 1-1000)
	tools/sim/bugs$(SIM_SEEDS) $(BUGS)

sim-faults: ## each allocation of the module fails once, on the sanitizer kernel
	exec $${SIM_VM:-tools/lab/vm --suite uml} --timeout 3000 -- \
		/vctp/selftests/sim/faults.py

sim-differential: ## where VCTP and kernel TCP gave programs other results (SEEDS=a-b, else 1-100)
	tools/sim/differential$(SIM_SEEDS)

races: ## two processors under KASAN and lockdep: the storm, then other tests (MINUTES=20)
	tools/races $(MINUTES)

bench: ## throughput and rates beside kernel TCP; build/bench.json
	tools/bench/run --floor 0.8

shell: ## a login in the VM, module loaded
	tools/lab/shell

clean: ## all that was built
	@if [ -d "$(KDIR)" ]; then $(MAKE) -C $(KDIR) M=$(CURDIR) clean; fi
	@for dir in selftests selftests/sim tools/examples tools/bench; do \
		if [ -f $$dir/Makefile ]; then $(MAKE) -C $$dir clean; fi; \
	done
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\): ## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F '\t' '{ printf "  %-18s%s\n", $$1, $$2 }'
