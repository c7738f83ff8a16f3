# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Writing to /proc/net/tw_thresholds.

TW_RULES=/proc/net/tw_thresholds

# write_rules: standard input, whole, in one write(); a shell's own would make
# one of each line. What dd says is in $TW_TMP/dd.
write_rules() {
	cat >"$TW_TMP/rules"
	dd if="$TW_TMP/rules" of=$TW_RULES bs=1M conv=notrunc 2>"$TW_TMP/dd"
}

rules() {
	cat $TW_RULES
}

# set_rules LINE...
set_rules() {
	printf '%s\n' "$@" | write_rules ||
		abort "rules '$*' refused: $(cat "$TW_TMP/dd")"
}

# check_refused LINE...: the write fails with EINVAL and changes nothing
check_refused() {
	local before

	before=$(rules)
	if printf '%s\n' "$@" | write_rules; then
		fail "taken: '$*'"
	else
		check "refused with EINVAL: '$*': $(cat "$TW_TMP/dd")" \
			grep -q "Invalid argument" "$TW_TMP/dd"
	fi
	check_text "the rules after '$*'" "$before" "$(rules)"
}
