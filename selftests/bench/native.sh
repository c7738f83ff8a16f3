#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# native.sh [CASE...]: measures the walk against a plain walk at native speed, in User-mode
# Linux: all the cases of the file cases, or those named. Prints a line for each. Times
# differ from run to run, so both walks take turns in one boot, and the shortest count.
# TW_ROUNDS says how often (7), TW_RAW where the raw figures go, TW_CASES names another file
# of cases.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$TW_TOP/selftests/bench
cases=${TW_CASES:-$here/cases}
rounds=${TW_ROUNDS:-7}
raw=${TW_RAW:-$TW_CACHE/logs/bench.raw}
"$TW_VM/kernels/packages.sh"
mkdir -p "$TW_CACHE/logs"

# As the module is built for a server: -O2 and the compiler's own string functions, which
# User-mode Linux does without.
tw_guest_with_module uml-time KCFLAGS='-fbuiltin'
built=$("$TW_VM/kernels/build.sh" uml-time "$here" KCFLAGS='-fbuiltin' | tail -n 1) ||
	die "tw_bench was not built"

tmp=$(mktemp -d)
trap 'umount "$tmp/memory" 2>/dev/null || :; rm -rf "$tmp"' EXIT
mkdir "$tmp/memory" "$tmp/root" "$tmp/root/bench"
# The guest's memory in pages of 2 MB, as a kernel's own is.
mount -t tmpfs -o huge=always none "$tmp/memory" ||
	say "no huge pages for the guest: all walks take longer"
cp "$here/inside/native.sh" "$tmp/root/bench/"
if [ $# -gt 0 ]; then
	printf '%s\n' "$@" >"$tmp/wanted"
	grep -wFf "$tmp/wanted" "$cases" | grep '^[a-z]' >"$tmp/root/bench/cases" ||
		die "no such case: $*"
else
	grep '^[a-z]' "$cases" >"$tmp/root/bench/cases"
fi

: >"$raw"
for slots in $(awk '{ print $2 }' "$tmp/root/bench/cases" | sort -u); do
	TMPDIR=$tmp/memory "$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --module "$built/tw_bench.ko" \
		--add "$tmp/root" --mem 3G --timeout 300 --append "thash_entries=$slots" \
		-- /bench/native.sh "$slots" "$rounds" >>"$raw"
done

printf '%-16s %9s %10s %10s %7s %10s\n' case sockets 'plain ns' 'ours ns' ratio 'longest us'
awk '
{
	name = $1
	if (!(name in plain)) {
		order[++n] = name
		plain[name] = $3
		ours[name] = $4
		longest[name] = $5
	}
	sockets[name] = $2
	if ($3 < plain[name]) plain[name] = $3
	if ($4 < ours[name]) ours[name] = $4
	if ($5 < longest[name]) longest[name] = $5
}
END {
	for (i = 1; i <= n; i++) {
		name = order[i]
		printf "%-16s %9d %10.1f %10.1f %7.2f %10.0f\n", name, sockets[name],
		       plain[name] / sockets[name], 1000 * ours[name] / sockets[name],
		       1000 * ours[name] / plain[name], longest[name] / 1000
	}
}' "$raw"
