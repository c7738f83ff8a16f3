#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has the files of dkms as `make install` left them on disk:
# the module loads, a reload happens only when it has to, all of it goes away.
set -eu

fail() {
	echo "$*"
	exit 1
}

depmod -a
[ "$(modinfo -F filename tw_summary)" = \
	"/lib/modules/$(uname -r)/updates/dkms/tw_summary.ko" ] ||
	fail "modprobe finds another file"
modprobe tw_summary
cat /proc/net/tw_summary
grep -q '^# tw_summary version=' /proc/net/tw_summary
loaded=$(cat /sys/module/tw_summary/srcversion)
[ "$loaded" = "$(modinfo -F srcversion tw_summary)" ] || fail "another module is loaded"

# A second load would lose the counts of the first.
before=$(stat -c %i /sys/module/tw_summary)
/sources/packaging/install.sh
[ "$(stat -c %i /sys/module/tw_summary)" = "$before" ] || fail "it was loaded anew"
grep -qx tw_summary /etc/modules-load.d/tw_summary.conf

modprobe -r tw_summary
/sources/packaging/install.sh
[ -e /proc/net/tw_summary ] || fail "make install does not load it"

exec 3</proc/net/tw_summary
/sources/packaging/uninstall.sh
exec 3<&-
[ ! -e /proc/net/tw_summary ] || fail "still loaded"
for f in /usr/src/tw_summary-* /var/lib/dkms/tw_summary \
	/lib/modules/*/updates/dkms/tw_summary.ko* /etc/modules-load.d/tw_summary.conf; do
	[ ! -e "$f" ] || fail "left behind: $f"
done
