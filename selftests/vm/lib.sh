# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every script of the harness shares. Sourced, never run.

TW_VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for those who source this
TW_TOP=$(cd "$TW_VM/../.." && pwd)
TW_CACHE=${TW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tw_summary}
# Debian's kernels that the module supports, oldest first.
TW_KERNELS=(5.10 6.1 6.12 7.2 7.3)
# Kernels of our own, which own/kernel.sh builds and describes.
TW_OWN_KERNELS=(debug uml-debug uml-time)
# What was compiled once is not compiled again: most of a build after an edit is
# what the edit did not touch.
TW_CC="ccache gcc"
CCACHE_DIR=$TW_CACHE/ccache
CCACHE_MAXSIZE=2G
# The compiler says what it read: no file is preprocessed just to look it up.
CCACHE_DEPEND=1
export TW_CACHE CCACHE_DIR CCACHE_MAXSIZE CCACHE_DEPEND

# Status goes to stderr: stdout belongs to results.
say() {
	printf '%s\n' "$*" >&2
}

die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# tw_kernel_check KERNEL: stops with the list unless KERNEL is one we know.
tw_kernel_check() {
	tw_is_one_of "$1" "${TW_KERNELS[@]}" "${TW_OWN_KERNELS[@]}" ||
		die "unknown kernel '$1': choose one of ${TW_KERNELS[*]}" \
			"${TW_OWN_KERNELS[*]}"
}

# tw_debian_kernel_check KERNEL: the same, without the kernels of our own.
tw_debian_kernel_check() {
	tw_is_one_of "$1" "${TW_KERNELS[@]}" ||
		die "unknown kernel '$1': choose one of ${TW_KERNELS[*]}"
}

# tw_is_one_of WORD WORD...
tw_is_one_of() {
	local word=$1 w

	shift
	for w; do
		[ "$w" != "$word" ] || return 0
	done
	return 1
}

tw_is_own_kernel() {
	tw_is_one_of "$1" "${TW_OWN_KERNELS[@]}"
}

# User-mode Linux: a program of this machine instead of a guest of QEMU.
tw_is_uml() {
	case $1 in uml-*) return 0 ;; *) return 1 ;; esac
}

tw_newest_kernel() {
	printf '%s\n' "${TW_KERNELS[-1]}"
}

# tw_uml_works: whether User-mode Linux runs here. It needs no more of a machine
# than an ordinary program, but a container may forbid what it asks for.
tw_uml_works() {
	"$TW_VM/guest/run.sh" --kernel uml-time --timeout 30 -- true \
		>/dev/null 2>&1
}

# tw_checks_kernel: the kernel with KUnit and the sanitizers that is to be used:
# that of TW_CHECKS_KERNEL, or the one that runs here best
tw_checks_kernel() {
	if [ -n "${TW_CHECKS_KERNEL:-}" ]; then
		printf '%s\n' "$TW_CHECKS_KERNEL"
	elif tw_uml_works; then
		echo uml-debug
	else
		echo debug
	fi
}

# tw_sparse_looks KERNEL: sparse takes longer than the compiler does from ccache; the
# headers of the oldest and of the newest kernel are those that differ most.
tw_sparse_looks() {
	[ "$1" = "${TW_KERNELS[0]}" ] || [ "$1" = "${TW_KERNELS[-1]}" ]
}

# tw_build_args KERNEL: in $TW_BUILD, the arguments of make for the build that
# static.sh judges: who uses these too does not build again.
tw_build_args() {
	TW_BUILD=()
	tw_is_own_kernel "$1" || TW_BUILD=(W=1)
	! tw_sparse_looks "$1" || TW_BUILD+=(C=1)
}

# tw_guest_with_module KERNEL [MAKE-ARGUMENT...]: builds the module and the test
# programs; the options of run.sh for a guest that has them are then in TW_GUEST.
tw_guest_with_module() {
	local kernel=$1 built files

	shift
	built=$("$TW_VM/kernels/build.sh" "$kernel" "$TW_TOP" "$@" | tail -n 1) ||
		die "the module was not built for $kernel"
	files=$("$TW_VM/guest/files.sh" | tail -n 1) ||
		die "the selftests were not built"
	# shellcheck disable=SC2034 # for those who source this
	TW_GUEST=(--kernel "$kernel" --module "$built/tw_summary.ko"
		--add "$files")
}

# tw_lock NAME: until this shell ends no other one holds NAME; waits for it.
tw_lock() {
	local fd

	mkdir -p "$TW_CACHE/locks"
	exec {fd}>"$TW_CACHE/locks/$1"
	flock -n "$fd" && return 0
	say "waiting for another run that works on $1"
	flock "$fd"
}

# tw_publish TEMP FINAL: TEMP, complete, becomes FINAL in one step. Whoever
# came first wins; both have made the same thing.
tw_publish() {
	if [ -e "$2" ] || ! mv -T "$1" "$2" 2>/dev/null; then
		rm -rf "$1"
		[ -e "$2" ] || die "cannot write $2"
	fi
}

# tw_time: seconds since the script started, as m:ss.
tw_time() {
	printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60))
}
