# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the interface promises of every snapshot (tools/wellformed.c)

# check_wellformed_files FILE...
check_wellformed_files() {
	local wrong

	wrong=$("$TW_SELFTESTS/tw_wellformed" "$@" 2>&1) || wrong="it cannot be judged: $wrong"
	[ -n "$wrong" ] || return 0
	fail "a snapshot is wrong:"
	sed 's/^/#   /' <<<"$wrong"
	return 1
}

# The one that is in use, at once
check_wellformed() {
	TW_CHECKS=$((TW_CHECKS + 1))
	check_wellformed_files "$SNAP"
}

# The one that is in use, at the end of the subtest: one process judges all of them.
check_wellformed_later() {
	TW_CHECKS=$((TW_CHECKS + 1))
	printf '%s\n' @ "${TW_LINES[@]}" >>"$TW_TMP/wellformed.$BASHPID"
}

# To be called at the end of the subtest
check_all_wellformed() {
	local files=("$TW_TMP"/wellformed.*)

	[ ! -e "${files[0]}" ] || check_wellformed_files "${files[@]}"
}
