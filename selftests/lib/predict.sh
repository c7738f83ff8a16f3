# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Runs tw_predict.

# Hundreds of namespaces take their time.
TW_TIMEOUT=${TW_TIMEOUT:-1200}

# predict SEED ROUNDS [OPTION...]: TW_SEED and TW_ROUNDS choose others.
predict() {
	local seed=$1 rounds=$2 told right

	shift 2
	"$TW_SELFTESTS/tw_predict" "$@" --seed "${TW_SEED:-$seed}" \
		--rounds "${TW_ROUNDS:-$rounds}" >"$TW_TMP/rounds" 2>&1
	check_eq "status of tw_predict" 0 $?
	sed 's/^/#   /' "$TW_TMP/rounds"
	# It can pass for nothing if it compares nothing.
	told=$(awk '/^[0-9]+ (right|wrong)/ { n += $1 } END { print n + 0 }' \
		"$TW_TMP/rounds")
	right=$(awk '/^[0-9]+ right$/ { print $1 }' "$TW_TMP/rounds")
	check_range "comparisons" "${TW_ROUNDS:-$rounds}" 1000000 "$told"
	check_range "comparisons that time did not blur" \
		$((told / 2)) 1000000 "$right"
	# Nor may it leave out what the kernel has.
	! ip link add vrf9 type vrf table 9 2>/dev/null ||
		check_range "namespaces with devices" $((${TW_ROUNDS:-$rounds} / 20)) \
			1000000 "$(awk '/ with devices$/ { print $1 }' "$TW_TMP/rounds")"
}
