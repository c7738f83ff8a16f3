# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Programs of Debian that a guest has in a folder of their own, $SERVERS.

# unpacked_ready PROGRAM: one of those that are wanted
unpacked_ready() {
	[ -x $SERVERS/usr/sbin/"$1" ] || [ -x $SERVERS/usr/bin/"$1" ] ||
		skip "no $1 in $SERVERS"
	[ -c $SERVERS/dev/null ] || mount --bind /dev $SERVERS/dev ||
		abort "cannot mount $SERVERS/dev"
	[ -e $SERVERS/proc/self ] || mount --bind /proc $SERVERS/proc ||
		abort "cannot mount $SERVERS/proc"
	rm -rf $SERVERS/tmp/*
}

served() {
	chroot $SERVERS "$@"
}

# The project's own tools, which a guest has in /tools
tools_ready() {
	mkdir -p $SERVERS/tools
	[ -e $SERVERS/tools/bin ] || cp -r /tools $SERVERS/ || abort "no twstat"
}
