#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# where.sh: every subtest, and the kernels that `make check` runs it on, or `make check-long`.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"

# told GUEST <SPECS: "program:subtest guest" lines
told() {
	local guest=$1 spec subtests

	while read -r spec; do
		case $spec in
		*:*) subtests=${spec#*:} subtests=${subtests//,/ } ;;
		*) subtests=$(bash "$TW_TESTS/$spec.sh" --list 2>/dev/null) ;;
		esac
		for s in $subtests; do
			printf '%s:%s %s\n' "${spec%%:*}" "$s" "$guest"
		done
	done
}

tw_kernels
{
	for k in "${TW_KERNELS[@]}"; do
		plan_tests "$k" | told "$k"
		plan_races "$k" | told "$k,races"
		plan_programs python "$k" | told "$k,verify"
	done
	for k in "${TW_KERNELS[0]}" "$(tw_newest_kernel)"; do
		echo tracers | told "$k,tracers"
	done
	plan_programs servers "$(tw_newest_kernel)" | told "$(tw_newest_kernel),servers"
	plan_programs fleet "$(tw_newest_kernel)" | told "$(tw_newest_kernel),check-long"
	for set in servers python; do
		plan_programs $set uml-time | told uml-time
	done
	{ plan_native && plan_rules; } | told uml-time,intree
	plan_checked uml-debug | told uml-debug
} | awk '
	!($1 in on) { order[++n] = $1 }
	{ on[$1] = on[$1] " " $2 }
	END { for (i = 1; i <= n; i++) print order[i] on[order[i]] }'
