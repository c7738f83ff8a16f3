#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kcsan.sh [PROGRAM[:SUBTEST,...]...]: runs test programs on the kernel that finds data
# races (own/kcsan.config), as TAP. A race is ours if one of its two accesses is in the
# module. The kernel's own races are counted only. A planted race shows first that races
# are found.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

programs=("$@")
# Not those that count on the time that something takes.
[ $# -gt 0 ] || programs=(churn free_churn failures:ipv4 thresholds unload stress)
"$TW_VM/kernels/packages.sh"
log=${TW_LOG:-$TW_CACHE/logs/kcsan.log}
mkdir -p "$(dirname "$log")"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-kcsan.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# reports PATTERN <LOG: those that match; a report is the lines from one row of = to the
# next
reports() {
	awk -v pattern="$1" '
		/======================================/ {
			if (report ~ /BUG: KCSAN/ && report ~ pattern)
				printf "%s", report
			report = ""
			next
		}
		{ report = report $0 "\n" }'
}

# on_kcsan LOG COMMAND... : in a guest, with the options of run.sh in ${guest[@]}. Every
# 200th access is watched, which is more than by default. A report does not end the guest.
on_kcsan() {
	local to=$1

	shift
	"$TW_VM/guest/run.sh" "${guest[@]}" --parallel --log "$to" --timeout 7200 \
		--append "panic_on_warn=0 kcsan.skip_watch=200" \
		--allow KCSAN -- bash -c \
		'echo on >/sys/kernel/debug/kcsan && "$@"
		status=$?
		sed "s/^/# kcsan: /" /sys/kernel/debug/kcsan
		exit $status' - "$@"
}

built=$("$TW_VM/kernels/build.sh" kcsan "$TW_VM/planted" | tail -n 1) ||
	die "the planted modules were not built"
guest=(--kernel kcsan --module "$built/data_race.ko")
status=0
on_kcsan "$log.planted" modprobe data_race >"$tmp/planted" || status=$?
[ -n "$(reports data_race_count <"$log.planted")" ] || status=1
tap_result $status "a planted data race is reported" "$log.planted"

tw_guest_with_module kcsan
guest=("${TW_GUEST[@]}")
status=0
on_kcsan "$log" env TW_SCALE="${TW_SCALE:-20}" /selftests/run_all.sh \
	"${programs[@]}" >"$tmp/output" || status=$?
tap_include kcsan "$(awk '/^1\.\./ { print substr($1, 4); exit }' "$tmp/output")" \
	<"$tmp/output"
tap_result $status "the guest ended well"
printf '# %d races of the kernel and of the module\n' \
	"$(reports . <"$log" | grep -c 'BUG: KCSAN')"
reports 'tws_|\[tw_summary\]' <"$log" >"$tmp/ours"
status=0
[ ! -s "$tmp/ours" ] || status=1
tap_result $status "no data race is ours" "$tmp/ours"
tap_end
