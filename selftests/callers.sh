#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Which programs call connect() and bind(): who finds no port, and who calls most.
#
# kernels: ends
# on all kernels: failures_are_exact,binders,generator_that_binds_first,port_of_its_own,search_of_every_kind
# debug: failures_are_exact,bounded_memory,on_and_off
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/callers.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/burst.sh"
. "$TW_LIB/cgroups.sh"
needs probe

# calls RESULT COMMAND...: a program whose calls all end like that
calls() {
	local want=$1

	shift
	check_eq "${*##*/}" "$want" "$("$@" 2>&1)"
}

# As systemd makes one for each unit. In $GROUP, its id in $GROUP_ID.
group() {
	cgroup2
	GROUP=$CGROUP_TOP/tw_$1
	mkdir "$GROUP" || abort "cannot make a control group"
	at_exit "wait_for 20 rmdir $GROUP"
	GROUP_ID=$(stat -c %i "$GROUP")
}

# in_group COMMAND...: in $GROUP
in_group() {
	"$BASH" -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$GROUP" "$@"
}

# share_is COMM CALLS OF [REMOTE]: what the table says of a program's calls is within 4
# standard deviations of the truth, if one in OF is chosen at random
share_is() {
	local slack=1

	while [ $((slack * slack)) -lt $((16 * $2 * ($3 - 1))) ]; do
		slack=$((slack + 1))
	done
	check_range "calls of $1" $(($2 - slack)) $(($2 + slack)) \
		"$(caller calls "$1" "${4-}")"
}

# check_age WHAT LEAST BEFORE SECONDS: of what has happened since BEFORE, in ms. Its time is
# kept in whole seconds of the clock.
check_age() {
	check_range "age of $1" "$2" $((($("$TOOL" now) - $3) / 1000 + 1)) "$4"
}

# Two units with a program each. One makes 18,000 of 20,000 calls, in turns with the
# other, and finds no port in the end.
culprit_among_two_units() {
	local i proxy crawler ids=()

	small_net
	sample 16
	group proxy
	proxy=$GROUP
	ids+=("$GROUP_ID")
	program proxy
	group crawler
	crawler=$GROUP
	ids+=("$GROUP_ID")
	program crawler
	for ((i = 0; i < 10; i++)); do
		GROUP=$proxy
		calls "ECONNREFUSED 200" in_group "$TW_TMP/proxy" \
			connect --from $A --to $R:443 --count 200
		GROUP=$crawler
		calls "ECONNREFUSED 1800" in_group "$TW_TMP/crawler" \
			connect --from $A --to $R:443 --count 1800
	done
	callers
	share_is crawler 18000 16
	share_is proxy 2000 16
	check_eq "the first row" crawler "$(first_caller)"
	check_caller "the crawler's control group" "${ids[1]}" cgroup crawler
	check_caller "the proxy's control group" "${ids[0]}" cgroup proxy

	# Who finds no port comes first, whoever has called more often.
	reserve_all
	GROUP=$proxy
	i=$("$TOOL" now)
	calls "EADDRNOTAVAIL 3" in_group "$TW_TMP/proxy" \
		connect --from $A --to $R:443 --count 3
	callers
	check_caller "failures of the proxy" 3 fails proxy
	check_age "the first of them" 0 "$i" "$(caller first proxy)"
	check_age "the last of them" 0 "$i" "$(caller last proxy)"
	check_caller "failures of the crawler" "0 - -" "fails first last" crawler
	check_eq "the first row" proxy "$(first_caller)"
}

# Each failed call is counted in the row of its program and destination, whatever is
# sampled; the sums are those of the other table.
failures_are_exact() {
	local began between

	small_net
	add_addr $A6 $R6
	sample 0
	program one
	program two
	reserve_all
	began=$("$TOOL" now)
	calls "EADDRNOTAVAIL 5" "$TW_TMP/one" connect --from $A --to $R:443 --count 5
	calls "EADDRNOTAVAIL 2" "$TW_TMP/one" connect --from $A --to $R:444 --count 2
	calls "EADDRNOTAVAIL 4" "$TW_TMP/two" connect --from $A --to $R:443 --count 4
	sleep_ms 5000
	between=$("$TOOL" now)
	calls "EADDRNOTAVAIL 1" "$TW_TMP/two" connect --from $A --to $R:443 --count 1
	calls "EADDRNOTAVAIL 3" "$TW_TMP/two" connect --from $A6 --to "[$R6]:443" --count 3
	callers
	check_caller "one to :443" "5 0 $A" "fails calls local" one $R:443
	check_caller "one to :444" 2 fails one $R:444
	check_caller "two to :443" 5 fails two $R:443
	check_caller "two by IPv6" "3 $A6" "fails local" two "[$R6]:443"
	check_age "the first failure" 5 "$began" "$(caller first two $R:443)"
	check_age "the last failure" 0 "$between" "$(caller last two $R:443)"
	check_eq "rows" 4 "$(callers_head rows)"
	snapshot
	check_cell "fail of the pair" 10 out $A $R:443 fail
	check_eq "fails of all" 15 "${TW_HEAD[fails]-}"
}

