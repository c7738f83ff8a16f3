#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# in-tree.sh TREE HEADERS BUILD COMMAND...: runs COMMAND with TREE as its root,
# the headers packages unpacked in HEADERS at their places, BUILD at /build and the
# compiler's cache at /ccache.
# To be run in a mount namespace of its own, which takes the mounts away again.
set -euo pipefail

tree=$1
headers=$2
build=$3
shift 3

mount --bind "$build" "$tree/build"
mkdir -p "$CCACHE_DIR"
mount --bind "$CCACHE_DIR" "$tree/ccache"
mount --bind "$headers/usr/src" "$tree/usr/src"
for kbuild in "$headers"/usr/lib/linux-kbuild-*; do
	mkdir -p "$tree/usr/lib/${kbuild##*/}"
	mount --bind "$kbuild" "$tree/usr/lib/${kbuild##*/}"
done
mount --bind /dev/null "$tree/dev/null"
mount -t tmpfs none "$tree/tmp"
# The mount table, which objtool of 7.x wants to read. Without a process
# namespace of our own an unprivileged user may only bind it.
mount -t proc none "$tree/proc" 2>/dev/null || mount --rbind /proc "$tree/proc"
exec chroot "$tree" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	HOME=/tmp LC_ALL=C CCACHE_DIR=/ccache CCACHE_DEPEND=1 \
	"CCACHE_MAXSIZE=$CCACHE_MAXSIZE" "$@"
