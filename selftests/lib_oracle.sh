# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the table must say, worked out from ss and from /proc/net/tcp{,6}.
# Both are turned into lines "STATE LOCAL LPORT REMOTE RPORT", where an
# IPv4-mapped address is an IPv4 address and a device follows after "%".

sockets_proc() {
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
		function hex(s,   i, n) {
			n = 0
			for (i = 1; i <= length(s); i++)
				n = n * 16 + index("0123456789ABCDEF", \
						   substr(s, i, 1)) - 1
			return n
		}
		function v4(s) {
			return hex(substr(s, 7, 2)) "." hex(substr(s, 5, 2)) \
			       "." hex(substr(s, 3, 2)) "." hex(substr(s, 1, 2))
		}
		# Groups of four digits, the longest run of zeros left out.
		function v6(s,   i, g, run, best, at, out) {
			for (i = 0; i < 4; i++) {
				g[2 * i] = hex(substr(s, 8 * i + 7, 2) \
					       substr(s, 8 * i + 5, 2))
				g[2 * i + 1] = hex(substr(s, 8 * i + 3, 2) \
						   substr(s, 8 * i + 1, 2))
			}
			best = 1
			at = -1
			run = 0
			for (i = 0; i < 8; i++) {
				run = g[i] ? 0 : run + 1
				if (run > best) {
					best = run
					at = i - run + 1
				}
			}
			out = ""
			for (i = 0; i < 8; i++) {
				if (i == at) {
					out = out "::"
					i += best - 1
					continue
				}
				if (out != "" && out !~ /:$/)
					out = out ":"
				out = out sprintf("%x", g[i])
			}
			return out
		}
		function address(s) {
			if (s in known)
				return known[s]
			if (length(s) == 8)
				known[s] = v4(s)
			else if (substr(s, 1, 24) == "0000000000000000FFFF0000")
				known[s] = v4(substr(s, 25))
			else
				known[s] = v6(s)
			return known[s]
		}
		BEGIN {
			state["01"] = "estab"
			state["03"] = "request"
			state["05"] = "fw2"
			state["06"] = "tw"
			state["0A"] = "listen"
			state["0C"] = "request"
		}
		$1 !~ /^[0-9]+:$/ { next }
		{
			split($2, l, ":")
			split($3, r, ":")
			print(($4 in state ? state[$4] : "other"), \
			      address(l[1]), hex(l[2]), address(r[1]), hex(r[2]))
		}'
}

sockets_ss() {
	ss -Htan | awk '
		# 10.0.0.1%dev:80, [fe80::1]%dev:80, [::ffff:10.0.0.1]:80, *:80
		function part(s,   colon, host, dev) {
			colon = 0
			while (match(substr(s, colon + 1), ":"))
				colon += RSTART
			port = substr(s, colon + 1)
			host = substr(s, 1, colon - 1)
			dev = ""
			if (match(host, "%")) {
				dev = substr(host, RSTART)
				host = substr(host, 1, RSTART - 1)
			}
			gsub(/[][]/, "", host)
			sub(/^::ffff:/, "", host)
			return host dev
		}
		BEGIN {
			state["ESTAB"] = "estab"
			state["SYN-RECV"] = "request"
			state["FIN-WAIT-2"] = "fw2"
			state["TIME-WAIT"] = "tw"
			state["LISTEN"] = "listen"
		}
		$1 == "UNCONN" { next }
		{
			l = part($4)
			lport = port
			r = part($5)
			# A device is shown at one end only.
			sub(/%.*/, "", r)
			print(($1 in state ? state[$1] : "other"), l, lport, r, port)
		}'
}

# expected_rows SOURCE: the rows as "dir local remote used tw fw2 estab other"
expected_rows() {
	local low high

	read -r low high </proc/sys/net/ipv4/ip_local_port_range
	"$1" | awk -v low="$low" -v high="$high" '
		function with_port(a, p,   dev) {
			if (a !~ /:/)
				return a ":" p
			return "[" a "]:" p
		}
		$1 == "listen" { listens[$3] = 1; next }
		{ line[++n] = $0 }
		END {
			for (i = 1; i <= n; i++) {
				split(line[i], f, " ")
				if (f[1] == "request" || f[3] in listens)
					key = "in " with_port(f[2], f[3]) " *"
				else if (f[3] < low + 0 || f[3] > high + 0)
					key = "bound " with_port(f[2], f[3]) " *"
				else
					key = "out " f[2] " " with_port(f[4], f[5])
				keys[key] = 1
				if (key ~ /^out/ && !((key, f[3]) in port)) {
					port[key, f[3]] = 1
					used[key]++
				}
				if (f[1] == "request")
					f[1] = "other"
				count[key, f[1]]++
			}
			for (key in keys)
				print key, (key ~ /^out/ ? used[key] : "-"), \
				      count[key, "tw"] + 0, \
				      count[key, "fw2"] + 0, \
				      count[key, "estab"] + 0, \
				      count[key, "other"] + 0
		}' | sort
}

expected_header() {
	"$1" | awk '
		$1 == "listen" { next }
		{ n[$1]++; all++ }
		END {
			print "sockets", all + 0
			print "timewait", n["tw"] + 0
			print "fin_wait2", n["fw2"] + 0
			print "established", n["estab"] + 0
			print "other", n["other"] + n["request"] + 0
		}'
}

actual_header() {
	local key

	for key in sockets timewait fin_wait2 established other; do
		echo "$key $(header $key)"
	done
}

# Every row and every sum against one oracle. Sockets may end by themselves
# while we look (that is what timers are for), so the oracle is asked before
# and after, and only an answer that stood still is compared.
check_against() {
	local tries=20 before after

	before=$(expected_rows "$1"; expected_header "$1")
	while :; do
		snapshot
		after=$(expected_rows "$1"; expected_header "$1")
		[ "$before" != "$after" ] || break
		before=$after
		[ $((tries -= 1)) -gt 0 ] || abort "the sockets never stand still"
	done
	check_text "rows and sums by $1" "$after" \
		"$(columns "$TW_COUNTS" | sort; actual_header)"
}

# /proc/net/tcp has no devices: only ss can judge device-bound sockets.
check_table() {
	check_against sockets_ss
	check_against sockets_proc
}

# expect_row DIR LOCAL REMOTE "TW FW2 ESTAB OTHER"
expect_row() {
	check_eq "row $1 $2 $3 (tw fw2 estab other)" "$4" \
		"$(columns "$TW_KEY tw fw2 estab other" |
		   awk -v k="$1 $2 $3" '$1 " " $2 " " $3 == k { print $4, $5, $6, $7 }')"
}

# FIN_WAIT1, LAST_ACK, CLOSING: on the way to another state by the kernel's
# own hand. With none of them left, counts stay as they are.
settled() {
	! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk '$4 ~ /^(04|09|0B)$/ { found = 1 } END { exit !found }'
}

settle() {
	wait_for 30 settled || abort "connections do not settle"
}
