#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# docs.sh: the examples of docs/interface.md read the table that README.md shows, this has the
# module's columns, and the documents name the tested branches. As TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

"$TW_VM/kernels/packages.sh" python3:python3
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-docs.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# example LANGUAGE: the first one of docs/interface.md
example() {
	awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next }
		/^```/ && on { exit }
		on' "$TW_TOP/docs/interface.md"
}

awk '/^\$ cat .proc.net.tw_summary/ { on = 1; next } /^```/ { on = 0 } on' \
	"$TW_TOP/README.md" >"$tmp/table"
example awk >"$tmp/example.awk"
example python >"$tmp/example.py"

# compare WHAT: $tmp/want and $tmp/got
compare() {
	local status=0

	[ -s "$tmp/want" ] && diff "$tmp/want" "$tmp/got" >"$tmp/why" 2>&1 || status=1
	tap_result $status "$1" "$tmp/why"
}

# The first column is the kind of row, the second its level, the last the remote address.
grep '^out ' "$tmp/table" | grep -v '^out *ok ' |
	sed 's/^out *[a-z]* *\([0-9]*\) .* \([^ ]*\)$/\2 \1/' >"$tmp/want"
awk -f "$tmp/example.awk" "$tmp/table" >"$tmp/got" 2>&1 || :
compare "the example in awk finds the destinations that are not ok"

cat >>"$tmp/example.py" <<-'EOF'

	import sys

	header, rows = read_table(sys.argv[1])
	for key in sys.argv[2:]:
	    print(key, header[key])
	for row in rows:
	    print(row["dir"], row["remote"])
EOF
{
	for key in netns usable level fails_last; do
		printf '%s %s\n' $key \
			"$(sed -n "/^#/s/.* $key=\([^ ]*\).*/\1/p" "$tmp/table")"
	done
	grep -v '^#\|^dir' "$tmp/table" | sed 's/^\([a-z]*\) .* \([^ ]*\)$/\1 \2/'
} >"$tmp/want"
python3 "$tmp/example.py" "$tmp/table" netns usable level fails_last \
	>"$tmp/got" 2>&1 || :
compare "the example in Python reads the header and all rows"

# What the module prints is what its unit tests expect.
sed -n '/^#define COLUMNS/,/\\n"$/s/^[^"]*"\([^"\\]*\).*/\1/p' \
	"$TW_TOP/module/tests/show_test.c" | tr -d '\n' | tr -s ' ' '\n' >"$tmp/want"
grep '^dir ' "$tmp/table" | tr -s ' ' '\n' | head -c -1 >"$tmp/got"
compare "README.md shows the columns of the module"

# names_branches FILE TEXT: TEXT is in FILE, lines joined
names_branches() {
	local status=0

	tr '\n' ' ' <"$TW_TOP/$1" | tr -s ' ' | grep -qF "$2" || status=1
	echo "no '$2' in $1" >"$tmp/why"
	tap_result $status "$1 names the tested branches: $2" "$tmp/why"
}

# 5.10, 6.1, 6.12
listed=$(printf '%s, ' "${TW_TESTED[@]}")
listed=${listed%, }
names_branches README.md "runs on Linux ${TW_TESTED[0]} to ${TW_TESTED[-1]}"
names_branches README.md "on kernels ${listed%, *} and ${TW_TESTED[-1]}"
names_branches docs/interface.md "on this kernel's branch ($listed)"
# The table of systems: "| Debian 13 backports | 7.2, 7.3 | tested |"
printf '%s\n' "${TW_TESTED[@]}" >"$tmp/want"
awk -F ' *[|] *' '$4 ~ /^tested/ { print $3 }' "$TW_TOP/docs/install.md" | tr -s ', ' '\n' \
	>"$tmp/got"
compare "the systems of docs/install.md that are tested have the tested branches"
tap_end
