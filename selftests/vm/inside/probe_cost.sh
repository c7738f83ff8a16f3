#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What counting failures costs a connect() that finds a port, in instructions:
# time counts them here, one a nanosecond. Off and on in turn, seven times. Nobody
# listens: no other process takes part.
. /selftests/lib/main.sh

N=2000
PARAM=/sys/module/tw_summary/parameters/count_failures

# per_connection Y|N: instructions from socket() to close()
per_connection() {
	local began ended

	echo "$1" >$PARAM || exit 1
	began=${EPOCHREALTIME/./}
	"$TOOL" connect --to 127.0.0.1:443 --count $N >/dev/null || exit 1
	ended=${EPOCHREALTIME/./}
	echo $(((ended - began) * 1000 / N))
}

modprobe tw_summary || exit 1
for _ in 1 2 3; do
	per_connection N >/dev/null
done
for _ in 1 2 3 4 5 6 7; do
	echo "$(per_connection N) $(per_connection Y)"
done | awk -v kernel="$(uname -r)" '
	{
		off[NR] = $1
		diff[NR] = $2 - $1
		print "# off " $1 ", on " $2
	}
	END {
		n = median(diff, NR)
		m = median(off, NR)
		printf "%s: %d instructions of %d (%.1f%%)\n", kernel, n, m,
		       100 * n / m
	}
	function median(a, n,	i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
				t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
			}
		return a[int((n + 1) / 2)]
	}'
