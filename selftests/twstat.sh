#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# twstat shows what the files say: as JSON, as metrics, to people, of all namespaces, and
# says why if it can't.
#
# kernels: newest
# probe: metrics_equal_the_file,filters_as_in_ss,failed_lately,who_has_used_them_up,who_has_bound_first,live_view
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/callers.sh"
. "$TW_LIB/cgroups.sh"
. "$TW_LIB/servers.sh"
needs servers

twstat() {
	served /usr/bin/python3 /tools/bin/twstat "$@"
}

# As a user who has no rights
twstat_of_a_user() {
	served /usr/bin/setpriv --reuid 1000 --clear-groups /usr/bin/python3 \
		/tools/bin/twstat "$@"
}

# ends_as STATUS SENTENCE COMMAND...: what is printed is one sentence with that in it
ends_as() {
	local want=$1 sentence=$2 said status=0

	shift 2
	said=$("$@" 2>&1 >/dev/null) || status=$?
	check_eq "status of $*" "$want" "$status"
	check_eq "lines of $*" 1 "$(wc -l <<<"$said")"
	check "it says: $said" grep -qF "$sentence" <<<"$said"
}

# One full destination, one with some ports left, and a listener
some_rows() {
	servers_ready
	tools_ready
	small_net
	serve $R 443
	serve $S 443
	traffic pairs --from $A --to $R:443 --external --count 60
	traffic pairs --from $A --to $S:443 --external --count 7
	settle
}

# The file and twstat show the same snapshot.
one_snapshot() {
	init_sysctl cache_ms 60000
	cat $TW_FILE >"$TW_TMP/file"
}

# Another program turns the JSON into the file's words. age_ms goes on.
json_equals_the_file() {
	some_rows
	one_snapshot
	twstat --json >"$TW_TMP/json" || abort "twstat --json"
	served /usr/bin/python3 -c '
import json, sys
doc = json.load(sys.stdin)
def word(value):
    return {None: "-", True: "yes", False: "no"}.get(value, str(value)) \
        if value is None or isinstance(value, bool) else str(value)
for key, value in doc["header"].items():
    print(f"{key}={word(value)}")
print(*doc["rows"][0])
for row in doc["rows"]:
    print(*map(word, row.values()))' <"$TW_TMP/json" | grep -v ^age_ms= >"$TW_TMP/got"
	awk '/^#/ { for (i = 3; i <= NF; i++) print $i; next } { $1 = $1; print }' \
		"$TW_TMP/file" | grep -v ^age_ms= >"$TW_TMP/want"
	check_text "JSON" "$(<"$TW_TMP/want")" "$(<"$TW_TMP/got")"
	check_eq "rows" 2 "$(grep -cE '^(out|in|bound) ' "$TW_TMP/want")"
}

# metric NAME: its value
metric() {
	awk -v name="ephemeral_ports_$1" '$1 == name { print $2 }' "$TW_TMP/metrics"
}

# bind_free ~|!~: of the row with fewest whose address is a wildcard, or is none
bind_free() {
	awk '/^#/ || $1 == "bind_free" { next }
		$NF '"$1"' /^(0\.0\.0\.0|\[::\])$/ { print $1; exit }' /proc/net/tw_sources
}

