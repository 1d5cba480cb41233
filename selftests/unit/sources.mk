# SPDX-License-Identifier: GPL-2.0
# What unit tests and fuzzers are made of: module/protocol/ as it stands, and
# the rbtree out of a kernel's tools/ folder.

# Beside this folder's, or in the kernel's tree that it was dropped into.
PROTOCOL := $(abspath $(firstword $(wildcard $(HERE)/../../module/protocol \
	$(HERE)/../../../../../../net/vctp/module/protocol)))
ifeq ($(PROTOCOL),)
$(error no module/protocol found)
endif
UNIT := $(abspath $(HERE)/../unit)

# A kernel's tools/ folder: that of the tree that this folder lies in, or the
# newest that is installed.
KSRC_RBTREE := $(firstword \
	$(wildcard $(HERE)/../../../../../lib/rbtree.c) \
	$(wildcard /usr/src/vctp-linux/tools/lib/rbtree.c) \
	$(lastword $(sort $(wildcard /usr/src/linux-source-*/tools/lib/rbtree.c))))
KSRC_TOOLS ?= $(KSRC_RBTREE:/lib/rbtree.c=)
ifeq ($(wildcard $(KSRC_TOOLS)/lib/rbtree.c),)
$(error no kernel source found: set KSRC_TOOLS to the tools/ folder of one)
endif
KSELFTEST_DIR ?= $(KSRC_TOOLS)/testing/selftests

SOURCES := $(wildcard $(PROTOCOL)/*.c $(PROTOCOL)/*/*.c)
SOURCES += $(UNIT)/siphash.c $(KSRC_TOOLS)/lib/rbtree.c
HEADERS := $(wildcard $(PROTOCOL)/*.h $(PROTOCOL)/*/*.h $(UNIT)/*.h)

INCLUDES := -I$(UNIT) -I$(PROTOCOL) -isystem $(KSRC_TOOLS)/include
WARNINGS := -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-unknown-warning-option
