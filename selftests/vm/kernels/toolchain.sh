#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# toolchain.sh RELEASE: makes sure that the tree with the compiler of a Debian
# release is in the cache and prints its path; bookworm-arm64 is the compiler of bookworm
# for arm64. A kernel's modules are built
# with the compiler, binutils and C library of the kernel's own release: the
# prebuilt tools in linux-kbuild need that library, and the kernel's options
# that compiler.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

[ $# = 1 ] || die "usage: toolchain.sh RELEASE"
release=$1
case $release in
bullseye) gcc="gcc-10" ;;
bookworm) gcc="gcc-12" ;;
bookworm-arm64) gcc="gcc-12-aarch64-linux-gnu" ;;
trixie) gcc="gcc-14" ;;
*) die "no tool chain is known for Debian '$release'" ;;
esac
# perl is for checkpatch and the scripts of kbuild, libelf1 for objtool.
packages=(base-files dash bash coreutils findutils sed grep mawk diffutils
	gzip xz-utils bzip2 tar make binutils "$gcc" libc6-dev perl bc kmod sparse ccache)
case $release in
trixie) packages+=(pahole libelf1t64 libssl3t64 gcc-14-for-host) ;;
bookworm*) packages+=(pahole libelf1 libssl3) ;;
*) packages+=(libelf1 libssl1.1) ;;
esac

prepare() {
	[ -e "$1/bin/sh" ] || ln -s dash "$1/bin/sh"
	[ -e "$1/usr/bin/awk" ] || ln -s mawk "$1/usr/bin/awk"
	case $gcc in
	*-aarch64-linux-gnu)
		ln -sf aarch64-linux-gnu-gcc-12 "$1/usr/bin/aarch64-linux-gnu-gcc" ;;
	*)
		ln -sf "$gcc" "$1/usr/bin/gcc"
		ln -sf "$gcc" "$1/usr/bin/cc" ;;
	esac
	# Places that build.sh mounts something on.
	mkdir -p "$1"/{proc,dev,tmp,build,ccache,usr/src}
	: >"$1/dev/null"
}

# A tree of another list of packages is another tree.
id=$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c1-8)
[ -e "$TW_CACHE/trees/$release-$id" ] || say "fetching the tool chain of $release ($gcc)"
tw_apt_tree "$release" "$id" "${release%-*}" . prepare "${packages[@]}"