metrics_equal_the_file() {
	some_rows
	one_snapshot
	use_snapshot "$TW_TMP/file"
	twstat --metrics --per-destination 1 >"$TW_TMP/metrics" || abort "twstat -m"
	check_eq up 1 "$(metric up)"
	check_eq usable "${TW_HEAD[usable]-}" "$(metric usable)"
	check_eq 'sockets in TIME_WAIT' "${TW_HEAD[timewait]-}" \
		"$(metric 'sockets{state="time_wait"}')"
	check_eq "full destinations" 1 "$(metric 'destinations{level="full"}')"
	check_eq worst_free 0 "$(metric worst_free)"
	check_eq connect_failures_total "${TW_HEAD[fails]-}" \
		"$(metric connect_failures_total)"
	check_eq timewait_dropped_total "${TW_HEAD[timewait_dropped]-}" \
		"$(metric timewait_dropped_total)"
	# 0 while there is no snapshot to compare with.
	check "growth" [ -n "$(metric worst_growth_per_second)" ]
	check_eq "bind() calls that will succeed, the worst address and the wildcard" \
		"$(bind_free '!~') $(bind_free '~')" \
		"$(metric worst_bind_free) $(metric wildcard_bind_free)"
	check_eq "the worst destination" 60 "$(metric \
		"destination_timewait{local=\"$A\",remote=\"$R\",port=\"443\"}")"
	check_eq "destinations shown" 1 \
		"$(grep -c '^ephemeral_ports_destination_free{' "$TW_TMP/metrics")"
}

# row_of LEVEL ADDRESS: what matches its row, and not the program in the summary that looks
# longest for a port
row_of() {
	printf '%s\n' "^out $1 .* ${2//./\\.}:443\$"
}

people_see_the_worst_first() {
	local widest

	some_rows
	twstat --width 80 >"$TW_TMP/table" || abort twstat
	widest=$(awk 'length > most { most = length } END { print most }' "$TW_TMP/table")
	check_range "the widest line" 40 80 "$widest"
	check_eq "the first row" full \
		"$(awk '$1 == "level" && $2 == "free" { getline; print $1 }' "$TW_TMP/table")"
	check_eq "of $S" 1 "$(twstat dst $S:443 level ok | grep -c "$(row_of ok $S)")"
	check_eq "of $R" 0 "$(twstat dst $S:443 level ok | grep -c "$(row_of full $R)")"
	check_eq "three times" 3 "$(twstat 0.1 3 | grep -c "$(row_of full $R)")"
}

# remotes FILTER...: of the rows that it leaves
remotes() {
	twstat -H "$@" | awk '{ print $NF }' | xargs
}

# ss finds the same destinations by the same words.
filters_as_in_ss() {
	local filter

	some_rows
	for filter in "dst $R or dst $S" "dport = :443 and not dst $S" "dst $R/24 dport >= 443" \
		"( dst $R | dst $S ) & ! dport != 443" "src $A dst $S:443" "dport != :443"; do
		check_text "$filter" "$(ss -tnH exclude listening "$filter" | awk '{ print $5 }' | sort -u)" \
			"$(twstat -H dir out and "( $filter )" | awk '{ print $NF }' | sort)"
	done
	check_eq "of $R or $S" 2 "$(remotes "dst $R or dst $S" | wc -w)"
	check_eq "no row" "no row matches" "$(twstat dst $B | tail -n 1)"
	check_eq "before a call fails" "" "$(remotes failed)"
	"$TOOL" connect --from $A --to $R:443 --count 1 >/dev/null
	check_eq "after a call to $R has failed" "$R:443" "$(remotes failed)"
	check_eq "the others" "$S:443" "$(remotes "not failed and dir out")"
	check_eq "without rights" 1 "$(twstat_of_a_user -H failed | grep -c "$(row_of full $R)")"
}

# A destination is found for 600 s after its last failure. That another one fails later does
# not bring it back.
failed_lately() {
	servers_ready
	tools_ready
	small_net
	serve $R 443
	dialer $A $R:443
	dial 60
	"$TOOL" connect --from $A --to $R:443 --count 1 >/dev/null
	sleep_ms 590000
	check_eq "after 590 s" $R:443 "$(remotes failed)"
	sleep_ms 20000
	check_eq "after 610 s" "" "$(remotes failed)"
	reserve_all
	"$TOOL" connect --from $A --to $S:443 --count 1 >/dev/null
	reserve_none
	check_eq "its row, which counts the failure still" 1 \
		"$(twstat -H dst $R | awk '$1 == "out"' | wc -l)"
	check_eq "when another one has failed" $S:443 "$(remotes failed)"
	check_eq "without rights" 0 "$(twstat_of_a_user -H failed | grep -c " $R:443")"
}

