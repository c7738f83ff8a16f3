# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Functions that all scripts of the harness use. Sourced.

TW_VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for those who source this
TW_TOP=$(cd "$TW_VM/../.." && pwd)
TW_CACHE=${TW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tw_summary}
# The tested branches, oldest first, from where the module has them.
mapfile -t TW_TESTED < <(sed -n 's/^KERNEL_VERSION(\([0-9]*\), \([0-9]*\), 0),$/\1.\2/p' \
	"$TW_TOP/module/compute/tested_branches.h")
# Those that `make check-long` takes as well: with PREEMPT_RT, and for another machine.
TW_LONG_KERNELS=(6.1-rt 6.1-arm64)
# Kernels of our own, which own/kernel.sh builds and describes.
TW_OWN_KERNELS=(debug debug-rt kcsan uml-debug uml-smp uml-time)
# What `make deb` takes, for packages.sh: a step that cannot have it is skipped.
# shellcheck disable=SC2034 # for those who source this
TW_MAKES_DEB=(dpkg-buildpackage:dpkg-dev dh:debhelper dh_dkms:dh-dkms fakeroot:fakeroot)

# ccache: most files that a build compiles have not changed since the last build.
TW_CC="ccache gcc"
CCACHE_DIR=$TW_CACHE/ccache
CCACHE_MAXSIZE=2G
# Use the dependencies that the compiler writes, instead of running the preprocessor.
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

# tw_unavailable SENTENCE...: something cannot be had from outside. Its status is 4, the one
# that a skipped program ends with: check.sh makes a stated skip of a step that ends with it
# and has tested nothing.
tw_unavailable() {
	say "$*"
	[ -z "${TW_UNAVAILABLE:-}" ] || printf '%s\n' "$*" >>"$TW_UNAVAILABLE"
	return 4
}

# tw_kernel_check KERNEL: stops with the list unless KERNEL can be one. Whether Debian offers
# a branch is looked up by kernels.sh.
tw_kernel_check() {
	[[ $1 =~ ^[0-9]+\.[0-9]+(-rt|-arm64)?$ ]] || tw_is_own_kernel "$1" ||
		die "unknown kernel '$1': choose one of ${TW_TESTED[*]}" \
			"${TW_LONG_KERNELS[*]} ${TW_OWN_KERNELS[*]}"
}

# tw_is_new KERNEL: true for a branch newer than the tested ones
tw_is_new() {
	[ "$1" != "${TW_TESTED[-1]}" ] && [[ $1 != *-* ]] &&
		[ "$(printf '%s\n' "$1" "${TW_TESTED[-1]}" | sort -V | tail -n 1)" = "$1" ]
}

# tw_kernels: puts the kernels of this run into $TW_KERNELS, oldest first: those that
# check.sh has got, or that can be had.
tw_kernels() {
	[ -n "${TW_RUN_KERNELS:-}" ] || TW_RUN_KERNELS=$("$TW_VM/kernels/series.sh" | xargs)
	[ -n "$TW_RUN_KERNELS" ] || die "Debian offers no kernel, and none is in the cache"
	export TW_RUN_KERNELS
	read -ra TW_KERNELS <<<"$TW_RUN_KERNELS"
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

# True for User-mode Linux, a program of this machine instead of a guest of QEMU.
tw_is_uml() {
	case $1 in uml-*) return 0 ;; *) return 1 ;; esac
}

# True for a kernel of arm64 machines, whose guests are emulated and whose programs are
# cross-compiled.
tw_is_arm64() {
	case $1 in *-arm64) return 0 ;; *) return 1 ;; esac
}

# The newest tested kernel. If it cannot be had, the newest one that can.
tw_newest_kernel() {
	tw_kernels
	if tw_is_one_of "${TW_TESTED[-1]}" "${TW_KERNELS[@]}"; then
		printf '%s\n' "${TW_TESTED[-1]}"
	else
		printf '%s\n' "${TW_KERNELS[-1]}"
	fi
}

# tw_uml_works: true if User-mode Linux runs here. It needs no more than an ordinary
# program, but a container may forbid system calls that it uses.
tw_uml_works() {
	"$TW_VM/guest/run.sh" --kernel uml-time --timeout 300 -- true \
		>/dev/null 2>&1
}

