# SPDX-License-Identifier: GPL-2.0-only
# make            build tw_summary.ko for KDIR (default: the running kernel)
# make demo       see it work on a real kernel in a virtual machine
# make check      run all the tests
# make install    build and install it for this machine, by dkms
# make uninstall  take it away again
# make help       the rest

KDIR ?= /lib/modules/$(shell uname -r)/build
VM := selftests/vm

.DEFAULT_GOAL := modules

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

# Needs root; by dkms, so that later kernels get it too.
install:
	@packaging/install.sh

uninstall:
	@packaging/uninstall.sh

# KERNEL= picks one of the kernels that the harness knows, for the targets below.
demo:
	@$(VM)/demo.sh $(KERNEL)

check:
	@$(VM)/check.sh $(KERNEL)

kunit:
	@$(VM)/kunit.sh

vm:
	@$(VM)/shell.sh $(KERNEL)

.PHONY: modules clean install uninstall demo check kunit vm