# What --who says before it comes to who calls most: there, whoever was sampled is named again
below_rows() {
	sed '/^most calls/,$d' "$TW_TMP/who"
}

# The program that found no port, with its control group's name
who_has_used_them_up() {
	some_rows
	cgroup2
	mkdir -p "$CGROUP_TOP/crawler.service" $SERVERS/sys/fs/cgroup
	mount --bind "$CGROUP_TOP" $SERVERS/sys/fs/cgroup || abort "cannot mount cgroups"
	at_exit umount $SERVERS/sys/fs/cgroup
	(
		echo $BASHPID >"$CGROUP_TOP/crawler.service/cgroup.procs"
		exec "$TOOL" connect --from $A --to $R:443 --count 3
	) >/dev/null
	twstat --who dst $R:443 >"$TW_TMP/who" || abort "twstat --who"
	check_eq "what it says" "tw_traffic of crawler.service: 3 failed" \
		"$(below_rows |
			sed -n 's/^ *\(tw_traffic\)\[[0-9]*\]\( of .* failed\).*/\1\2/p')"
	check_eq "as JSON, of this destination alone" "tw_traffic crawler.service 3" \
		"$(twstat --json --who dst $R:443 | served /usr/bin/python3 -c '
import json, sys
for row in json.load(sys.stdin)["callers"]["rows"]:
    if row["fails"]:
        print(row["comm"], row["unit"], row["fails"])')"
	check_eq "of the other one" 0 "$(twstat --json --who dst $S:443 | grep -c crawler)"
	rmdir "$CGROUP_TOP/crawler.service"
}

# The victim below its destination, then who has used the ports up, at the top of a block
who_has_bound_first() {
	servers_ready
	tools_ready
	small_net
	use_range $LOW $((LOW + 999))
	sample 4
	serve $R 443
	program generator
	program victim
	"$TW_TMP/generator" pairs --external --from $A --to $R:443 --early-bind \
		--count 1000 || abort "the generator fails"
	"$TW_TMP/victim" connect --from $B --to $S:443 --count 3 >/dev/null
	twstat --who dst $S:443 >"$TW_TMP/who" || abort "twstat --who"
	check_eq "below the destination" 1 "$(below_rows |
		grep -cE '^ +victim\[[0-9]+\].*: 3 failed')"
	check_eq "who calls most" generator "$(sed -n '/^most calls/{n;s/\[.*//;s/ *//p}' \
		"$TW_TMP/who")"
}

# This one, and another one that has a name but no process
all_namespaces() {
	some_rows
	ip netns add elsewhere || abort "ip netns add"
	at_exit ip netns del elsewhere
	mkdir -p $SERVERS/run/netns
	mount --rbind /run/netns $SERVERS/run/netns || abort "cannot mount /run/netns"
	at_exit umount -l $SERVERS/run/netns
	twstat --all >"$TW_TMP/all" || abort "twstat --all"
	check_eq "the namespace without a process" 1 "$(grep -c '^elsewhere (netns' \
		"$TW_TMP/all")"
	check_eq "the host" 1 "$(grep -c '^host (netns' "$TW_TMP/all")"
	check_eq "our rows" 1 "$(grep -c "$(row_of ok $S)" "$TW_TMP/all")"
	check_eq "namespaces with a match" 1 "$(twstat --all dst $S | grep -c '(netns')"
	check_eq "namespaces as JSON" "$(grep -c '(netns' "$TW_TMP/all")" \
		"$(twstat --all --json | served /usr/bin/python3 -c \
			'import json, sys; print(len(json.load(sys.stdin)))')"
}