# The process that called last, as the reader's pid namespace numbers it
pid_of_the_caller() {
	local pid

	small_net
	sample 0
	program alone
	reserve_all
	"$TW_TMP/alone" connect --from $A --to $R:443 --count 1 >/dev/null &
	pid=$!
	wait $pid
	callers
	check_caller "its pid" $pid pid alone
	"$TW_TMP/alone" connect --from $A --to $R:443 --count 1 >/dev/null &
	pid=$!
	wait $pid
	callers
	check_caller "the pid of the last one, and both failures" "$pid 2" \
		"pid fails" alone
}

# A reader in a pid namespace of its own sees the numbers there, and nothing of
# processes outside; a reader outside sees the numbers outside.
pid_namespaces() {
	small_net
	sample 0
	program outside
	reserve_all
	calls "EADDRNOTAVAIL 1" "$TW_TMP/outside" connect --from $A --to $R:443 --count 1
	check "the reader inside" unshare --pid --fork --mount-proc \
		"$BASH" "$0" --inside inside_first
	callers
	check_caller "the one inside has a number outside" 1 fails inside
	check "it is the number inside" \
		[ "$(caller pid inside)" != "$(<"$TW_TMP/pid_inside")" ]
	check_caller "the one outside" 1 fails outside
	# It may have got the inode number of the one that has ended.
	check "the reader in a later one" unshare --pid --fork --mount-proc \
		"$BASH" "$0" --inside inside_later
}

inside_later() {
	callers
	check_eq "rows of processes that it does not see" "1 1" \
		"$(caller fails - | paste -sd' ')"
}

inside_first() {
	local pid

	program inside
	"$TW_TMP/inside" connect --from $A --to $R:443 --count 1 >/dev/null &
	pid=$!
	wait $pid
	echo $pid >"$TW_TMP/pid_inside"
	callers
	check_caller "its pid inside" $pid pid inside
	check_caller "a process outside" "1 - -" "fails pid cgroup" -
}

# bind() with port 0 finds none: its program has a row without a remote.
binders() {
	small_net
	sample 1
	program binder
	reserve_all
	for _ in 1 2 3; do
		calls "binder: bind: Address already in use" "$TW_TMP/binder" \
			connect --from $A --to $R:443 --count 1 --early-bind
	done
	callers
	check_caller "the binder" "3 3 $A" "fails calls local" binder '*'
	check_eq "rows" 1 "$(callers_head rows)"
}

# A program that binds before it connects takes all 1,000 ports. It is found before anybody
# fails, and when another program is the victim: by its bind() calls, and by its connect()
# calls with the ports that it has then.
generator_that_binds_first() {
	small_net
	use_range $LOW $((LOW + 999))
	sample 4
	serve $R 443
	program generator
	program victim
	"$TW_TMP/generator" pairs --external --from $A --to $R:443 --early-bind \
		--count 1000 || abort "the generator fails"
	callers
	share_is generator 1000 4 '*'
	share_is generator 1000 4 $R:443
	check_caller "failures until now" "0 - -" "fails first last" generator '*'
	calls "EADDRNOTAVAIL 3" "$TW_TMP/victim" connect --from $B --to $S:443 --count 3
	callers
	check_eq "the first row" victim "$(first_caller)"
	share_is generator 1000 4 '*'
}

