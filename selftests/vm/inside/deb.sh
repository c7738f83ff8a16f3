#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has the files of the Debian packages as dpkg and dkms left them, in
# /machine, and dpkg in /dpkg: the module loads; dpkg -r unloads it and takes it away,
# dpkg -P all of it.
set -eu

fail() {
	echo "$*"
	exit 1
}

cp -r /machine/. /
# With libraries of its own: this guest has those of the host.
for program in /dpkg/usr/bin/*; do
	cat >"/usr/bin/${program##*/}" <<-END
		#!/bin/sh
		lib=lib/x86_64-linux-gnu
		exec /dpkg/lib64/ld-linux-x86-64.so.2 \
			--library-path /dpkg/\$lib:/dpkg/usr/\$lib $program "\$@"
	END
	chmod 755 "/usr/bin/${program##*/}"
done
# dpkg looks for them; the package has no library and no daemon.
for f in ldconfig start-stop-daemon; do
	[ -e "/usr/sbin/$f" ] || ln -s /bin/true "/usr/sbin/$f"
done
dpkg --version | grep -q 'Debian' || fail "this is not Debian's dpkg"
depmod -a
[ "$(modinfo -F filename tw_summary)" = \
	"/lib/modules/$(uname -r)/updates/dkms/tw_summary.ko" ] ||
	fail "modprobe finds another file"
# As systemd does at boot.
while read -r name; do
	modprobe "$name"
done </usr/lib/modules-load.d/tw_summary.conf
cat /proc/net/tw_summary
grep -q '^# tw_summary version=' /proc/net/tw_summary
sysctl -p /etc/sysctl.d/tw_summary.conf
[ "$(sysctl -n net.tw_summary.monitor_interval_ms)" = 5000 ] ||
	fail "the settings are not taken"

dpkg --force-depends -r tw-summary-dkms
[ ! -e /proc/net/tw_summary ] || fail "still loaded"
[ -e /etc/sysctl.d/tw_summary.conf ] || fail "the settings have gone too early"
dpkg --force-depends -P tw-summary-dkms
for f in /usr/src/tw_summary-* /var/lib/dkms/tw_summary /etc/sysctl.d/tw_summary.conf \
	/lib/modules/*/updates/dkms/tw_summary.ko* /usr/lib/modules-load.d/tw_summary.conf; do
	[ ! -e "$f" ] || fail "left behind: $f"
done
