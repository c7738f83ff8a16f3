# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Debian's nginx, haproxy and ab, which a guest has in /servers.

SERVERS=/servers
. "$TW_LIB/unpacked.sh"

servers_ready() {
	unpacked_ready nginx
}

# start_nginx NAME: with the part http {} of its configuration on standard input. Again:
# with a new configuration.
start_nginx() {
	local name=$1

	cat >$SERVERS/tmp/"$name".conf <<-EOF
		daemon on; pid /tmp/$name.pid; worker_processes 1; user root;
		error_log /tmp/$name.log warn;
		events { worker_connections 512; }
		http { access_log off; $(cat) }
	EOF
	if [ -s $SERVERS/tmp/"$name".pid ]; then
		served nginx -c /tmp/"$name".conf -s stop 2>/dev/null
		wait_for 20 nginx_is_gone "$name" || abort "nginx does not stop"
	else
		at_exit "served nginx -c /tmp/$name.conf -s stop 2>/dev/null"
	fi
	served nginx -c /tmp/"$name".conf || abort "nginx $name does not start"
}

nginx_is_gone() {
	! [ -e $SERVERS/tmp/"$1".pid ]
}

# requests N [AB-OPTION...] URL: one after the other; how many were answered well
requests() {
	local n=$1 line complete=0 bad=0

	shift
	served ab -q -k -c 1 -n "$n" "$@" >"$TW_TMP/ab" 2>&1
	while read -r line; do
		case $line in
		'Complete requests:'*) complete=${line##* } ;;
		'Non-2xx responses:'*) bad=${line##* } ;;
		esac
	done <"$TW_TMP/ab"
	echo $((complete - bad))
}

# How often nginx NAME says that it found no port
no_port_in_log() {
	grep -cF '(99: Cannot assign requested address)' $SERVERS/tmp/"$1".log
}
