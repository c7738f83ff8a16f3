# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reading /proc/net/tw_callers, and programs with names of their own.

TW_CALLERS=/proc/net/tw_callers
TW_PARAMS=/sys/module/tw_summary/parameters

# keep_param NAME: it is set back when the subtest ends
keep_param() {
	at_exit "echo $(<"$TW_PARAMS/$1") >$TW_PARAMS/$1"
}

set_param() {
	echo "$2" >"$TW_PARAMS/$1" || abort "cannot set the parameter $1 to $2"
}

# One call in N is counted for N.
sample() {
	keep_param sample_connects
	set_param sample_connects "$1"
}

# program NAME: a copy of tw_traffic with that name, in $PROGRAM
program() {
	PROGRAM=$TW_TMP/$1
	[ -e "$PROGRAM" ] || cp "$TOOL" "$PROGRAM" || abort "cannot copy tw_traffic"
}

# Takes a copy of the table
callers() {
	cat $TW_CALLERS >"$TW_TMP/callers" || abort "cannot read $TW_CALLERS"
}

# caller COLUMNS COMM [REMOTE]: of the rows of a program
caller() {
	awk -v columns="$1" -v comm="$2" -v remote="${3-}" '
		/^#/ { next }
		!nr { nr = NF; for (i = 1; i <= NF; i++) at[$i] = i
			n = split(columns, want, " "); next }
		$at["comm"] == comm && (remote == "" || $at["remote"] == remote) {
			line = ""
			for (i = 1; i <= n; i++)
				line = line (i > 1 ? " " : "") $at[want[i]]
			print line
		}' "$TW_TMP/callers"
}

# The program in the first row
first_caller() {
	awk '/^#/ { next } !at { for (at = 1; $at != "comm"; at++); next } { print $at; exit }' \
		"$TW_TMP/callers"
}

# callers_head KEY
callers_head() {
	sed -n "/^#/!q; s/.* $1=\([^ ]*\).*/\1/p" "$TW_TMP/callers"
}

# check_caller WHAT EXPECTED COLUMNS COMM [REMOTE]
check_caller() {
	local what=$1 want=$2

	shift 2
	check_eq "$what" "$want" "$(caller "$@")"
}
