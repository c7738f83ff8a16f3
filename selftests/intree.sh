#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# intree.sh [--remove] TREE: puts this checkout into the kernel's source in TREE, as
# net/ipv4/tw_summary and tools/testing/selftests/net/tw_summary, by links: what is edited
# here is edited there. A second time it only adds links for new files. --remove takes
# everything out again, what was built in these folders too, and leaves the tree as it was.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
# Each of these lines is added at the end of its file.
LINES=(
	"net/ipv4/Makefile:obj-y += tw_summary/"
	"net/ipv4/Kconfig:source \"net/ipv4/tw_summary/Kconfig\""
)
MODULE=net/ipv4/tw_summary
TESTS=tools/testing/selftests/net/tw_summary

die() {
	printf 'intree.sh: %s\n' "$*" >&2
	exit 1
}

# check_tree: TREE can have it, and what is in its place is ours
check_tree() {
	local f

	[ -d "$tree" ] || die "there is no folder $tree"
	for f in Kbuild net/ipv4/Makefile net/ipv4/Kconfig tools/testing/selftests/lib.mk; do
		[ -f "$tree/$f" ] || die "$tree is no kernel source: it has no $f"
	done
	[ ! -e "$tree/$MODULE" ] || [ -L "$tree/$MODULE" ] ||
		die "$tree/$MODULE is not a link of this script"
	[ ! -e "$tree/$TESTS" ] || [ -L "$tree/$TESTS/Makefile" ] ||
		die "$tree/$TESTS is not a folder of this script"
}

# rewrite FILE COMMAND...: FILE becomes what COMMAND prints. It is replaced, because it may
# share its content with a copy of the tree (cp -l).
rewrite() {
	local file=$1

	shift
	"$@" >"$file.tw" || { rm -f "$file.tw"; die "cannot write $file"; }
	chmod --reference="$file" "$file.tw"
	mv -f "$file.tw" "$file"
}

# with_line FILE LINE
with_line() {
	cat "$1" && printf '%s\n' "$2"
}

# without_line FILE LINE: status 1 of grep is a file of no other lines
without_line() {
	grep -vxF -- "$2" "$1" || [ $? = 1 ]
}

has_line() {
	grep -qxF -- "$2" "$1"
}

add_lines() {
	local pair file

	for pair in "${LINES[@]}"; do
		file=$tree/${pair%%:*}
		[ -z "$(tail -c 1 "$file")" ] || die "$file does not end with a line"
		has_line "$file" "${pair#*:}" || rewrite "$file" with_line "$file" "${pair#*:}"
	done
}

remove_lines() {
	local pair file

	for pair in "${LINES[@]}"; do
		file=$tree/${pair%%:*}
		! has_line "$file" "${pair#*:}" ||
			rewrite "$file" without_line "$file" "${pair#*:}"
	done
}

# The kernel's Makefiles find ../../lib.mk from the folder that they are in, so it is a
# folder of links. The harness has its own folders, which are not for there.
link_tests() {
	local f

	mkdir -p "$tree/$TESTS"
	find "$tree/$TESTS" -maxdepth 1 -type l -delete
	for f in Makefile config settings lib predict sock tools traffic \
		$(cd "$top/selftests" && grep -l '^# kernels: ' -- *.sh); do
		[ -e "$top/selftests/$f" ] || die "there is no $top/selftests/$f"
		ln -s "$top/selftests/$f" "$tree/$TESTS/$f"
	done
}

remove=
[ "${1-}" != --remove ] || { remove=1; shift; }
[ $# = 1 ] && [ -n "$1" ] && [ "${1#-}" = "$1" ] || die "usage: intree.sh [--remove] TREE"
tree=${1%/}
check_tree
if [ -n "$remove" ]; then
	remove_lines
	rm -rf "${tree:?}/$TESTS"
	rm -f "$tree/$MODULE"
else
	ln -sfn "$top" "$tree/$MODULE"
	link_tests
	add_lines
fi
