#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kernels.sh KERNEL: makes sure that the newest Debian kernel of that series is
# in the cache and prints its folder, which holds
#	vmlinux   the image, unpacked (boots seconds sooner in emulation); of arm64
#		  kernels it is kernel, as it was packed
#	release   its uname -r
#	version   of its Debian package
#	toolchain the Debian release whose compiler builds its modules
#	config    its configuration
#	modules/  its modules, as in /lib/modules/<release>
#	bzImage   the image as it was packed, but not of arm64
#	headers/  usr/src and usr/lib of its headers packages
# For the kernels of our own it asks own/kernel.sh; User-mode Linux has its image
# as linux.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"
# shellcheck source=selftests/vm/kernels/vmlinux.sh
. "$TW_VM/kernels/vmlinux.sh"

[ $# = 1 ] || die "usage: kernels.sh KERNEL"
kernel=$1
tw_kernel_check "$kernel"
folder=$TW_CACHE/kernels/$kernel
if tw_is_own_kernel "$kernel"; then
	"$TW_VM/own/kernel.sh" "$kernel" >&2 ||
		die "the kernel $kernel was not built"
	printf '%s\n' "$folder"
	exit
fi

case $kernel in
*-rt) flavour="rt-amd64" ;;
*-arm64) flavour=arm64 ;;
*) flavour=amd64 ;;
esac
series=${kernel%%-*}
case $series in
5.10) suite=bullseye ;;
6.1 | 6.12) suite=bookworm ;;
*) suite=trixie ;;
esac
# The tools that build modules run here, whatever machine the modules are for.
host_suite=$suite
tools=linux-kbuild-$series
if tw_is_arm64 "$kernel"; then
	suite=$suite:arm64
	"$TW_VM/kernels/packages.sh" aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu \
		/usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross \
		qemu-system-aarch64:qemu-system-arm
fi

# The newest ABI of the series, by the headers of the flavour in the archive. The archive
# keeps old images, but no old headers.
newest_abi() {
	tw_apt "$suite" apt-cache pkgnames "linux-headers-$series." |
		sed -n 's/^linux-headers-\([0-9.]*\(-[0-9]*\)\{0,1\}\(+deb[0-9.]*\)\{0,1\}\)-'"$flavour"'$/\1/p' |
		sort -V | tail -n 1
}

# debs ABI: the packages to fetch. From 7.x on linux-image only depends on
# linux-binary, linux-modules and linux-base. Debian publishes the signed image hours or
# days after the unsigned one, which is the same but for the signature.
debs() {
	local abi=$1 p list rt=''

	case $flavour in rt-*) rt=1 ;; esac
	list=$(tw_apt "$suite" apt-cache pkgnames linux-)
	for p in "linux-headers-$abi-$flavour" \
		"linux-headers-$abi-common${rt:+-rt}" \
		"linux-kbuild-${abi%%-[0-9]*}" "$tools" \
		"linux-binary-$abi-$flavour" "linux-modules-$abi-$flavour" \
		"linux-base-$abi-$flavour" "linux-image-$abi-$flavour"; do
		! grep -qxF "$p" <<<"$list" || printf '%s\n' "$p"
	done
	grep -qxF "linux-image-$abi-$flavour" <<<"$list" ||
		printf '%s\n' "linux-image-$abi-$flavour-unsigned"
}

# unpack DEB DIR: image, configuration and the modules that a guest can use, out
# of thousands. Up to 6.12 the first two are in /boot, later beside the modules.
# Not each package has some of each, which tar takes for an error.
unpack() {
	dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner \
		--wildcards --no-anchored \
		'vmlinuz*' 'config-*' '*/modules/*/config' \
		'modules.builtin*' 'modules.order' \
		'kernel/net' 'kernel/lib' 'kernel/crypto' 'kernel/arch' \
		'kernel/drivers/net/*.ko*' 'kernel/drivers/net/vrf*' \
		2>/dev/null || :
}

# From 7.x on a build with C=1 first asks a script whether sparse is of use, and
# drops C=1 if it is not. Debian's headers lack that script: here is one.
add_checker_test() {
	local dir

	for dir in "$1"/usr/lib/linux-kbuild-*/scripts; do
		[ ! -e "$dir/checker-valid.sh" ] || continue
		cat >"$dir/checker-valid.sh" <<-'EOF'
			#!/bin/sh
			# checker-valid.sh CHECKER FLAGS...: prints 1 if it checks C.
			f=$(mktemp --suffix=.c) || exit
			echo 'extern int a; int a;' >"$f"
			if "$@" "$f" >/dev/null 2>&1; then echo 1; else echo 0; fi
			rm -f "$f"
		EOF
		chmod 755 "$dir/checker-valid.sh"
	done
}

