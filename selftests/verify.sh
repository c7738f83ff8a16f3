#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# twstat --verify: what it finds on this kernel, what it tells the module, and what it does
# where it cannot do its work. (That it notices when the module is wrong:
# selftests/mutants/verify.sh.)
#
# kernels: newest
# probe: what_is_missing
# on all kernels: what_the_header_says,proves_this_kernel
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/callers.sh"

SERVERS=/python
. "$TW_LIB/unpacked.sh"
needs python
PARAMETER=/sys/module/tw_summary/parameters/rules_verified

ready() {
	unpacked_ready python3
	tools_ready
	[ -e $SERVERS/sys/module ] || { mkdir -p $SERVERS/sys && mount --bind /sys $SERVERS/sys; } ||
		abort "cannot mount $SERVERS/sys"
	at_exit "echo >$PARAMETER"
	told ''
}

# verify [OPTION...]: what it says is in $TW_TMP/said, its status in $STATUS
verify() {
	STATUS=0
	twstat "$@" >"$TW_TMP/said" 2>"$TW_TMP/why" || STATUS=$?
}

twstat() {
	served /usr/bin/python3 /tools/bin/twstat --verify "$@"
}

# told Y|N|'': what the module was told
told() {
	check_eq "rules_verified" "$1" "$(<$PARAMETER)"
}

rules() {
	snapshot
	check_eq "rules" "$1" "${TW_HEAD[rules]-}"
}

# Whether the module can count failures here. User-mode Linux has no kprobes.
counts() {
	snapshot
	[ "${TW_HEAD[fails]-}" != - ]
}

# What does not begin with "right", but for the failures where none are counted
not_right() {
	grep -v '^right ' "$TW_TMP/said" | grep -vE '^(not )?verified on ' | if counts; then
		cat
	else
		grep -v 'the module counts no failures'
	fi
}

# check_right: everything is right, and it says so
check_right() {
	local n

	n=$(grep -c '^right ' "$TW_TMP/said")
	check_text "what is not right" "" "$(not_right)"
	check_range "cases" 57 99 "$n"
	if counts; then
		check_eq "status" 0 $STATUS
		check_eq "the last line" "verified on $(uname -r): $n of $n" \
			"$(tail -n 1 "$TW_TMP/said")"
	else
		check_eq "status" 7 $STATUS
	fi
}

# As the module's list of branches says; Y and N say more, until the module goes.
what_the_header_says() {
	local word

	ready
	word=tested
	rules $word
	echo Y >$PARAMETER
	rules verified
	echo N >$PARAMETER
	rules wrong
	echo >$PARAMETER
	rules $word
	check "another word" eval '! echo perhaps 2>/dev/null >$PARAMETER'
	told ''
	check "a user" eval \
		'! setpriv --reuid 1000 --clear-groups "$BASH" -c "echo Y >$PARAMETER" 2>/dev/null'
	told ''
	echo N >$PARAMETER
	rmmod tw_summary && modprobe tw_summary || abort "cannot load the module again"
	told ''
	rules $word
}

# On a machine whose ports are all used up, and that has settings of its own: it is none of
# the cases' business, and stays as it is.
proves_this_kernel() {
	ready
	small_net
	set_sysctl net.ipv4.ip_local_reserved_ports "$LOW-$((LOW + 9))"
	set_sysctl net.ipv4.tcp_tw_reuse 0
	traffic_bg hold bind --from $B --early-bind --count 20
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 10
	settle
	check_eq "connect() calls that the machine has left" 0 "$(connects $A $R:443)"
	machine >"$TW_TMP/before"
	verify
	machine >"$TW_TMP/after"
	check_right
	check_text "the machine" "$(<"$TW_TMP/before")" "$(<"$TW_TMP/after")"
	if counts; then
		told Y
		rules verified
	else
		told ''
	fi
}