# live COMMAND...: twstat --top on a terminal of its own. As soon as the second row is there,
# Enter; as soon as one of the sentences below is there, q twice. Prints the exit status, and
# what was drawn.
live() {
	served /usr/bin/python3 -c '
import os, pty, sys, time
os.environ.update(TERM="linux", COLUMNS="100", LINES="24")
pid, fd = pty.fork()
if not pid:
    os.execv(sys.argv[1], sys.argv[1:])
text, end = b"", time.monotonic() + 60
def wait(*wanted):
    global text
    while not any(words in text for words in wanted) and time.monotonic() < end:
        text += os.read(fd, 4096)
wait(b"10.9.1.2:443")
os.write(fd, b"\r")
wait(b"tw_traffic", b"root only")
os.write(fd, b"qq")
try:
    while True:
        more = os.read(fd, 4096)
        if not more:
            break
        text += more
except OSError:
    pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]),
      *(words for words in ("10.9.1.1:443", "full", "tw_traffic", "root only")
        if words.encode() in text))' "$@"
}

# It draws, Enter asks the module for programs, and it ends at q.
live_view() {
	some_rows
	"$TOOL" connect --from $A --to $R:443 --count 3 >/dev/null
	mkdir -p $SERVERS/dev/pts
	mount -t devpts none $SERVERS/dev/pts || abort "no terminals"
	at_exit umount $SERVERS/dev/pts
	check_eq "status, and what root sees" "0 10.9.1.1:443 full tw_traffic" \
		"$(live /usr/bin/python3 /tools/bin/twstat --top 1)"
	check_eq "what a user sees" "0 10.9.1.1:443 full root only" \
		"$(live /usr/bin/setpriv --reuid 1000 --clear-groups /usr/bin/python3 \
			/tools/bin/twstat --top 1)"
}

# All rules of a file, or none
thresholds_from_a_file() {
	local rules=$SERVERS/tmp/rules

	servers_ready
	tools_ready
	echo '10.9.0.0/16 warn=1 crit=2' >/proc/net/tw_thresholds
	printf '%s\n' '# the backends' '' '10.0.9.0/24:443 warn=50 crit=70  # two racks' \
		'[fd09::1]:443 warn=60 crit=80' >"$rules"
	twstat --load-thresholds /tmp/rules || abort "twstat --load-thresholds"
	check_text "the rules" '[fd09::1/128]:443 warn=60 crit=80
10.0.9.0/24:443 warn=50 crit=70' "$(</proc/net/tw_thresholds)"
	echo '10.0.9.1:99999 warn=1 crit=2' >>"$rules"
	ends_as 1 "/tmp/rules:5: port is not 1 to 65535; no rule was changed" \
		twstat --load-thresholds /tmp/rules
	check_eq "rules that are left" 2 "$(wc -l </proc/net/tw_thresholds)"
	ends_as 4 "written by root only" twstat_of_a_user --load-thresholds /tmp/rules
	: >"$rules"
	twstat --load-thresholds /tmp/rules || abort "twstat --load-thresholds"
	check_eq "rules after an empty file" 0 "$(wc -l </proc/net/tw_thresholds)"
}

says_why_not() {
	some_rows
	twstat_of_a_user --who >"$TW_TMP/who" || abort "twstat --who of a user"
	check_eq "its table" 1 "$(grep -c "$(row_of full $R)" "$TW_TMP/who")"
	check_eq "what it lacks" 1 "$(grep -c 'tw_callers may be read by root only' \
		"$TW_TMP/who")"
	ends_as 4 "root only" twstat_of_a_user --who --json
	ends_as 2 "is not a condition" twstat color red
	rmmod tw_summary || abort "rmmod"
	ends_as 3 "not loaded" twstat
	check_eq "metrics without the module" "ephemeral_ports_up 0" \
		"$(twstat --metrics 2>/dev/null | grep -v '^#')"
	modprobe tw_summary || abort "modprobe"
}

tw_main json_equals_the_file metrics_equal_the_file people_see_the_worst_first \
	filters_as_in_ss failed_lately \
	who_has_used_them_up who_has_bound_first all_namespaces live_view thresholds_from_a_file \
	says_why_not
