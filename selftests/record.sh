#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# twstat --record: what it says later is what the table, ss and connect() said at the time, and
# what it costs.
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/callers.sh"
. "$TW_LIB/oracle.sh"

SERVERS=/python
. "$TW_LIB/unpacked.sh"
needs python probe
FILE=/tmp/record.sqlite3
SAME="level free used use% tw fw2 estab syn cwait other reuse reuse_if fail local remote"

ready() {
	unpacked_ready python3
	tools_ready
	rm -f $SERVERS$FILE*
	small_net
}

# Control groups, as the recorder sees them
groups_ready() {
	GROUPS_TOP=$SERVERS/sys/fs/cgroup
	mkdir -p $GROUPS_TOP
	mount -t cgroup2 none $GROUPS_TOP 2>/dev/null || skip "no cgroup2"
	at_exit umount $GROUPS_TOP
	mkdir $GROUPS_TOP/report.service || abort "cannot make a control group"
	at_exit wait_for 20 rmdir $GROUPS_TOP/report.service
}

# in_group COMMAND...: in report.service
in_group() {
	"$BASH" -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - \
		$GROUPS_TOP/report.service "$@"
}

# recorder INTERVAL: in the background, its number in $RECORDER; it has looked once
recorder() {
	(exec chroot $SERVERS /usr/bin/python3 /tools/bin/twstat --record "$1" --file $FILE) \
		2>"$TW_TMP/recorder" &
	RECORDER=$!
	remember_pid $RECORDER
	wait_for 60 looked || abort "nothing was recorded: $(<"$TW_TMP/recorder")"
}

looked() {
	[ -s $SERVERS$FILE ] && twstat --at now >/dev/null 2>&1
}

twstat() {
	served /usr/bin/python3 /tools/bin/twstat --file $FILE "$@"
}

# ask PYTHON ARGS...: of the JSON document on standard input, which is `doc`
ask() {
	local what=$1

	shift
	served /usr/bin/python3 -c "import json, sys
doc = json.load(sys.stdin)
$what" "$@"
}

# Nothing changes for longer than the rate of closing remembers and than an interval; then the
# truth is written down, under this name.
stand_still() {
	settle
	sleep_ms 14000
	snapshot
	columns "$SAME" | grep " $R:443\$" >"$TW_TMP/$1.table"
	ss -Htan dst $R | awk '{ n[$1]++ } END { for (s in n) print s, n[s] }' | sort >"$TW_TMP/$1.ss"
	date +%s >"$TW_TMP/$1.time"
	sleep_ms 2000
}

# check_then NAME: what is recorded of that moment
check_then() {
	local row state

	twstat --at "@$(<"$TW_TMP/$1.time")" --json >"$TW_TMP/$1.json" || abort "twstat --at"
	row=$(ask 'for row in doc["rows"]: print(*(row[name] if row[name] is not None else "-"
	for name in sys.argv[1:]))' $SAME <"$TW_TMP/$1.json" | grep " $R:")
	check_text "the rows of $1" "$(<"$TW_TMP/$1.table")" "$row"
	for state in TIME-WAIT:tw ESTAB:estab; do
		check_eq "$state by ss, $1" \
			"$(sed -n "s/^${state%:*} //p" "$TW_TMP/$1.ss" | grep . || echo 0)" \
			"$(ask "print(sum(row['${state#*:}'] for row in doc['rows']
	if row['remote'].startswith('$R:')))" <"$TW_TMP/$1.json")"
	done
}

level_is() {
	snapshot
	[ "${TW_HEAD[level]}" = "$1" ]
}

counts() {
	snapshot
	[ "${TW_HEAD[fails]-}" != - ]
}

