#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# static.sh [KERNEL...]: tests the module without running it, as TAP:
# - it builds on each kernel without a warning of the compiler (W=1), and on the oldest
#   and the newest without one of sparse (C=1), which must find a planted mistake;
# - Kbuild refuses kernels that it cannot be built for, with a sentence;
# - scripts pass shellcheck, and every file names the licence;
# - all documents tell the same version, and show the example that is tested; packages have
#   the address of MAINTAINERS.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
# shellcheck source=selftests/vm/passed.sh
. "$TW_VM/passed.sh"

kernels=("$@")
[ $# -gt 0 ] || { tw_kernels && kernels=("${TW_KERNELS[@]}"); }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-static.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cd "$TW_TOP"

# The files of the project: what git has, or without git all that is here.
files() {
	git ls-files -co --exclude-standard 2>/dev/null ||
		find . -path ./.git -prune -o -type f -printf '%P\n'
}

builds_clean() {
	local built status=0

	tw_build_args "$1"
	built=$("$TW_VM/kernels/build.sh" "$1" "$TW_TOP" "${TW_BUILD[@]}" \
		2>"$tmp/build") || status=1
	built=$(tail -n 1 <<<"$built")
	# What is said on stderr beside warnings is progress.
	grep -E '(warning|error):|WARNING|ERROR|does not build' "$tmp/build" \
		>"$tmp/why" && status=1
	if [ $status = 0 ] && tw_sparse_looks "$1" && ! grep -q '^  CHECK ' "$built/build.log"; then
		echo "sparse did not run" >"$tmp/why"
		status=1
	fi
	tap_result $status "builds on $1 without a warning (${TW_BUILD[*]})" "$tmp/why"
	[ $status = 0 ] || return 0
	version_of "$built/tw_summary.ko" "$1"
}

sparse_looks() {
	local status=0

	"$TW_VM/kernels/build.sh" "$1" "$TW_VM/sparse" C=1 >/dev/null 2>"$tmp/why" || :
	grep -q 'user_pointer.c.*dereference of noderef' "$tmp/why" || status=1
	tap_result $status "sparse finds a planted mistake on $1" "$tmp/why"
}

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)
version_of() {
	local is status=0

	is=$(modinfo -F version "$1")
	[ -n "$version" ] && [ "$is" = "$version" ] || status=1
	echo "modinfo says '$is', dkms.conf '$version'" >"$tmp/why"
	tap_result $status "the module of $2 has the version of dkms.conf" \
		"$tmp/why"
}

# A version of the module that a document tells (tw_summary/1.2.3,
# tw_summary-1.2.3, "version 1.2.3") is the present one.
docs_tell_version() {
	local status=0

	files | grep -E '\.md$' | xargs -r grep -nEo \
		'(tw_summary[-/ ,=]+v?|version[: =]+"?)[0-9]+\.[0-9]+\.[0-9]+' \
		>"$tmp/told" || :
	grep -vF "$version" "$tmp/told" >"$tmp/why" && status=1
	tap_result $status "the documents tell no other version than $version" \
		"$tmp/why"
}

# Packages and the list of changes too.
packages_tell_version() {
	local status=0

	{
		sed -n '1s/^tw-summary (\(.*\)) .*/debian\/changelog \1/p' \
			packaging/debian/changelog
		sed -n 's/^Version: */tw_summary.spec /p' packaging/rpm/tw_summary.spec
		sed -n 's/^## \([0-9.]*\).*/CHANGELOG.md \1/p' CHANGELOG.md | head -n 1
	} >"$tmp/told"
	grep -v " $version\$" "$tmp/told" >"$tmp/why" && status=1
	[ "$(wc -l <"$tmp/told")" = 3 ] || status=1
	tap_result $status "packages and CHANGELOG.md tell the version $version" "$tmp/why"
}

# Packages have the address of MAINTAINERS.
one_address() {
	local status=0 address

	address=$(sed -n 's/^M:.*<\(.*\)>$/\1/p' MAINTAINERS)
	grep -rEno '[A-Za-z0-9._-]+@[A-Za-z0-9-]+\.[A-Za-z]+' packaging >"$tmp/told" || :
	grep -vF ":$address" "$tmp/told" >"$tmp/why" && status=1
	[ -n "$address" ] && [ "$(wc -l <"$tmp/told")" -ge 4 ] || status=1
	tap_result $status "packages have the address of MAINTAINERS" "$tmp/why"
}

