#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# build.sh KERNEL SRCDIR [MAKE-ARGUMENT...]: builds a copy of the external
# module in SRCDIR against KERNEL with the compiler of its Debian release, and
# prints the folder with the result on its last line of output; build.log is
# in it. Warnings are repeated on stderr. Nothing is written to SRCDIR.
#
# A result is kept under the hash of its sources, so the same sources are built
# once, and any number of builds may run at a time.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# -ge 2 ] || die "usage: build.sh KERNEL SRCDIR [MAKE-ARGUMENT...]"
kernel=$1
src=$2
shift 2
tw_kernel_check "$kernel"
[ -e "$src/Kbuild" ] || [ -e "$src/Makefile" ] ||
	die "no Kbuild or Makefile in $src"
src=$(cd "$src" && pwd)
kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1)
release=$(cat "$kdir/release")

id=$( (
	tw_pack "$src"
	printf '%s\0' "$release" "$(cat "$kdir/version")" "$@"
	# A kernel of our own says what it was made of.
	[ ! -e "$kdir/key" ] || cat "$kdir/key"
) | sha256sum | cut -c1-16)
out=$TW_CACHE/build/$kernel/$id

# sparse 0.6.4, Debian's newest, does not know two things in the headers of 7.x:
# a new keyword (the qualifiers that it takes away do not matter to sparse), and
# that the length of a string literal is a constant.
checker="sparse -D__typeof_unqual__=__typeof__"
checker+=" -D'__builtin_strlen(s)=(sizeof(s)-1)'"
args=(-j2 "CHECK=$checker" "$@" modules)
if tw_is_arm64 "$kernel"; then
	cross=aarch64-linux-gnu-
	args+=(ARCH=arm64 "CROSS_COMPILE=$cross" "CC=ccache ${cross}gcc")
else
	args+=("CC=$TW_CC")
fi

warnings() {
	grep -E '(warning|error):|^(WARNING|ERROR)' "$1" | sed 's,^/build/,,' >&2 || :
}

build() {
	local tree mounts=()

	if tw_is_own_kernel "$kernel"; then
		# Built on this machine, so its modules are too.
		! tw_is_uml "$kernel" || args+=(ARCH=um)
		make -C "$kdir/headers" M="$1" "${args[@]}"
		return
	fi
	tree=$("$TW_VM/kernels/toolchain.sh" "$(cat "$kdir/toolchain")" | tail -n 1)
	# Without the right to mount, a user namespace gives it.
	[ "$(id -u)" = 0 ] || mounts=(--map-root-user)
	unshare "${mounts[@]}" --mount --propagation private \
		"$TW_VM/kernels/in-tree.sh" "$tree" "$kdir/headers" "$1" \
		make -C "/usr/src/linux-headers-$release" M=/build "${args[@]}"
}

if [ ! -e "$out" ]; then
	mkdir -p "$TW_CACHE/build/$kernel" "$TW_CACHE/logs"
	tw_lock "build-$kernel"
fi
if [ ! -e "$out" ]; then
	# Always in the same folder, so that ccache finds its results.
	tmp=$TW_CACHE/build/$kernel/.build
	rm -rf "$tmp"
	mkdir "$tmp"
	trap 'rm -rf "$tmp"' EXIT
	tw_pack "$src" | tar -x -C "$tmp" --no-same-owner -m
	if ! build "$tmp" >"$tmp/build.log" 2>&1 </dev/null; then
		log=$TW_CACHE/logs/build-$kernel-$id.log
		mv "$tmp/build.log" "$log"
		warnings "$log"
		die "$src does not build on $kernel, see $log"
	fi
	compgen -G "$tmp/*.ko" >/dev/null ||
		compgen -G "$tmp/*/*.ko" >/dev/null ||
		die "building $src made no module"
	chmod 755 "$tmp"
	tw_publish "$tmp" "$out"
	# Remove builds that are some days old.
	find "$TW_CACHE/build/$kernel" -mindepth 1 -maxdepth 1 -mtime +3 \
		-exec rm -rf {} +
fi
touch "$out"
warnings "$out/build.log"
printf '%s\n' "$out"
