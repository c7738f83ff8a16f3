#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# curves.sh: measures the cases of the file curves as native.sh does, and draws what a socket
# costs by the number of sockets and of destinations. The figures and the drawings go to
# docs/performance.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$TW_TOP/selftests/bench
out=$TW_TOP/docs/performance
"$TW_VM/kernels/packages.sh" gnuplot:gnuplot-nox
mkdir -p "$out"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

TW_CASES=$here/curves TW_RAW=$tmp/raw "$here/native.sh" | tee "$tmp/table"

# Of the cases and of what native.sh says of them: name, sockets, destinations, ns a socket
# of the plain walk and of the snapshot.
{
	printf '%s\n' '# SPDX-License-Identifier: GPL-2.0-only' \
		'# selftests/bench/curves.sh, '"$(sed -n 's/^model name[^:]*: //p' \
			/proc/cpuinfo | head -n 1)"': name, sockets, destinations,' \
		'# ns a socket of the plain walk and of the snapshot'
	awk 'NR == FNR { if (/^[a-z]/) dests[$1] = $4; next }
	$1 in dests { printf "%s\t%d\t%d\t%s\t%s\n", $1, $2, dests[$1], $3, $4 }' \
		"$here/curves" "$tmp/table"
} >"$out/curves.tsv"

for kind in sockets rows hidden; do
	grep "^${kind}_" "$out/curves.tsv" >"$tmp/$kind"
done
gnuplot <<END
set terminal svg size 640,360 background rgb "white"
set logscale x
set yrange [0:]
set grid
set key top left
set ylabel "ns a socket"
set format x "10^{%L}"
set output "$out/by_sockets.svg"
set xlabel "sockets, 1,000 destinations, 262,144 slots"
plot "$tmp/sockets" using 2:5 with linespoints title "snapshot", \
	"$tmp/sockets" using 2:4 with linespoints title "plain walk"
set output "$out/by_destinations.svg"
set xlabel "destinations, 1,000,000 sockets"
plot "$tmp/rows" using 3:5 with linespoints title "snapshot, a row for each", \
	"$tmp/hidden" using 3:5 with linespoints title "snapshot, 4,096 rows", \
	"$tmp/rows" using 3:4 with linespoints title "plain walk"
END
say "$out/curves.tsv, by_sockets.svg, by_destinations.svg"
