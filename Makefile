# SPDX-License-Identifier: GPL-2.0-only
# `make help` says what there is to make.

KDIR ?= /lib/modules/$(shell uname -r)/build
VM := selftests/vm
# "5.10 6.1 ..."
TESTED := $(shell sed -n 's/^KERNEL_VERSION(\([0-9]*\), \([0-9]*\), 0),$$/\1.\2/p' \
	module/compute/tested_branches.h)

.DEFAULT_GOAL := modules

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

# Needs root; by dkms, so that later kernels get it too. With DESTDIR it only copies.
install:
	@DESTDIR='$(DESTDIR)' packaging/install.sh

uninstall:
	@packaging/uninstall.sh

# twstat, its manual pages and its completion, and what a monitoring system wants. It needs
# no module to be installed, and only copies: no unit is enabled.
PREFIX ?= /usr/local
SHARE := $(DESTDIR)$(PREFIX)/share
TOOLS_LIB := $(SHARE)/tw_summary/twstatlib
COMPLETION := $(SHARE)/bash-completion/completions
UNITDIR ?= $(PREFIX)/lib/systemd/system
UNITS := $(DESTDIR)$(UNITDIR)

install-tools:
	install -d $(TOOLS_LIB)/top $(TOOLS_LIB)/record $(TOOLS_LIB)/report $(COMPLETION) \
		$(SHARE)/man/man5 $(SHARE)/man/man8 $(DESTDIR)$(PREFIX)/bin $(UNITS)
	install -m 755 tools/twstat $(DESTDIR)$(PREFIX)/bin/
	install -m 644 tools/twstatlib/*.py $(TOOLS_LIB)/
	install -m 644 tools/twstatlib/top/*.py $(TOOLS_LIB)/top/
	install -m 644 tools/twstatlib/record/*.py $(TOOLS_LIB)/record/
	install -m 644 tools/twstatlib/report/*.py $(TOOLS_LIB)/report/
	sed -n 's/^PACKAGE_VERSION="\(.*\)"$$/\1/p' dkms.conf >$(TOOLS_LIB)/VERSION
	install -m 644 tools/man/tw_summary.5 $(SHARE)/man/man5/
	install -m 644 tools/man/twstat.8 $(SHARE)/man/man8/
	install -m 644 tools/completion/twstat $(COMPLETION)/
	install -m 644 monitoring/* $(SHARE)/tw_summary/
	for unit in packaging/systemd/*; do \
		sed 's|@BINDIR@|$(PREFIX)/bin|' $$unit >$(UNITS)/$${unit##*/} || exit 1; \
	done

uninstall-tools:
	rm -f $(DESTDIR)$(PREFIX)/bin/twstat $(SHARE)/man/man5/tw_summary.5 \
		$(SHARE)/man/man8/twstat.8 $(COMPLETION)/twstat \
		$(addprefix $(UNITS)/,$(notdir $(wildcard packaging/systemd/*)))
	rm -rf $(SHARE)/tw_summary

# Debian packages, in packaging/out.
deb:
	@packaging/deb.sh $(OUT)

# A package with the module for one kernel, signed.
kmod-deb:
	@KVER='$(KVER)' KEY='$(KEY)' CERT='$(CERT)' OUT='$(OUT)' \
		KDIR='$(if $(filter-out file,$(origin KDIR)),$(KDIR))' packaging/kmod-deb.sh

# The same as packages for Red Hat's systems.
rpm:
	@packaging/rpm.sh $(OUT)

# Out again: selftests/intree.sh --remove TREE
intree:
	@selftests/intree.sh '$(KSRC)'

# KERNEL= picks one of the kernels that the harness knows, for the targets below.
demo:
	@$(VM)/demo.sh $(KERNEL)

check:
	@$(VM)/check.sh $(KERNEL)

kunit:
	@$(VM)/steps/kunit.sh

vm:
	@$(VM)/shell.sh $(KERNEL)

# The newest kernel only, at native speed.
quick:
	@$(VM)/check.sh quick

# What takes long and is not in check.
check-long:
	@$(VM)/check.sh long

mutants:
	@selftests/mutants/run.sh

bench:
	@selftests/bench/native.sh
	@selftests/bench/counted.sh $(KERNEL)
	@selftests/bench/load.sh $(KERNEL)

define HELP
On the machine at hand, as root:
  make                build tw_summary.ko for KDIR (default: the running kernel)
  make install        build and install it by DKMS, load it now and at boot
  make uninstall      undo that
  make install-tools  copy twstat, its manual pages, systemd units, alert rules and
                      dashboard to PREFIX (/usr/local)
  make deb, make rpm  build packages of both, in packaging/out
  make kmod-deb KVER=RELEASE KEY=FILE CERT=FILE
                      build a Debian package of the module for one kernel, signed
In a kernel's source, for KUnit and kselftest:
  make intree KSRC=TREE
                      put links to this checkout into it
In virtual machines, on Debian's kernels, nothing is installed but Debian packages:
  make demo           see it work, with real traffic
  make check          run all the tests, on the kernels $(TESTED)
  make quick          the first answer after an edit: the build, the unit tests
                      and the suite at native speed, on the newest kernel
  make check-long     PREEMPT_RT, data races, other machines: what takes long
  make kunit          the unit tests alone
  make bench          measure it, beside a plain walk, ss and /proc/net/tcp
  make mutants        test the tests: they must notice each planted mistake
  make vm             a shell in a guest where the module and twstat are there
KERNEL=6.12 and so on picks a kernel for demo, check, bench and vm.
docs/testing.md says more.
endef
export HELP

help:
	@printf '%s\n' "$$HELP"

.PHONY: modules clean install uninstall intree install-tools uninstall-tools deb rpm kmod-deb demo check quick check-long kunit bench mutants vm help
