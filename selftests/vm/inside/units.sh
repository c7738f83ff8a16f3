#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# units.sh OLD NEW: in a guest that systemd has booted (systemd.sh) and that has loaded the
# module, with these two versions of tw-summary-tools in /packages: what dpkg does to the units
# when it installs, upgrades, removes and purges. TAP, without the plan.
set -u
PROM=/var/lib/prometheus/node-exporter/tw_summary.prom
TIMER=tw-summary-metrics.timer
METRICS=tw-summary-metrics.service
THRESHOLDS=tw-summary-thresholds.service
VERIFY=tw-summary-verify.service
RECORD=tw-summary-record.service
HISTORY=/var/lib/tw_summary/history.sqlite3

# shellcheck source=selftests/vm/inside/points.sh
. /tw/points.sh

install_version() {
	dpkg -i "/packages/tw-summary-tools_$1_all.deb"
}

# state UNIT: "enabled active" and the like; "- inactive" without a unit file
state() {
	local enabled

	enabled=$(systemctl is-enabled "$1" 2>/dev/null)
	echo "${enabled:--} $(systemctl is-active "$1")"
}

# states TIMER THRESHOLDS
states() {
	echo "timer: $(state $TIMER), thresholds: $(state $THRESHOLDS)"
	[ "$(state $TIMER)" = "$1" ] && [ "$(state $THRESHOLDS)" = "$2" ]
}

# The timer's interval is 15 s.
written() {
	local i

	rm -f $PROM
	for ((i = 0; i < 40; i++)); do
		! grep -qs '^ephemeral_ports_up 1$' $PROM || return 0
		sleep 1
	done
	systemctl --no-pager status $TIMER $METRICS
	return 1
}

# is RECORDER: its state
is() {
	state $RECORD
	[ "$(state $RECORD)" = "$1" ]
}

# recorded [NAMESPACE]: the last look is of now, and has that namespace
recorded() {
	local i

	for ((i = 0; i < 40; i++)); do
		! twstat --at now --all --json | grep "${1-host}" |
			grep "\"time\": \"$(date +%Y-%m-%dT%H)" || return 0
		sleep 1
	done
	systemctl --no-pager status $RECORD
	return 1
}

not_written() {
	rm -f $PROM
	sleep 40
	[ ! -e $PROM ]
}

# rules RULE...: those in force
rules() {
	diff <(printf '%s\n' "$@") <(grep -v '^#' /proc/net/tw_thresholds)
}

enable_all() {
	mkdir -p "${PROM%/*}" /etc/tw_summary &&
		echo '10.1.0.0/16 warn=50 crit=60' >/etc/tw_summary/thresholds &&
		systemctl enable --now $TIMER $RECORD && systemctl restart $THRESHOLDS &&
		echo '10.2.0.0/16 warn=70 crit=80' >/proc/net/tw_thresholds
}

# Without a new try every 5 s
wrong_options_end_it() {
	local i now

	echo RECORD_OPTIONS=0 >/etc/tw_summary/record
	systemctl restart $RECORD
	for ((i = 0; i < 30; i++)); do
		now=$(systemctl is-active $RECORD)
		[ "$now" = active ] || break
		sleep 1
	done
	rm /etc/tw_summary/record
	systemctl restart $RECORD
	echo "$now"
	[ "$now" = failed ]
}

install_and_upgrade() {
	step "install $1" install_version "$1"
	check "installed: no metrics until somebody wants them, thresholds when there are some" \
		states "disabled inactive" "enabled inactive"
	check "nor a record" is "disabled inactive"
	step "enable the units" enable_all
	check "enabled: both are active" states "enabled active" "enabled active"
	check "the metrics are written" written
	check "so is the record" recorded
	check "which is root's alone" [ "$(stat -c %a $HISTORY ${HISTORY%/*} | xargs)" = "600 700" ]
	cat /proc/net/tw_thresholds >/tmp/rules
	step "upgrade to $2" install_version "$2"
	check "upgraded: both are as before" states "enabled active" "enabled active"
	check "the metrics are written again" written
	check "the recorder is as before" is "enabled active"
	check "it goes on" recorded
	check "the rules are those of before, those of no file too" \
		diff /tmp/rules /proc/net/tw_thresholds
}

# said_since CURSOR: lines of the journal about the metrics
said_since() {
	journalctl --no-pager -q -o cat -u $TIMER -u $METRICS --after-cursor "$1"
}

cursor() {
	journalctl --no-pager -n 1 -o export | sed -n 's/^__CURSOR=//p'
}

# Each line of a run would be 5,760 a day.
journal_is_quiet() {
	local from

	from=$(cursor)
	written || return
	sleep 20
	said_since "$from"
	[ -z "$(said_since "$from")" ]
}

