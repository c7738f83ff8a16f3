# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Writing to /proc/net/tw_thresholds.

TW_RULES=/proc/net/tw_thresholds

# write_rules: writes standard input in one write(); the shell itself would make one
# write() per line. The output of dd is in $TW_TMP/dd.
write_rules() {
	cat >"$TW_TMP/rules"
	dd_rules
}

dd_rules() {
	dd if="$TW_TMP/rules" of=$TW_RULES bs=1M conv=notrunc 2>"$TW_TMP/dd"
}

# write_lines LINE...: the same, with fewer processes
write_lines() {
	printf '%s\n' "$@" >"$TW_TMP/rules"
	dd_rules
}

rules() {
	cat $TW_RULES
}

# set_rules LINE...
set_rules() {
	write_lines "$@" ||
		abort "rules '$*' refused: $(<"$TW_TMP/dd")"
}

# check_refused LINE...: the write fails with EINVAL and changes nothing
check_refused() {
	local before why

	before=$(<$TW_RULES)
	if write_lines "$@"; then
		fail "taken: '$*'"
	else
		why=$(<"$TW_TMP/dd")
		check "refused with EINVAL: '$*': $why" \
			test "$why" != "${why/: Invalid argument/}"
	fi
	check_text "the rules after '$*'" "$before" "$(<$TW_RULES)"
}