# bind() with a port takes none that the kernel would choose: only connect() counts.
port_of_its_own() {
	small_net
	sample 1
	program chooser
	calls "ECONNREFUSED 5" "$TW_TMP/chooser" connect --from $A:40001 --to $R:443 --count 5
	calls "ECONNREFUSED 2" "$TW_TMP/chooser" connect --from $A:0 --to $R:443 --count 2 \
		--early-bind
	callers
	check_caller "its calls" "0 7" "fails calls" chooser $R:443
	check_caller "its bind() calls" "0 2" "fails calls" chooser '*'
	check_eq "rows" 2 "$(callers_head rows)"
}

# Half of 8,000 ports, which is one parity, is used by a destination. So connect() visits
# all of it before it finds a port, and its calls take several times as long. Time counts
# instructions here.
search_through_one_parity() {
	local early late

	small_net
	use_range 40000 47999
	sample 1
	serve $R 443
	program early
	program late
	calls "connected 40" "$TW_TMP/early" connect --from $A --to $R:443 --count 40
	traffic pairs --external --from $A --to $R:443 --count 3940
	calls "connected 40" "$TW_TMP/late" connect --from $A --to $R:443 --count 40
	callers
	early=$(caller search_us early)
	late=$(caller search_us late)
	check "with few ports in use: ${early:-0} us" [ "${early:-0}" -gt 0 ]
	check "with half of them in use: ${late:-0} us" \
		[ "${late:-0}" -ge $((3 * ${early:-0})) ]
}

# Calls that find no port have looked at all of them; those with a port of their own look
# at none, and no time is taken of calls that are not sampled.
search_of_every_kind() {
	local found none

	small_net
	use_range 40000 41999
	# The first connect() since boot fills a table of random numbers for 20 ms
	# (inet_hashtables.c:__inet_hash_connect(), table_perturb).
	"$TOOL" connect --from $A --to $R:443 --count 1 >/dev/null
	sample 1
	program finds
	program fails
	program binds
	program chooses
	calls "ECONNREFUSED 20" "$TW_TMP/finds" connect --from $A --to $R:443 --count 20
	calls "ECONNREFUSED 20" "$TW_TMP/binds" connect --from $A --to $R:443 --count 20 \
		--early-bind
	calls "ECONNREFUSED 20" "$TW_TMP/chooses" connect --from $A:30001 --to $R:443 \
		--count 20
	reserve_all
	calls "EADDRNOTAVAIL 20" "$TW_TMP/fails" connect --from $A --to $R:443 --count 20
	callers
	found=$(caller search_us finds)
	none=$(caller search_us fails)
	check "a port is found in $found us" [ "$found" -ge 0 ]
	check "none is found in $none us, one in $found" [ "$none" -gt "$found" ]
	check "bind() finds one in $(caller search_us binds '*') us" \
		[ "$(caller search_us binds '*')" -ge 0 ]
	check_caller "connect() after bind()" - search_us binds $R:443
	check_caller "a port of its own" - search_us chooses
	set_param sample_connects 0
	program unseen
	calls "EADDRNOTAVAIL 3" "$TW_TMP/unseen" connect --from $A --to $R:443 --count 3
	callers
	check_caller "not sampled" "3 -" "fails search_us" unseen
}

# A name is one field, whatever is in it.
names() {
	local name

	small_net
	sample 0
	reserve_all
	for name in 'a b' 'back\slash' - $'new\nline'; do
		program "$name"
		calls "EADDRNOTAVAIL 1" "$PROGRAM" connect --from $A --to $R:443 --count 1
	done
	callers
	for name in 'a\\040b' 'back\\134slash' '\\055' 'new\\012line'; do
		check_caller "failures of $name" 1 fails "$name"
	done
	check_eq "fields of all rows" 11 \
		"$(awk '!/^#/ { print NF }' "$TW_TMP/callers" | sort -u)"
}

# refused COMMAND...: the file does not open, for want of a right
refused() {
	! "$@" 2>"$TW_TMP/why" >&2 &&
		grep -qE "Permission denied|Operation not permitted" "$TW_TMP/why"
}

