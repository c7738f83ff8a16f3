#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# initramfs.sh KERNEL: makes sure that the base initramfs of KERNEL is in the
# cache and prints its path: this machine's static bash, ip, ss, ... with their
# libraries (for an arm64 kernel, those of Debian's packages), busybox for the rest,
# guest/init, and some of the kernel's modules.
# It is not compressed, because a guest reads faster than it unpacks.
#
# /bin, /lib and so on are folders, not links into /usr, because archives that follow must
# not replace a link by a folder.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/guest/programs.sh
. "$TW_VM/guest/programs.sh"

[ $# = 1 ] || die "usage: initramfs.sh KERNEL"
kernel=$1
tw_kernel_check "$kernel"
kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1)
release=$(cat "$kdir/release")

PATH=$PATH:/usr/sbin:/sbin
# A static bash forks and starts in a third of the time: it has fewer mappings.
programs=(bash-static ip ss nstat sysctl kmod unshare nsenter setpriv)
modules=(ipv6 dummy veth vrf inet_diag tcp_diag mptcp_diag)

id=$( (
	cat "$TW_VM"/guest/{initramfs,programs}.sh "$TW_VM"/inside/{init,leakscan.sh} \
		"$kdir/release"
	cat "$kdir/version"
	for p in "${programs[@]}" busybox; do
		stat -L -c '%n %s %Y' "$(command -v "$p")"
	done
) | sha256sum | cut -c1-16)
out=$TW_CACHE/initramfs/$kernel-$id.cpio
if [ -e "$out" ]; then
	touch "$out"
	printf '%s\n' "$out"
	exit
fi

# copy_module NAME: with all that it needs; what is built in has no file.
copy_module() {
	local line file to

	while read -r line; do
		case $line in
		insmod\ *) file=${line#insmod } file=${file%% *} ;;
		*) continue ;;
		esac
		to=$root/lib/modules/$release/${file#*"/lib/modules/$release/"}
		mkdir -p "$(dirname "$to")"
		case $file in
		*.xz) xz -dc "$file" >"${to%.xz}" ;;
		*.zst) zstd -dcq "$file" >"${to%.zst}" ;;
		*) cp "$file" "$to" ;;
		esac
	done < <(modprobe -d "$stage" -S "$release" --show-depends "$1" 2>/dev/null)
}

mkdir -p "$TW_CACHE/initramfs"
tmp=$(mktemp -d "$TW_CACHE/initramfs/.$kernel.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root
stage=$tmp/stage
mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,lib,lib64,etc,proc,sys,dev,tmp} \
	"$root"/{run,root,tw} "$root/lib/modules/$release" \
	"$stage/lib/modules"

# own_programs: those of this machine
own_programs() {
	local p

	for p in "${programs[@]}"; do
		copy_program "$root" "$p"
	done
	cp -L "$(command -v busybox)" "$root/bin/busybox"
}

# packaged_programs RELEASE: those of Debian's packages
packaged_programs() {
	local tree=$tmp/tree p

	tw_apt_ready "$1" && tw_apt_unpack_tree "$1" "$tree" base-files bash-static \
		busybox-static iproute2 util-linux procps kmod || exit
	cp -a "$tree/lib" "$root/"
	mkdir -p "$root/usr/lib"
	cp -a "$tree"/usr/lib/aarch64-linux-gnu "$root/usr/lib/"
	for p in "${programs[@]}" busybox; do
		p=$(find "$tree"/{,usr/}{,s}bin -name "$p" | head -n 1)
		cp -L "$p" "$root/bin/"
	done
}

if tw_is_arm64 "$kernel"; then
	# shellcheck source=selftests/vm/kernels/apt.sh
	. "$TW_VM/kernels/apt.sh"
	suite=$(cat "$kdir/toolchain")
	packaged_programs "${suite/-/:}"
else
	own_programs
fi
mv "$root/bin/bash-static" "$root/bin/bash"
for p in $(busybox --list); do
	[ -e "$root/bin/$p" ] || ln -s busybox "$root/bin/$p"
done
for p in modprobe insmod rmmod lsmod modinfo depmod; do
	ln -sf kmod "$root/bin/$p"
done
# Programs are called by their usual absolute names too.
ln -s /bin/env "$root/usr/bin/env"
ln -s /bin/modprobe "$root/sbin/modprobe"
ln -s /bin/sysctl "$root/sbin/sysctl"
ln -s /bin/ip "$root/sbin/ip"
# The libraries that the test programs may want beside those.
tw_is_arm64 "$kernel" || for lib in libm.so.6 libpthread.so.0 librt.so.1 libdl.so.2; do
	for d in /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib64; do
		[ ! -e "$d/$lib" ] || {
			mkdir -p "$root/lib/x86_64-linux-gnu"
			cp -Lu "$d/$lib" "$root/lib/x86_64-linux-gnu/"
		}
	done
done
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n' \
	>"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
cp "$TW_VM/inside/init" "$root/init"
cp "$TW_VM/inside/leakscan.sh" "$root/tw/"
chmod 755 "$root/init" "$root/tw/leakscan.sh"

cp -r "$kdir/modules" "$stage/lib/modules/$release"
depmod -b "$stage" "$release" 2>/dev/null || :
for m in "${modules[@]}"; do
	copy_module "$m"
done
for f in modules.builtin modules.builtin.modinfo modules.order; do
	[ ! -e "$kdir/modules/$f" ] ||
		cp "$kdir/modules/$f" "$root/lib/modules/$release/"
done
depmod -b "$root" "$release" 2>/dev/null || :

(cd "$root" && find . -print0 | LC_ALL=C sort -z |
	cpio -0 -o -H newc --owner=0:0 --quiet) >"$tmp/cpio"
mv "$tmp/cpio" "$out"
find "$TW_CACHE/initramfs" -maxdepth 1 -name "$kernel-*.cpio" -mtime +3 -delete
printf '%s\n' "$out"