# Without its folder it cannot write.
journal_has_failures() {
	local from status=0

	from=$(cursor)
	mv ${PROM%/*} ${PROM%/*}.away
	! systemctl start $METRICS || status=1
	mv ${PROM%/*}.away ${PROM%/*}
	said_since "$from" | grep Failed && return $status
}

# in_unit UNIT COMMAND...: the unit runs that instead of its own program; what it says is in
# /run/unit-said
in_unit() {
	local unit=$1 drop_in=/run/systemd/system/$1.d

	shift
	mkdir -p "$drop_in"
	printf '%s\n' '[Service]' StandardOutput=truncate:/run/unit-said ExecStart= \
		"ExecStart=$*" >"$drop_in/test.conf"
	systemctl daemon-reload
	systemctl start "$unit"
	rm -r "$drop_in"
	systemctl daemon-reload
	cat /run/unit-said
}

# as_unit UNIT WANT ARGS...: twstat, in this unit, prints WANT.
as_unit() {
	local unit=$1 want=$2

	shift 2
	in_unit "$unit" "$(command -v twstat)" "$@"
	grep -q "$want" /run/unit-said
}

# A kernel without kprobes follows no calls.
unit_verifies() {
	local all='^verified on ' lacks=': bind() calls that fail, connect() calls that clash'

	[ -e /sys/kernel/debug/kprobes ] ||
		all="; left out$lacks, connect() calls that fail\$"
	as_unit $VERIFY "$all" --verify
}

unit_tells_the_module() {
	local told=/sys/module/tw_summary/parameters/rules_verified

	echo N >$told
	in_unit $VERIFY "/bin/sh -c 'echo Y >$told'"
	grep -q 'rules=verified' /proc/net/tw_summary
}

# exposed UNIT: how much, in tenths, 0 to 100, as systemd judges
exposed() {
	local of

	of=$(systemd-analyze --no-pager security "$1" |
		sed -n 's/.* exposure level.*: *\([0-9.]*\) .*/\1/p')
	echo "# $1: $of" >&2
	echo "${of/./}"
}

# Its program has begun to listen.
listens() {
	local i

	for ((i = 0; i < 60; i++)); do
		! grep -q ' 0A ' "/proc/$(systemctl show -P MainPID "$1")/net/tcp" || return 0
		sleep 1
	done
	return 1
}

hardened() {
	systemd-run -q --unit other -p PrivateNetwork=yes -p User=nobody sleep 1000
	check "the unit sees a namespace of another user's, by name" \
		as_unit $METRICS 'other\.service' --all --json
	# With a socket, so that it counts.
	systemd-run -q --unit listener -p PrivateNetwork=yes -p User=nobody python3 -c \
		'import socket, time; s = socket.socket(); s.listen(); time.sleep(1000)'
	check "a program listens in another namespace" listens listener
	check "the unit has the metrics of that" \
		as_unit $METRICS '^ephemeral_ports_netns_worst_free{.*name="listener.service"' \
		--metrics --all
	check "it may read tw_callers" grep -q '^ephemeral_ports_worst_search_seconds ' $PROM
	check "the metrics' unit is hardened" [ "$(exposed $METRICS)" -le 25 ]
	check "the thresholds' unit too" [ "$(exposed $THRESHOLDS)" -le 25 ]
	check "the recorder's too" [ "$(exposed $RECORD)" -le 25 ]
	check "it sees the program that listens in another namespace" recorded listener.service
	check "wrong options end it for good" wrong_options_end_it
	check "right ones let it go on" recorded
	check "so is the one that tries the kernel's rules" [ "$(exposed $VERIFY)" -le 30 ]
	check "and it can do what it is for" unit_verifies
	check "it may tell the module" unit_tells_the_module
}

remove_and_reinstall() {
	step "remove" dpkg -r tw-summary-tools
	check "removed: both have stopped" states "- inactive" "- inactive"
	check "no metrics are written any more" not_written
	check "the recorder has stopped, and left its record" eval 'is "- inactive" && [ -s $HISTORY ]'
	step "reinstall $1" install_version "$1"
	check "installed again: both are as before" states "enabled active" "enabled active"
	check "the metrics are written again" written
}

not_enabled() {
	step "disable" systemctl disable --now $TIMER $THRESHOLDS
	step "start" systemctl start $TIMER
	step "upgrade" install_version "$1"
	check "upgraded with both disabled, the timer started by hand: they are as before" \
		states "disabled active" "disabled inactive"
	check "the metrics are written again" written
	step "stop" systemctl stop $TIMER
}

nothing_left() {
	local left

	left=$(find /etc/systemd /run/systemd /var/lib/systemd -name '*tw-summary*')
	echo "$left"
	[ -z "$left" ]
}

purge() {
	step "purge" dpkg -P tw-summary-tools
	check "purged: both have stopped" states "- inactive" "- inactive"
	check "nothing of the units is left" nothing_left
	check "nor of the record" eval 'is "- inactive" && [ ! -e ${HISTORY%/*} ]'
	check "the rules of the administrator stay" [ -s /etc/tw_summary/thresholds ]
	step "install $1" install_version "$1"
	check "installed after a purge: as at first" \
		states "disabled inactive" "enabled active"
}

# The module is loaded once more: what was set by sysctl or written to it has gone.
reloaded() {
	modprobe -r tw_summary && modprobe tw_summary &&
		systemctl restart systemd-sysctl.service tw-summary-thresholds.service &&
		monitor_interval_is 7000 && rules '10.1.0.0/16 warn=50 crit=60'
}

# Without debconf asking for a terminal
export DEBIAN_FRONTEND=noninteractive
systemctl is-system-running --wait >/dev/null
install_and_upgrade "$1" "$2"
check "runs leave no line in the journal" journal_is_quiet
check "but those that fail do" journal_has_failures
hardened
remove_and_reinstall "$2"
not_enabled "$2"
purge "$2"
check "loaded once more: one command brings settings and rules back" reloaded
