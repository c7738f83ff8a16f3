#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# native.sh [CASE...]: measures the walk against a plain walk, and against one that only
# touches the sockets, at native speed, in User-mode Linux: all the cases of the file cases, or
# those named. Prints a line for each.
#
# The module is built as for a server (server.h), and the clock is the processor time of the
# host's thread. It still differs from run to run, so the walks take turns in one boot, and
# the shortest time of each counts.
# TW_ROUNDS says how often (9), TW_RAW where the raw figures go, TW_CASES names another file
# of cases.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$TW_TOP/selftests/bench
cases=${TW_CASES:-$here/cases}
rounds=${TW_ROUNDS:-9}
raw=${TW_RAW:-$TW_CACHE/logs/bench.raw}
"$TW_VM/kernels/packages.sh"
mkdir -p "$TW_CACHE/logs"

tmp=$(mktemp -d)
trap 'umount "$tmp/memory" 2>/dev/null || :; rm -rf "$tmp"' EXIT
mkdir "$tmp/memory" "$tmp/root" "$tmp/root/bench" "$tmp/source"

# -O2 and the compiler's own string functions, which User-mode Linux does without.
server="-fbuiltin -include $here/server.h -DTW_BENCH_KEY=$(
	sha256sum <"$here/server.h" | cut -c1-8)"
tw_guest_with_module uml-smp KCFLAGS="$server -DTW_BENCH_LONGEST"
cp "${TW_GUEST[3]}" "$tmp/root/bench/longest.ko"
tw_guest_with_module uml-smp KCFLAGS="$server"
# tw_bench fetches what the module fetches, by its headers.
cp -r "$here/Kbuild" "$here/tw_bench.c" "$TW_TOP/module" "$tmp/source/"
built=$("$TW_VM/kernels/build.sh" uml-smp "$tmp/source" KCFLAGS="$server" | tail -n 1) ||
	die "tw_bench was not built"
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

# One of the host's processors, always the same.
: >"$raw"
for slots in $(awk '{ print $2 }' "$tmp/root/bench/cases" | sort -u); do
	TMPDIR=$tmp/memory taskset -c $(($(nproc) - 1)) "$TW_VM/guest/run.sh" \
		"${TW_GUEST[@]}" --module "$built/tw_bench.ko" --add "$tmp/root" --smp 1 \
		--mem 3G --timeout 600 --append "thash_entries=$slots" \
		-- /bench/native.sh "$slots" "$rounds" >>"$raw"
done

sed -n 's/^model name[^:]*: /processor: /p' /proc/cpuinfo | head -n 1
printf '%-16s %9s %9s %9s %9s %7s %7s %10s\n' case sockets 'plain ns' 'touch ns' 'ours ns' \
	to-plain to-touch 'longest us'
awk '
# The raw columns behind the name and the number: plain, touch, ours and longest, in ns.
{
	name = $1
	if (!(name in sockets))
		order[++n] = name
	sockets[name] = $2
	for (i = 3; i <= 6; i++)
		if (!((name, i) in least) || $i < least[name, i])
			least[name, i] = $i
}
END {
	for (k = 1; k <= n; k++) {
		name = order[k]
		plain = least[name, 3]
		touch = least[name, 4]
		ours = least[name, 5]
		printf "%-16s %9d %9.1f %9.1f %9.1f %7.2f %7.2f %10.0f\n", name,
		       sockets[name], plain / sockets[name], touch / sockets[name],
		       ours / sockets[name], ours / plain, ours / touch,
		       least[name, 6] / 1000
	}
}' "$raw"
