#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What following calls costs those that do not fail, in instructions: time counts them here,
# one a nanosecond. Off and on in turn, many times. Nobody listens: no other process takes
# part. Of connect() without a port, of bind() to port 0 and connect(), and of connect() with
# a port that the program has chosen.
. /selftests/lib/main.sh

N=2000
TURNS=15
PARAM=/sys/module/tw_summary/parameters/count_failures

# per_connection Y|N CONNECT-OPTION...: instructions from socket() to close()
per_connection() {
	local began ended

	echo "$1" >$PARAM || exit 1
	shift
	began=${EPOCHREALTIME/./}
	"$TOOL" connect --to 127.0.0.1:443 --count $N "$@" >/dev/null || exit 1
	ended=${EPOCHREALTIME/./}
	echo $(((ended - began) * 1000 / N))
}

# measure WHAT CONNECT-OPTION...
measure() {
	local what=$1 i

	shift
	for ((i = 0; i < 3; i++)); do
		per_connection N "$@" >/dev/null
	done
	for ((i = 0; i < TURNS; i++)); do
		echo "$(per_connection N "$@") $(per_connection Y "$@")"
	done | summary "$(uname -r): $what"
}

# The medians; and the quartiles of what following adds
summary() {
	awk -v what="$1" '
		{
			off[NR] = $1
			diff[NR] = $2 - $1
		}
		END {
			sort(diff, NR)
			sort(off, NR)
			n = diff[int((NR + 1) / 2)]
			m = off[int((NR + 1) / 2)]
			printf "%s: %d instructions of %d (%.1f%%), half of all from %d to %d\n",
			       what, n, m, 100 * n / m, diff[int((NR + 3) / 4)],
			       diff[NR + 1 - int((NR + 3) / 4)]
		}
		function sort(a, n,	i, j, t) {
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
					t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
				}
		}'
}

modprobe tw_summary || exit 1
measure "connect()"
measure "bind() to port 0, connect()" --from 127.0.0.1:0 --early-bind
measure "connect() with a port" --from 127.0.0.1:30001
