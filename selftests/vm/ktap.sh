#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ktap.sh <KTAP: judges the results of KUnit suites, as their debugfs files hold
# them: prints `N passed, N failed, N skipped` (cases) and ends with 0 only if
# cases passed, none failed, and there are as many of them as were announced.
set -euo pipefail

awk '
function indent() {
	match($0, /^ */)
	return RLENGTH / 4
}
# A plan says how many results follow at its own depth.
/^ *1\.\.[0-9]+/ {
	d = indent()
	announced[d] += substr($1, 4)
}
/^ *(not )?ok [0-9]/ {
	d = indent()
	seen[d]++
	if ($0 ~ /# SKIP/) {
		skipped[d]++
	} else if ($1 == "not") {
		bad = 1
		failed[d]++
	} else {
		passed[d]++
	}
}
END {
	# Suites are at depth 0, cases at 1, their parameters deeper.
	printf "%d passed, %d failed, %d skipped\n",
		passed[1], failed[1], skipped[1]
	for (d in announced)
		if (announced[d] != seen[d]) {
			printf "%d of %d results are missing\n",
				announced[d] - seen[d], announced[d]
			bad = 1
		}
	for (d in seen)
		if (!(d in announced) && d < 2) {
			print "results without a plan"
			bad = 1
		}
	if (!passed[1]) {
		print "no case passed"
		bad = 1
	}
	exit bad
}'