# What nothing may change. The kernel's modules may be there for the first time, and with
# them settings.
machine() {
	ip -o addr show
	sysctl -a 2>/dev/null | grep -E '^net\.(ipv4\.(ip_local|tcp_)|tw_summary)' |
		grep -v 'monitor_late'
	ss -Htan | sort
	ls /tmp $SERVERS/tmp
}

as_json_and_twice_at_once() {
	local first status=0

	ready
	twstat >"$TW_TMP/other" 2>&1 &
	first=$!
	verify --json
	wait $first || status=$?
	check_eq "status of the other one" $STATUS $status
	served /usr/bin/python3 -c '
import json, sys
doc = json.load(sys.stdin)
cases = doc["cases"]
left = {case.get("why", "").split(" (")[0] for case in cases if case["result"] == "left out"}
print(doc["kernel"], doc["verdict"], doc["rules_verified"], *sorted(left))
print(all(one["said"] == one["found"] for case in cases for one in case.get("numbers", ())),
      sum(case["result"] == "right" for case in cases))
print(doc["seconds"])
for case in cases:
    if case["result"] == "left out":
        print("#", case["name"], case["why"])' <"$TW_TMP/said" >"$TW_TMP/json" || abort "no JSON"
	if counts; then
		check_eq "verdict" "$(uname -r) verified Y" "$(sed -n 1p "$TW_TMP/json")"
	else
		check_eq "verdict" "$(uname -r) not verified None the module counts no failures" \
			"$(sed -n 1p "$TW_TMP/json")"
	fi
	check_eq "numbers" "True $(grep -c '^right ' "$TW_TMP/other")" \
		"$(sed -n 2p "$TW_TMP/json")"
	sed -n '/^#/p' "$TW_TMP/json"
	note "two at once took $(sed -n 3p "$TW_TMP/json") s"
}

# Root of a container finds out, and tells nobody: the module is the machine's.
root_of_a_container() {
	ready
	unshare -Ur true 2>/dev/null || skip "no user namespaces"
	STATUS=0
	unshare -Ur chroot $SERVERS /usr/bin/python3 /tools/bin/twstat --verify \
		>"$TW_TMP/said" 2>"$TW_TMP/why" || STATUS=$?
	check_right
	told ''
}

# How many processes are in another network namespace than this one and the initial one
elsewhere() {
	local ours

	ours="$(readlink /proc/self/ns/net) $(readlink /proc/self/fd/9)"
	ls -l /proc/[0-9]*/ns/net 2>/dev/null |
		awk -v ours="$ours" '/net:/ && !index(ours, $NF) { n++ } END { print n + 0 }'
}

# Nobody can tell it to clean up after that.
killed_in_the_middle() {
	local pid before

	ready
	before=$(elsewhere)
	machine >"$TW_TMP/before"
	(exec chroot $SERVERS /usr/bin/python3 /tools/bin/twstat --verify) >"$TW_TMP/said" 2>&1 &
	pid=$!
	wait_for 60 some_more_than "$before" || abort "nothing has begun"
	kill -9 $pid
	wait $pid 2>/dev/null
	check "all processes end" wait_for 60 none_more_than "$before"
	machine >"$TW_TMP/after"
	check_text "the machine" "$(<"$TW_TMP/before")" "$(<"$TW_TMP/after")"
	told ''
}

some_more_than() {
	[ "$(elsewhere)" -ge $(($1 + 3)) ]
}

none_more_than() {
	[ "$(elsewhere)" -le "$1" ]
}

# says STATUS SENTENCE
says() {
	check_eq "status" "$1" $STATUS
	check "it says: $(<"$TW_TMP/why")" grep -qF "$2" "$TW_TMP/why"
	told ''
}

without_root() {
	ready
	STATUS=0
	served /usr/bin/setpriv --reuid 1000 --clear-groups /usr/bin/python3 \
		/tools/bin/twstat --verify >"$TW_TMP/said" 2>"$TW_TMP/why" || STATUS=$?
	says 4 "root only"
	check_eq "what it has tried" "" "$(<"$TW_TMP/said")"
}

