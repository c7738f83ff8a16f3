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

# A tree of another list of packages is another tree.
id=$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c1-8)
tree=$TW_CACHE/trees/$release-$id
if [ ! -e "$tree" ]; then
	tw_lock "tree-$release"
fi
if [ ! -e "$tree" ]; then
	say "fetching the tool chain of $release ($gcc)"
	tw_apt_ready "${release%-*}" || exit 1
	mkdir -p "$TW_CACHE/trees"
	# We hold the lock: such a name was left by one who was killed.
	rm -rf "$TW_CACHE/trees/.$release".??????*
	tmp=$(mktemp -d "$TW_CACHE/trees/.$release.XXXXXX")
	trap 'rm -rf "$tmp" "$tmp.debs"' EXIT
	tw_apt_unpack_tree "${release%-*}" "$tmp" "${packages[@]}" || exit 1
	# What the packages' own scripts would have made.
	[ -e "$tmp/bin/sh" ] || ln -s dash "$tmp/bin/sh"
	[ -e "$tmp/usr/bin/awk" ] || ln -s mawk "$tmp/usr/bin/awk"
	case $gcc in
	*-aarch64-linux-gnu)
		ln -sf aarch64-linux-gnu-gcc-12 "$tmp/usr/bin/aarch64-linux-gnu-gcc" ;;
	*)
		ln -sf "$gcc" "$tmp/usr/bin/gcc"
		ln -sf "$gcc" "$tmp/usr/bin/cc" ;;
	esac
	# Places that build.sh mounts something on.
	mkdir -p "$tmp"/{proc,dev,tmp,build,ccache,usr/src}
	: >"$tmp/dev/null"
	chmod 755 "$tmp"
	tw_publish "$tmp" "$tree"
	# Trees of other lists nobody uses any more.
	find "$TW_CACHE/trees" -mindepth 1 -maxdepth 1 -name "$release-????????" \
		! -path "$tree" -mtime +1 -exec rm -rf {} +
fi
printf '%s\n' "$tree"
