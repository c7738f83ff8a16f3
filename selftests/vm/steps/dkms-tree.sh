#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# dkms-tree.sh DIR DKMS KERNEL...: mounts at DIR/root a Debian 12 machine with a
# compiler, the dkms package unpacked in DKMS (none if empty), this project's
# sources in /sources, and these kernels with their headers installed. What is
# written there goes to DIR only: the cached trees below stay as they are.
# To be run in a mount namespace of its own, which takes the mounts away again.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# -ge 3 ] || die "usage: dkms-tree.sh DIR DKMS KERNEL..."
dir=$1
dkms=$2
shift 2

releases=()
lower=$dir/machine
mkdir -p "$dir"/{root,upper,work,machine/{sources,lib/modules,etc/modules-load.d}}
for f in Kbuild Makefile dkms.conf module include packaging; do
	[ ! -e "$TW_TOP/$f" ] || cp -r "$TW_TOP/$f" "$dir/machine/sources/"
done
find "$dir/machine/sources" '(' -name '*.o' -o -name '*.cmd' ')' -delete
[ -z "$dkms" ] || lower+=:$dkms
for kernel; do
	kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1)
	release=$(cat "$kdir/release")
	# The names of its modules are all that depmod is asked for here.
	mkdir "$dir/machine/lib/modules/$release"
	cp "$kdir/modules"/modules.{builtin,builtin.modinfo,order} \
		"$dir/machine/lib/modules/$release/"
	releases+=("$release")
	lower+=:$kdir/headers
done
lower+=:$("$TW_VM/kernels/toolchain.sh" bookworm | tail -n 1)

mount -t overlay none "$dir/root" \
	-o "userxattr,lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" ||
	die "cannot mount an overlay in $dir"
mkdir -p "$dir/root"/{proc,dev,tmp,ccache}
mkdir -p "$CCACHE_DIR/bin"
ln -sf /usr/bin/ccache "$CCACHE_DIR/bin/gcc"
mount --bind "$CCACHE_DIR" "$dir/root/ccache"
mount -t tmpfs none "$dir/root/dev"
: >"$dir/root/dev/null"
mount --bind /dev/null "$dir/root/dev/null"
ln -s /proc/self/fd "$dir/root/dev/fd"
mount -t tmpfs none "$dir/root/tmp"
mount -t proc none "$dir/root/proc" 2>/dev/null ||
	mount --rbind /proc "$dir/root/proc"
# By the depmod of that machine: another one's files differ.
for release in "${releases[@]}"; do
	chroot "$dir/root" /sbin/depmod "$release" 2>/dev/null
done