without_the_module() {
	ready
	rmmod tw_summary || abort rmmod
	verify
	modprobe tw_summary || abort modprobe
	says 3 "not loaded"
	check_eq "what it has tried" "" "$(<"$TW_TMP/said")"
}

# What the unit does at boot: nothing, for this kernel's branch is tested. Where it is not,
# the unit's rights are enough.
at_boot() {
	local unit=/tools/lib/systemd/system/tw-summary-verify.service rights

	ready
	verify --if-untested
	check_eq "status, and what it says" "0 nothing to do: rules=tested" \
		"$STATUS $(<"$TW_TMP/said")"
	rights=$(sed -n 's/^CapabilityBoundingSet=//p' $unit)
	check "the unit says which" [ -n "$rights" ]
	rights=${rights,,}
	rights=${rights#cap_}
	STATUS=0
	served /usr/bin/setpriv --bounding-set "-all,+${rights// cap_/,+}" \
		--inh-caps -all --no-new-privs /usr/bin/python3 /tools/bin/twstat \
		--verify >"$TW_TMP/said" 2>"$TW_TMP/why" || STATUS=$?
	check_right
}

# Failures may not be left out; VRFs may.
what_is_missing() {
	ready
	keep_param count_failures
	counts && set_param count_failures N
	prevent vrf
	verify
	says 7 "could be tried"
	check_eq "what was left out" "left out: VRFs, bind() calls that fail, \
connect() calls that clash, connect() calls that fail" \
		"$(tail -n 1 "$TW_TMP/said" | sed 's/.*; //')"
	check_eq "what differs" "" "$(grep '^WRONG' "$TW_TMP/said")"
	counts || return 0
	set_param count_failures Y
	verify
	check_eq status 0 $STATUS
	check "VRFs are named: $(tail -n 1 "$TW_TMP/said")" eval \
		'[[ $(tail -n 1 "$TW_TMP/said") == "verified on "*"; left out: VRFs" ]]'
	told Y
}

# prevent MODULE: the kernel does not find it. Once loaded, vrf stays (it has no exit function).
prevent() {
	local helper

	[ ! -e "/sys/module/$1" ] || skip "the module $1 is loaded already, or built in"
	helper=$(</proc/sys/kernel/modprobe)
	at_exit "echo $helper >/proc/sys/kernel/modprobe"
	echo /bin/false >/proc/sys/kernel/modprobe
}

# A case that does not hold, beside one that does.
says_what_differs() {
	ready
	STATUS=0
	served /usr/bin/python3 -c '
import sys
sys.path.insert(0, "/tools/share/tw_summary")
from twstatlib import main, verify
def lies(world):
    world.compare("calls", world.read().header["usable"] + 1, 40)
verify.CASES, verify.ALONE = verify.CASES[:1] + (("a lie", lies),), ()
sys.exit(main.main(["--verify"]))' >"$TW_TMP/said" 2>"$TW_TMP/why" || STATUS=$?
	check_eq status 6 $STATUS
	told N
	rules wrong
	check_eq "the case" "WRONG     a lie: calls: the module says 41, and it is 40" \
		"$(grep -m1 '^WRONG' "$TW_TMP/said")"
	check_eq "the result" "wrong on $(uname -r): a lie" "$(grep '^wrong on' "$TW_TMP/said")"
	check "the kernel is in the text to report" grep -qxF "$(</proc/version)" "$TW_TMP/said"
	check "the table too" grep -q '^ *# ports range=40000-40039' "$TW_TMP/said"
}

# what_is_missing comes first: the others load vrf.
tw_main what_is_missing what_the_header_says proves_this_kernel \
	as_json_and_twice_at_once root_of_a_container killed_in_the_middle without_root \
	without_the_module at_boot says_what_differs
