#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb.sh VERSION: in a Debian guest that systemd has booted (systemd.sh), with the module's
# package as dpkg and dkms have left it, the package itself in /packages, and neither headers
# nor a compiler: what the boot has done, and the end of the module's package. TAP, without the
# plan.
set -u
KO=/lib/modules/$(uname -r)/updates/dkms/tw_summary.ko

# shellcheck source=selftests/vm/inside/points.sh
. /tw/points.sh

has_booted() {
	systemctl is-system-running --wait || systemctl --failed
	[ "$(modinfo -F filename tw_summary)" = "$KO" ] &&
		grep '^# tw_summary version=' /proc/net/tw_summary
}

removed() {
	dpkg -r tw-summary-dkms && [ ! -e /proc/net/tw_summary ] && [ ! -e "$KO" ] &&
		[ -e /etc/sysctl.d/50-tw_summary.conf ]
}

purged() {
	local left

	dpkg -P tw-summary-dkms
	left=$(find /usr/src /var/lib/dkms /etc/sysctl.d /usr/lib/modules-load.d \
		/lib/modules -name 'tw_summary*' -o -name '50-tw_summary*')
	echo "$left"
	[ -z "$left" ]
}

# What dkms depends on is not there: it has nothing to build.
install_module() {
	dpkg --force-depends -i "/packages/tw-summary-dkms_$1_all.deb" || return
	[ ! -e /sys/module/tw_summary ]
}

# said YES NO: what dpkg has said has the one and not the other
said() {
	cat /tmp/step
	grep -q "$1" /tmp/step && ! grep -q "$2" /tmp/step
}

# The script of the package, as dpkg runs it, where the module is there but this kernel does
# not take it: it takes none until it is booted again.
refused() {
	mkdir -p "${KO%/*}" && cp /tmp/tw_summary.ko "$KO" && depmod || return
	touch /etc/dkms/no-autoinstall
	echo 1 >/proc/sys/kernel/modules_disabled
	DPKG_MAINTSCRIPT_NAME=postinst DPKG_MAINTSCRIPT_PACKAGE=tw-summary-dkms \
		/var/lib/dpkg/info/tw-summary-dkms.postinst configure "$1"
}

# Without debconf asking for a terminal
export DEBIAN_FRONTEND=noninteractive
cp "$KO" /tmp/
check "the boot has loaded what dkms has built" has_booted
check "the administrator's 99-local.conf has the last word" monitor_interval_is 7000
check "removing the module's package unloads it; the settings stay" removed
check "purging leaves nothing of it" purged
step "install without headers" install_module "$1"
check "without headers it says that they are missing, and what to install" \
	said "apt-get install linux-headers-$(uname -r)" "Secure Boot"
step "a module that is refused" refused "$1"
check "of a module that is refused it tells what modprobe has said" \
	said 'not loaded: modprobe: ERROR: .*Operation not permitted' 'Secure Boot\|headers'
