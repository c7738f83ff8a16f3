#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# From a full destination to the alert: Debian's node_exporter, prometheus and alertmanager
# with our unit's command, rules and dashboard.
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
# shellcheck disable=SC2034 # for unpacked.sh
SERVERS=/fleet
. "$TW_LIB/unpacked.sh"
needs fleet probe

SHARE=/tools/share/tw_summary
UNIT=/tools/lib/systemd/system/tw-summary-metrics.service
PROM=/var/lib/prometheus/node-exporter

fleet_ready() {
	unpacked_ready prometheus
	tools_ready
	mkdir -p $SERVERS$PROM
	rm -f $SERVERS$PROM/*
	cp "$TW_LIB/prom.py" $SERVERS/tmp/
	[ -e $SERVERS$SHARE/alerts.yml ] || abort "no $SHARE/alerts.yml"
}

prom() {
	served /usr/bin/python3 /tmp/prom.py "$@"
}

# What the timer starts, once
write_metrics() {
	local command options

	options=$(sed -n 's/^Environment="METRICS_OPTIONS=\(.*\)"$/\1/p' $UNIT)
	command=$(sed -n 's/^ExecStart=//p' $UNIT)
	command=${command/\$METRICS_OPTIONS/$options}
	# shellcheck disable=SC2086 # words
	served /usr/bin/python3 $command
}

# in_background COMMAND...: its output goes to $SERVERS/tmp/COMMAND.log
in_background() {
	served "$@" >"$SERVERS/tmp/${1##*/}.log" 2>&1 &
	remember_pid $!
	disown
}

keep_writing() {
	(
		while [ ! -e $SERVERS/tmp/stop ]; do
			write_metrics
			sleep_ms 3000
		done
	) >/dev/null 2>&1 &
	remember_pid $!
	disown
}

start_fleet() {
	# The rules' own times are tested by promtool; here minutes are seconds.
	sed -e 's/\[5m\]/[20s]/g; s/\[2m:15s\]/[8s:1s]/; s/offset 30s/offset 12s/' \
		-e 's/\[2m\]/[8s]/g; s/offset 2m/offset 8s/' \
		-e 's/for: .*/for: 3s/; s/> 120/> 10/' \
		$SERVERS$SHARE/alerts.yml >$SERVERS/tmp/alerts.yml
	cat >$SERVERS/tmp/prometheus.yml <<-EOF
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: [/tmp/alerts.yml]
		alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:9093"]}]}]}
		scrape_configs:
		  - job_name: node
		    static_configs: [{targets: ["127.0.0.1:9100"]}]
	EOF
	cat >$SERVERS/tmp/alertmanager.yml <<-EOF
		route: {receiver: nobody, group_wait: 1s}
		receivers: [{name: nobody}]
	EOF
	in_background prometheus-node-exporter --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory=$PROM \
		--web.listen-address=127.0.0.1:9100
	in_background prometheus-alertmanager --config.file=/tmp/alertmanager.yml \
		--storage.path=/tmp/alertmanager --cluster.listen-address= \
		--web.listen-address=127.0.0.1:9093
	in_background prometheus --config.file=/tmp/prometheus.yml \
		--storage.tsdb.path=/tmp/prometheus --web.listen-address=127.0.0.1:9090
	prom wait 300 'ephemeral_ports_up == 1' || abort "Prometheus sees no module"
}

# alert_says SECONDS NAME SEVERITY WORDS: with these words in a text of its own
alert_says() {
	prom alert "$1" "$2" "$4" >"$TW_TMP/alert" || fail "no alert $2 that says: $4"
	check_eq "severity of $2" "$3" "$(head -n 1 "$TW_TMP/alert")"
}

full() {
	prom value 'ephemeral_ports_destinations{level="full"}'
}

# But for those that show a trouble that there is not: no bind() failed (B, D of the hosts in
# trouble), nothing closes (E), the module is loaded (G), and no other namespace has sockets.
queries_have_results() {
	check_eq "queries of the dashboard without a result" "" "$(prom panels \
		$SHARE/dashboard.json | grep '^0 ' |
		grep -v '^0 [BDEG] Hosts in trouble\|Time until\|Other network')"
}

# The rules need no guest: tools/tests/alerts_test.py gives them to promtool.
promtool_has_no_complaint() {
	fleet_ready
	small_net
	serve $R 443
	traffic pairs --from $A --to $R:443 --external --count 9
	write_metrics || abort "no metrics"
	served promtool check metrics <$SERVERS$PROM/tw_summary.prom >"$TW_TMP/said" 2>&1
	check_eq "status of promtool check metrics" 0 $?
	check_eq "its complaints" "" "$(<"$TW_TMP/said")"
}

from_full_to_the_alert_and_back() {
	fleet_ready
	small_net
	serve $R 443
	keep_writing
	start_fleet
	check_eq "full destinations at first" 0 "$(full)"
	sleep_ms 22000
	dialer $A $R:443
	dial 60
	"$TOOL" connect --from $A --to $R:443 --count 7 >/dev/null
	alert_says 60 EphemeralPortsUsedUp page "7 calls have failed"
	check "it names the destination" grep -qF "The worst: $A to $R port 443." \
		"$TW_TMP/alert"
	check "EphemeralPortsFewLeft is silent then" prom no-alert 15 EphemeralPortsFewLeft
	check_eq "full destinations" 1 "$(full)"
	check_eq "failures of the destination" 7 "$(prom value \
		"ephemeral_ports_destination_failures_total{remote=\"$R\"}")"
	queries_have_results
	# Nobody calls any more. It is full, and that is a ticket.
	check "EphemeralPortsUsedUp goes on" prom no-alert 100 EphemeralPortsUsedUp
	alert_says 60 EphemeralPortsFewLeft ticket "100% are used from $A to $R port 443."
	# The program closes its connections at once, which is no rate, and TIME_WAIT ends.
	hang_up dial
	check "EphemeralPortsFewLeft goes on" prom no-alert 200 EphemeralPortsFewLeft
	check_eq "pages after the first" 0 "$(prom value \
		'changes(ALERTS_FOR_STATE{alertname="EphemeralPortsUsedUp"}[10m])')"
	check_eq "full destinations then" 0 "$(full)"
	# The timer stops.
	: >$SERVERS/tmp/stop
	alert_says 60 EphemeralPortsStale ticket "tw_summary.prom is"
	# And the module goes.
	rmmod tw_summary || abort "rmmod"
	write_metrics 2>/dev/null
	check_eq "status of the unit's command" 3 $?
	alert_says 60 EphemeralPortsNotWatched ticket "not loaded"
	check_eq up 0 "$(prom value ephemeral_ports_up)"
	check_eq "the host is in trouble, as unwatched" "1 G Hosts in trouble" "$(prom panels \
		$SHARE/dashboard.json | grep 'G Hosts')"
	modprobe tw_summary || abort "modprobe"
}

tw_main promtool_has_no_complaint from_full_to_the_alert_and_back
