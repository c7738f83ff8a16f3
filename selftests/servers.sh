#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Real servers run out of ports: nginx as a proxy in front of another nginx, haproxy with
# source ports of its own, and ab, which makes the requests. What the table foretells is
# what their clients get, and what their logs say.
#
# kernels: newest
# probe: requests_are_foretold,client_that_binds_early
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/callers.sh"
. "$TW_LIB/servers.sh"
needs servers

BACKEND=$R:8080
URL=http://$B/

# 200 ports from the proxy to the backend. The client comes from elsewhere.
backend() {
	servers_ready
	small_net
	use_range 40000 40199
	start_nginx backend <<-EOF
		server { listen $BACKEND; location / { return 200 "ok\n"; } }
	EOF
}

# proxy [UPSTREAM-DIRECTIVE]: HTTP/1.1, and without a pool unless the directive makes one:
# nginx then closes each connection itself, and keeps the TIME_WAIT
proxy() {
	start_nginx proxy <<-EOF
		upstream backend { server $BACKEND; ${1-} }
		server {
			listen $B:80;
			location / {
				proxy_pass http://backend;
				proxy_http_version 1.1;
				proxy_set_header Connection "";
				proxy_bind $A;
			}
		}
	EOF
}

free_now() {
	snapshot
	cell out $A $BACKEND free
}

# As many requests succeed as the table says; nginx's log and the table agree on the rest.
requests_are_foretold() {
	local free

	backend
	proxy
	check_eq "requests that succeed at first" 60 "$(requests 60 $URL)"
	free=$(free_now)
	check_eq "free after 60 requests" 140 "$free"
	check_eq "requests that succeed of 200" "$free" "$(requests 200 $URL)"
	snapshot
	check_cell "the row" "full 0 200 60" out $A $BACKEND level free used fail
	check_eq "lines in nginx's log" 60 "$(no_port_in_log proxy)"
	check_eq fails 60 "${TW_HEAD[fails]-}"
	callers
	check_caller "what tw_callers says of nginx" 60 fails nginx $BACKEND
}

# tcp_tw_reuse=1 brings as many requests as reuse_if says.
reuse_if_is_foretold() {
	local gain

	backend
	proxy
	requests 200 $URL >/dev/null
	check_eq free 0 "$(free_now)"
	check_eq "a request without a port" 0 "$(requests 1 $URL)"
	# When the youngest TIME_WAIT may be taken over
	sleep_ms 3000
	snapshot
	gain=$(cell out $A $BACKEND reuse_if)
	check_eq reuse_if 200 "$gain"
	set_sysctl net.ipv4.tcp_tw_reuse 1
	check_eq "free with tcp_tw_reuse=1" "$gain" "$(free_now)"
	check_eq "requests that succeed" "$gain" "$(requests "$gain" $URL)"
}

# A pool of connections in the upstream block ends it.
keepalive_ends_it() {
	backend
	proxy
	requests 200 $URL >/dev/null
	check_eq "a request without a port" 0 "$(requests 1 $URL)"
	proxy "keepalive 4;"
	# The ports come back when their TIME_WAITs end: where HZ is 100 up to 5.1 s late, a step
	# of the timer wheel (timer.c).
	sleep_ms 66000
	check_eq "requests that succeed of 500" 500 "$(requests 500 $URL)"
	snapshot
	check_cell "the row" "ok 1 0 1" out $A $BACKEND level used tw estab
}

# haproxy binds the ports from its own list. They are inside the range, so they are lost
# for others while they are in use: `bound` counts them, and connect() agrees.
haproxy_with_source_ports() {
	backend
	cat >$SERVERS/tmp/haproxy.cfg <<-EOF
		defaults
			mode http
			timeout connect 5s
			timeout client 60s
			timeout server 60s
			option http-keep-alive
			http-reuse never
		listen proxy
			bind $B:80
			server backend $BACKEND source $A:40100-40149
	EOF
	# Its process is the one that is remembered, and it holds nobody's output open.
	(exec chroot $SERVERS haproxy -f /tmp/haproxy.cfg) >"$TW_TMP/haproxy" 2>&1 &
	remember_pid $!
	wait_for 20 listens 80 || abort "haproxy does not start"
	# Clients that keep their connections keep those of haproxy to the backend.
	hold_requests 20
	snapshot
	check_eq "bound: the ports of haproxy" 20 "${TW_HEAD[bound]-}"
	check_eq usable 180 "${TW_HEAD[usable]-}"
	serve $R 443
	dialer $A $R:443
	dial 7
	check_free $A $R:443
	check_eq "what was free" 173 "$FREE"
}

# listens PORT
listens() {
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

# hold_requests N: so many clients that ask once and keep the connection open
hold_requests() {
	local i fd

	for ((i = 0; i < $1; i++)); do
		exec {fd}<>/dev/tcp/$B/80 || abort "cannot connect to haproxy"
		printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&"$fd"
		read -rt 20 -u "$fd" REPLY || abort "haproxy does not answer"
	done
}

# `ab -B` calls bind() before connect(): when it finds no port, connect() is never called.
client_that_binds_early() {
	backend
	reserve_all
	check_eq "requests that succeed" 0 "$(requests 1 -B $A "http://$BACKEND/")"
	check "ab says why: $(tail -n 1 "$TW_TMP/ab")" \
		grep -q "Address already in use" "$TW_TMP/ab"
	snapshot
	check_eq bind_fails 1 "${TW_HEAD[bind_fails]-}"
	check_eq fails 0 "${TW_HEAD[fails]-}"
	callers
	check_caller "ab in tw_callers" 1 fails ab '*'
}

tw_main requests_are_foretold reuse_if_is_foretold keepalive_ends_it \
	haproxy_with_source_ports client_that_binds_early