# What Kbuild says of a kernel with that version and configuration; one that will
# do has it complain of nothing but that there is nothing to make.
kbuild_says() { # WHAT SENTENCE MAKE-ARGUMENT...
	local what=$1 sentence=$2 status=0

	shift 2
	make -s -f Kbuild src=. KBUILD_EXTMOD=. CONFIG_MODULES=y CONFIG_PROC_FS=y \
		CONFIG_SYSCTL=y "$@" >"$tmp/why" 2>&1 || :
	grep -qF "$sentence" "$tmp/why" || status=1
	tap_result $status "$what" "$tmp/why"
}

refuses_what_it_cannot() {
	kbuild_says "5.9 is refused at build" \
		"tw_summary needs Linux 5.10 or newer, this is 5.9" \
		VERSION=5 PATCHLEVEL=9 CONFIG_INET=y
	kbuild_says "a kernel without CONFIG_INET is refused at build" \
		"tw_summary needs a kernel with CONFIG_INET, this one has none" \
		VERSION=6 PATCHLEVEL=1
	kbuild_says "KUnit tests without CONFIG_KUNIT are refused at build" \
		"tw_summary needs a kernel with CONFIG_KUNIT, this one has none" \
		VERSION=6 PATCHLEVEL=1 CONFIG_INET=y CONFIG_TW_SUMMARY_KUNIT_TEST=y
	kbuild_says "5.10 is not refused" "No targets" \
		VERSION=5 PATCHLEVEL=10 CONFIG_INET=y
}

# The example program of the documents is the one that poll.sh runs.
docs_show_example() {
	local status=0

	sed '1,/\*\/$/d; s/\t/        /g; s/^..*/    &/' selftests/tools/wait.c \
		>"$tmp/example"
	sed -n '/^    #include <fcntl.h>$/,/^    }$/p' docs/usage.md |
		diff "$tmp/example" - >"$tmp/why" || status=1
	tap_result $status "docs/usage.md shows selftests/tools/wait.c" "$tmp/why"
}

licence_is_told() {
	local status=0 f lines

	: >"$tmp/why"
	while read -r f; do
		case $f in
		*.md | LICENSE | *.txt | *.svg) continue ;;
		# These have forms of their own; debian/copyright names it for all.
		*.json | packaging/debian/changelog | packaging/debian/copyright | \
			packaging/debian/source/format) continue ;;
		esac
		[ -s "$f" ] || continue
		mapfile -t -n 3 lines <"$f"
		[[ ${lines[*]} == *"SPDX-License-Identifier: GPL-2.0-only"* ]] ||
			echo "$f" >>"$tmp/why"
	done < <(files)
	[ ! -s "$tmp/why" ] || status=1
	tap_result $status "every source file names GPL-2.0-only" "$tmp/why"
}

scripts_pass_shellcheck() {
	local status=0 f lines scripts=() all
	# Each file for itself: following what they source takes minutes. So it
	# cannot know which variables are for others (SC2034).
	local shellcheck=(shellcheck -S warning -e "SC1091,SC2034")

	while read -r f; do
		[ -f "$f" ] || continue
		mapfile -t -n 2 lines <"$f"
		[[ ! ${lines[*]} =~ ^'#!'.*/(env )?(ba|da)?sh( |$)|'shellcheck shell=' ]] ||
			scripts+=("$f")
	done < <(files)
	# It does read what a script sources if that is among its arguments. So if one of them
	# has changed, or shellcheck has, all are read again.
	all=$(sha256sum -- "${scripts[@]}")
	passed_begin shellcheck "${shellcheck[*]} $(shellcheck --version) $all" "$TW_VM/steps/static.sh"
	if ! has_passed "$TW_VM/steps/static.sh"; then
		"${shellcheck[@]}" "${scripts[@]}" >"$tmp/why" 2>&1 || status=1
		[ $status != 0 ] || it_passed "$TW_VM/steps/static.sh"
	fi
	passed_end
	tap_result $status "${#scripts[@]} scripts pass shellcheck" "$tmp/why"
}

for k in "${kernels[@]}"; do
	builds_clean "$k"
	! tw_sparse_looks "$k" || sparse_looks "$k"
done
refuses_what_it_cannot
docs_tell_version
packages_tell_version
one_address
docs_show_example
licence_is_told
scripts_pass_shellcheck
tap_end