# A destination fills, calls fail, it is over, and the module was away for a while.
as_it_was() {
	local began full over calls=3 fails=0

	ready
	groups_ready
	program report
	# One is of who takes the last port.
	counts && fails=$((calls + 1))
	serve $R 443
	recorder 1
	traffic pairs --from $A --to $R:443 --external --count 30
	stand_still some
	began=$(date +%s)
	traffic_bg try --from $A --to $R:443 --keep-open
	full=$LAST_PID
	stand_still full
	check_eq "calls that find no port" "EADDRNOTAVAIL $calls" \
		"$(in_group "$PROGRAM" connect --from $A --to $R:443 --count $calls)"
	stand_still failed
	end_pid "$full"
	wait_for 90 level_is ok || abort "it is never over"
	over=$(date +%s)
	sleep_ms 3000
	rmmod tw_summary || abort rmmod
	sleep_ms 10000
	modprobe tw_summary || abort modprobe
	sleep_ms 5000
	kill -TERM $RECORDER
	wait $RECORDER
	check_eq "its status" 0 $?
	check_text "what it has said" "twstat: /proc/net/tw_summary is not there: the module tw_summary \
is not loaded (modprobe tw_summary); nothing is recorded until that is over
twstat: recording again" "$(<"$TW_TMP/recorder")"

	for name in some full failed; do
		check_then $name
	done
	twstat --history --since "@$began" --json >"$TW_TMP/history" || abort "twstat --history"
	twstat --history --since "@$began" | sed 's/^/# /'
	check_eq "episodes, and the worst" "1 full 0" \
		"$(ask 'print(len(doc["episodes"]), doc["episodes"][0]["level"],
	doc["episodes"][0]["free"])' <"$TW_TMP/history")"
	check_eq "it begins and ends when it was so" True "$(ask '
from datetime import datetime
def at(text): return datetime.fromisoformat(text).timestamp()
one, began, over = doc["episodes"][0], *map(float, sys.argv[1:])
print(-1 <= at(one["from"]) - began <= 3 and -1 <= at(one["to"]) - over <= 3 or
      (one["from"], one["to"], began, over))' "$began" "$over" <"$TW_TMP/history")"
	check_eq "calls that failed" "$fails" "$(ask 'print(doc["episodes"][0]["failed"].get(
	"connect", 0))' <"$TW_TMP/history")"
	[ $fails = 0 ] || check_eq "who called" "report report.service connect $calls" "$(ask '
print(*doc["episodes"][0]["callers"][0].values())' <"$TW_TMP/history")"
	check_eq "the gap" True "$(ask '
print([gap["why"] for gap in doc["gaps"]][:1] == ["module"] or doc["gaps"])' <"$TW_TMP/history")"
}

# cpu: the nanoseconds that the recorder has run
cpu() {
	awk '{ print $1 }' "/proc/$RECORDER/schedstat"
}

# size: of the file and its log
size() {
	cat $SERVERS$FILE $SERVERS$FILE-wal | wc -c
}

looks() {
	served /usr/bin/python3 -c "import sqlite3; print(sqlite3.connect('$FILE').execute(
	'SELECT max(id) FROM look').fetchone()[0])"
}

# Fifty destinations that change all the time, beside 10,000 sockets. A guest whose clock
# counts instructions has one nanosecond for each of them; a machine does three in that time.
# So three times 0.3% of a processor, and a look every five seconds, are 45 ms here.
what_it_costs() {
	local before first last rows took

	[ -r /proc/self/schedstat ] || skip "no schedstat"
	ready
	set_sysctl net.tw_summary.warn_percent 1
	set_sysctl net.ipv4.tcp_max_tw_buckets 1000000
	use_range $LOW $((LOW + 999))
	ip addr add 10.9.8.1/24 dev lo
	traffic pairs --from $A --to 10.9.8.1:443 --destinations 50 --count 200
	traffic_bg pairs --from $A --to 10.9.8.1:443 --destinations 50 --count 200 --forever \
		--interval-ms 60
	snapshot
	check_range "sockets" 8000 12000 "${TW_HEAD[sockets]}"
	recorder 5
	sleep_ms 6000
	first=$(looks)
	before=$(cpu)
	sleep_ms 40000
	took=$(($(cpu) - before))
	last=$(looks)
	rows=$(twstat --at now --json | ask 'print(sum(row["level"] == "warn"
	for row in doc["rows"]))')
	check_eq "destinations that are not ok" 50 "$rows"
	check_range "looks" 7 9 $((last - first))
	took=$((took / (last - first) / 1000))
	note "a look: $took us, $(($(find /proc -maxdepth 1 -name '[0-9]*' | wc -l))) processes"
	note "$(size) bytes after $last looks"
	check_range "microseconds a look, with one for each thousand instructions" 1 45000 $took
	kill -TERM $RECORDER
	wait $RECORDER
}

tw_main as_it_was what_it_costs