# Names of programs are for who may configure the network.
who_may_read() {
	small_net
	check_eq "mode" 400 "$(stat -c %a $TW_CALLERS)"
	check "user 1000 reads it" refused \
		setpriv --reuid 1000 --regid 1000 --clear-groups cat $TW_CALLERS
	check "root without CAP_NET_ADMIN reads it" refused \
		setpriv --bounding-set -net_admin cat $TW_CALLERS
	# Root of a container sees its own, and not this one. (The file belongs to who is
	# root when the network namespace begins.)
	check_eq "the container's own" 0 "$(setpriv --reuid 1000 --regid 1000 \
		--clear-groups unshare --user --map-root-user unshare --net \
		cat $TW_CALLERS | sed -n 's/.* rows=\([0-9]*\).*/\1/p')"
	check "root of a container reads the host's" refused \
		setpriv --reuid 1000 --regid 1000 --clear-groups \
		unshare --user --map-root-user cat $TW_CALLERS
}

elsewhere() {
	small_net
	program elsewhere
	reserve_all
	calls "EADDRNOTAVAIL 2" "$TW_TMP/elsewhere" \
		connect --from $A --to $R:443 --count 2
	callers
	check_eq "rows there" 1 "$(callers_head rows)"
	check_caller "the one there" 2 fails elsewhere
}

each_namespace_its_own() {
	small_net
	sample 0
	program here
	reserve_all
	calls "EADDRNOTAVAIL 1" "$TW_TMP/here" connect --from $A --to $R:443 --count 1
	new_ns
	check_in_ns "the other namespace" "$NS_PID" elsewhere
	callers
	check_eq "rows here" 1 "$(callers_head rows)"
	check_caller "the one here" 1 fails here
	check_eq netns "$(readlink /proc/self/ns/net)" \
		"net:[$(callers_head netns)]"
}

check_burst() {
	callers
	check_eq "rows and forgotten ones" "$BURST_PAIRS 0" \
		"$(callers_head rows) $(callers_head forgotten)"
	check_eq "rows, and how often each has failed" "$BURST_PAIRS 2" \
		"$(caller fails tw_traffic | sort | uniq -c | xargs)"
}

# A burst from a standing start loses no caller, however late the worker comes.
burst_before_the_worker() {
	sample 0
	burst_in_two_namespaces
	check_burst
	check_in_ns "the other namespace" "$NS_PID" check_burst
}

# 700 names where 512 rows have room; one that has failed stays.
bounded_memory() {
	local i n

	n=$(scaled 700 60)
	wait_for_reserve
	small_net
	sample 1
	program victim
	serve $R 443
	reserve_all
	calls "EADDRNOTAVAIL 1" "$TW_TMP/victim" connect --from $A --to $R:443 --count 1
	reserve_none
	ip route add local 10.77.0.0/16 dev lo || abort "ip route"
	program many
	"$TW_TMP/many" connect --from $A --to 10.77.0.1:443 --count 1 \
		--destinations "$n" >/dev/null
	callers
	check_eq "rows and forgotten ones" $((n + 1)) \
		$(($(callers_head rows) + $(callers_head forgotten)))
	check_eq "rows" $((n + 1 < 512 ? n + 1 : 512)) "$(callers_head rows)"
	check_caller "the one that failed" 1 fails victim
}

on_and_off() {
	small_net
	keep_param count_failures
	sample 1
	program first
	calls "ECONNREFUSED 4" "$TW_TMP/first" connect --from $A --to $R:443 --count 4
	callers
	check_caller "each call is counted" "0 4" "fails calls" first
	set_param sample_connects 0
	calls "ECONNREFUSED 4" "$TW_TMP/first" connect --from $A --to $R:443 --count 4
	callers
	check_caller "none is" 4 calls first
	check_eq sample_connects 0 "$(callers_head sample_connects)"
	set_param count_failures N
	callers
	check_eq "what is known while it is off" "0 - - -" \
		"$(callers_head rows) $(callers_head sample_connects) $(callers_head fails_missed) $(callers_head forgotten)"
	set_param count_failures Y
	callers
	check_eq "rows at first" 0 "$(callers_head rows)"
	for bad in 1000001 -1 x ''; do
		(echo "$bad" >$TW_PARAMS/sample_connects) 2>/dev/null &&
			fail "sample_connects takes '$bad'"
	done
	check_eq "sample_connects after nonsense" 0 "$(<$TW_PARAMS/sample_connects)"
	set_param sample_connects 1000000
}

tw_main culprit_among_two_units failures_are_exact pid_of_the_caller pid_namespaces \
	binders generator_that_binds_first port_of_its_own search_through_one_parity \
	search_of_every_kind names who_may_read each_namespace_its_own bounded_memory \
	burst_before_the_worker on_and_off