# tw_checks_kernel: prints which kernel with KUnit and the sanitizers to use:
# TW_CHECKS_KERNEL if it is set, else the one that runs best here
tw_checks_kernel() {
	if [ -n "${TW_CHECKS_KERNEL:-}" ]; then
		printf '%s\n' "$TW_CHECKS_KERNEL"
	elif tw_uml_works; then
		echo uml-debug
	else
		echo debug
	fi
}

# tw_sparse_looks KERNEL: true if builds for KERNEL run sparse. Sparse takes longer than
# the compiler with ccache, so it runs for the oldest and the newest kernel only: their
# headers differ most.
tw_sparse_looks() {
	tw_kernels
	[ "$1" = "${TW_KERNELS[0]}" ] || [ "$1" = "$(tw_newest_kernel)" ]
}

# tw_build_args KERNEL: puts the arguments of make into $TW_BUILD. static.sh and the test
# steps use the same arguments, so that the module is built once.
tw_build_args() {
	TW_BUILD=()
	tw_is_own_kernel "$1" || TW_BUILD=(W=1)
	! tw_sparse_looks "$1" || TW_BUILD+=(C=1)
}

# tw_pack SRCDIR: a tar archive of the source of a module, without the results of builds
# and without folders that no build needs.
tw_pack() {
	tar -C "$1" -c --sort=name --mtime=@0 --owner=0 --group=0 \
		--numeric-owner --exclude-vcs --exclude='*.o' --exclude='*.a' --exclude='*.ko' \
		--exclude='*.cmd' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude=Module.symvers --exclude=modules.order \
		--exclude=./docs --exclude=./selftests --exclude=./.ci .
}

# tw_guest_with_module KERNEL [MAKE-ARGUMENT...]: builds the module and the test
# programs, and puts the options of run.sh for a guest with them into $TW_GUEST.
tw_guest_with_module() {
	local kernel=$1 built files

	shift
	# Status 4 if the kernel or the compiler cannot be had.
	built=$("$TW_VM/kernels/build.sh" "$kernel" "$TW_TOP" "$@" | tail -n 1) || exit
	files=$("$TW_VM/guest/files.sh" "$kernel" | tail -n 1) ||
		die "the selftests were not built"
	# shellcheck disable=SC2034 # for those who source this
	TW_GUEST=(--kernel "$kernel" --module "$built/tw_summary.ko"
		--add "$files")
}

# tw_guest_with_tools FOLDER: a guest of $TW_GUEST has Debian's servers and Python in /servers
# too, and there our tools; /tw/tools.sh makes them commands. FOLDER is for these.
tw_guest_with_tools() {
	local servers

	servers=$("$TW_VM/kernels/programs.sh" servers | tail -n 1) || exit
	make -s -C "$TW_TOP" install-tools "DESTDIR=$1/servers" PREFIX=/usr/local ||
		die "the tools cannot be copied to $1"
	TW_GUEST+=(--add "$servers" --add "$1")
}

# tw_lock NAME: waits for the lock NAME and holds it until this shell ends.
tw_lock() {
	local fd

	mkdir -p "$TW_CACHE/locks"
	exec {fd}>"$TW_CACHE/locks/$1"
	flock -n "$fd" && return 0
	say "waiting for another run that works on $1"
	flock "$fd"
}

# tw_publish TEMP FINAL: renames TEMP, which is complete, to FINAL. If another process
# has made FINAL meanwhile, TEMP is removed: both have the same content.
tw_publish() {
	if [ -e "$2" ] || ! mv -T "$1" "$2" 2>/dev/null; then
		rm -rf "$1"
		[ -e "$2" ] || die "cannot write $2"
	fi
}

# tw_make_current LINK FOLDER PATTERN: LINK leads to FOLDER beside it, which is in use now.
# Others beside it with such a name go once they were not used for a day.
tw_make_current() {
	touch "$2"
	[ "$(readlink "$1" 2>/dev/null)" != "${2##*/}" ] || return 0
	ln -sfn "${2##*/}" "$1.new"
	mv -T "$1.new" "$1"
	find "${1%/*}" -maxdepth 1 -name "$3" ! -path "$2" -mtime +1 -exec rm -rf {} +
}

# tw_time: seconds since the script started, as m:ss.
tw_time() {
	printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60))
}
