#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# style.sh: the kernel's own checkpatch, strict, over our C files, as TAP. It
# comes with the source of the kernels of our own. A file that has passed is not checked
# again until it, checkpatch, or what is defended has changed.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
# shellcheck source=selftests/vm/passed.sh
. "$TW_VM/passed.sh"

# Any kernel of our own has the script.
kdir=$("$TW_VM/kernels/kernels.sh" uml-time | tail -n 1)
checkpatch=$kdir/headers/scripts/checkpatch.pl
[ -e "$checkpatch" ] || die "the kernel source has no checkpatch"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-style.XXXXXX")
# checkpatch leaves a cache where it runs.
trap 'rm -rf "$tmp" "$TW_TOP"/.checkpatch-camelcase.git.*' EXIT
cd "$TW_TOP"

# Put into $defended: the types of findings that style.defended explains for FILE.
find_defended() {
	local i

	defended=
	for i in "${!regexes[@]}"; do
		[[ ! $1 =~ ${regexes[i]} ]] || defended+=${types[i]},
	done
	defended=${defended%,}
}

# check TYPES FILE...: a point for each. They share a process, because checkpatch takes as
# long to begin as for a file. The last one has a mistake: if that is found, the others have
# been read.
check() {
	local ignored=$1 f status

	shift
	perl "$checkpatch" --no-tree --strict --terse --show-types --no-summary \
		--ignore "$ignored" -f "$@" "$tmp/planted.c" >"$tmp/all" 2>&1 || :
	for f; do
		status=0
		if ! grep -q "^$tmp/planted.c:.*ERROR:SPACING" "$tmp/all"; then
			cp "$tmp/all" "$tmp/why"
			status=1
		elif grep -E "^${f//./\\.}:" "$tmp/all" >"$tmp/why"; then
			status=1
		else
			it_passed "$f" "$ignored"
		fi
		tap_result $status "checkpatch: $f" "$tmp/why"
	done
}

regexes=() types=()
while read -r regex type reason; do
	[ "$regex" != '#' ] && [ -n "$reason" ] || continue
	regexes+=("$regex") types+=("$type")
done <"$TW_VM/steps/style.defended"
printf 'int f( int a );\n' >"$tmp/planted.c"
mapfile -t all < <(find module include selftests -name '*.[ch]' | LC_ALL=C sort)
# It also reads lists beside it, and names with capitals in include/.
passed_begin style "$(cat "$checkpatch" "${checkpatch%/*}"/{spelling.txt,const_structs.checkpatch}
	find include -name '*.h' -exec cat {} +)" "${all[@]}"
# Files for which the same is defended are checked together.
declare -A files=()
for f in "${all[@]}"; do
	find_defended "$f"
	if has_passed "$f" "$defended"; then
		tap_point ok "checkpatch: $f"
	else
		files[$defended]+=" $f"
	fi
done
for defended in "${!files[@]}"; do
	# shellcheck disable=SC2086 # blanks separate the files
	check "$defended" ${files[$defended]}
done
passed_end
tap_end