fetch() {
	local abi=$1 release=$1-$flavour tmp deb list image config modules

	say "fetching Debian's kernel $release"
	mkdir -p "$TW_CACHE/kernels"
	tmp=$(mktemp -d "$TW_CACHE/kernels/.$kernel.XXXXXX")
	# shellcheck disable=SC2064 # tmp is local: expand it now
	trap "rm -rf '$tmp'" EXIT
	mapfile -t list < <(debs "$abi")
	tw_apt_download "$suite" "$tmp/debs" "${list[@]}" || exit 1
	if [ "$suite" != "$host_suite" ]; then
		rm -f "$tmp/debs/$tools"_*
		tw_apt_ready "$host_suite" &&
			tw_apt_download "$host_suite" "$tmp/debs" "$tools" || exit 1
	fi
	mkdir -p "$tmp/image" "$tmp/headers"
	for deb in "$tmp"/debs/*.deb; do
		case $deb in
		*/linux-headers-* | */linux-kbuild-*)
			dpkg-deb -x "$deb" "$tmp/headers" || exit 1 ;;
		*)
			unpack "$deb" "$tmp/image" ;;
		esac
	done
	image=$(find "$tmp/image" -type f -name 'vmlinuz*')
	config=$(find "$tmp/image" -type f -name 'config*')
	modules=$(find "$tmp/image" -type d -path "*/lib/modules/$release/kernel")
	if ! [ -e "$image" ] || ! [ -e "$config" ] || ! [ -d "$modules/net" ] ||
		! [ -d "$tmp/headers/usr/src/linux-headers-$release" ]; then
		die "not all of the kernel is in its packages: ${list[*]}"
	fi
	if tw_is_arm64 "$kernel"; then
		mv "$image" "$tmp/kernel"
	else
		tw_vmlinux "$image" "$tmp/vmlinux" ||
			die "cannot unpack the image of $release"
		mv "$image" "$tmp/bzImage"
	fi
	add_checker_test "$tmp/headers"
	mv "$config" "$tmp/config"
	mv "${modules%/kernel}" "$tmp/modules"
	rm -f "$tmp/modules"/vmlinuz*
	printf '%s\n' "$release" >"$tmp/release"
	printf '%s\n' "${suite/:/-}" >"$tmp/toolchain"
	dpkg-deb -f "$(printf '%s\n' "$tmp/debs/linux-headers-$release"_*.deb)" \
		Version >"$tmp/version"
	rm -rf "$tmp/debs" "$tmp/image"
	chmod 755 "$tmp"
	tw_publish "$tmp" "$TW_CACHE/kernels/$release"
}

# Looked up since the package lists were fetched: nothing newer can be there.
checked=$TW_CACHE/kernels/.$kernel.checked
if [ -e "$folder/release" ] && tw_apt_is_fresh "$suite" &&
	[ "$checked" -nt "$TW_CACHE/apt/$suite/fresh" ]; then
	printf '%s\n' "$folder"
	exit
fi

tw_lock "kernel-$kernel"
# Nobody else fetches it now: such a name was left by one who was killed.
rm -rf "$TW_CACHE/kernels/.$kernel".??????
if ! tw_apt_ready "$suite"; then
	# Without lists what was fetched once still does.
	[ -e "$folder/release" ] || exit 1
	abi=$(sed "s/-$flavour\$//" "$folder/release")
else
	abi=$(newest_abi)
	[ -n "$abi" ] || die "Debian $suite offers no kernel $kernel"
fi
release=$abi-$flavour
# An earlier version of this script kept no bzImage.
if [ -e "$TW_CACHE/kernels/$release" ] && ! tw_is_arm64 "$kernel" &&
	[ ! -e "$TW_CACHE/kernels/$release/bzImage" ]; then
	rm -rf "$TW_CACHE/kernels/$release"
fi
[ -e "$TW_CACHE/kernels/$release" ] || fetch "$abi"
if [ "$(readlink "$folder" 2>/dev/null)" != "$release" ]; then
	ln -sfn "$release" "$folder.new"
	mv -T "$folder.new" "$folder"
fi
touch "$checked"
printf '%s\n' "$folder"
