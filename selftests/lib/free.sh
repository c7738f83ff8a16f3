# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Compares the column `free` with what the kernel does: read it, then call connect()
# until it fails.

# Addresses that net.ipv4.tcp_tw_reuse=2 does not take for loopback.
A=10.9.0.1
B=10.9.0.2
R=10.9.1.1
S=10.9.1.2
A6=fd09::1
R6=fd09::11

# A small range, so that it is soon used up, with an even number of ports, so that
# connect() tries all of them.
LOW=40000
HIGH=40059

use_range() {
	echo "$1 $2" >/proc/sys/net/ipv4/ip_local_port_range ||
		abort "cannot set the range to $1 $2"
}

# After this no connect() finds a port, whatever its destination.
reserve_all() {
	local low high

	read -r low high </proc/sys/net/ipv4/ip_local_port_range
	echo "$low-$high" >/proc/sys/net/ipv4/ip_local_reserved_ports ||
		abort "cannot reserve ports"
}

reserve_none() {
	echo >/proc/sys/net/ipv4/ip_local_reserved_ports
}

# Most subtests begin with this. It calls ip once only, to save processes.
small_net() {
	printf 'addr add %s/32 dev lo\n' $A $B $R $S | ip -batch - ||
		abort "cannot add the addresses"
	use_range $LOW $HIGH
}

# A listener in the background. A connect() without a listener loses its port at once,
# and there would be nothing to count.
serve() {
	traffic_bg serve "$1" "$2"
}

# connects LOCAL REMOTE [TRY-OPTION...]: how many connect() calls succeed now.
# LOCAL is written as in the table, with the device if there is one.
connects() {
	local local=$1 remote=$2

	shift 2
	case $local in *%*) set -- --dev "${local#*%}" "$@" ;; esac
	"$TOOL" try --from "${local%%%*}" --to "$remote" "$@" || abort "cannot connect from $local to $remote"
}

# check_free LOCAL REMOTE [TRY-OPTION...]: `free` is the number of connect() calls that
# succeed. It is in $FREE afterwards.
check_free() {
	check_free_within 0 "$@"
}

# check_free_within N LOCAL REMOTE [TRY-OPTION...]
check_free_within() {
	local within=$1 got

	shift
	snapshot
	find_cells out "$1" "$2" free
	FREE=$CELLS
	case $FREE in
	'' | *[!0-9]*)
		fail "no number of free ports from $1 to $2, but '$FREE'"
		return 1
		;;
	esac
	check_outlook "$1" "$2"
	got=$(connects "$@")
	if [ "$within" = 0 ]; then
		check_eq "free from $1 to $2 is what connect() finds" \
			"$got" "$FREE"
	else
		check_range "free from $1 to $2 within $within of $got" \
			$((got - within)) $((got + within)) "$FREE"
	fi
}

# use% and level follow from free and the ports that are tried and not reserved.
check_outlook() {
	local tried=${TW_HEAD[tried]} reserved=${TW_HEAD[reserved]} open used tenths=1000 level=ok

	open=$((tried - reserved))
	used=$((open - FREE))
	[ "$open" = 0 ] || tenths=$((1000 * used / open))
	[ $((100 * used)) -lt $((80 * open)) ] || level=warn
	[ $((100 * used)) -lt $((95 * open)) ] || level=crit
	[ "$FREE" != 0 ] || level=full
	check_cell "use% and level from $1 to $2" \
		"$((tenths / 10)).$((tenths % 10)) $level" \
		out "$1" "$2" use% level
}

# A destination without a socket has no row: `usable` in the header is for it.
check_usable() {
	local got

	snapshot
	got=$(connects "$@")
	check_eq "usable is what connect() finds from $1 to $2" \
		"$got" "${TW_HEAD[usable]-}"
}

# kernel_at_least MAJOR MINOR
kernel_at_least() {
	local major minor

	IFS=. read -r major minor _ < <(uname -r)
	[ "$major" -gt "$1" ] ||
		{ [ "$major" = "$1" ] && [ "${minor%%[!0-9]*}" -ge "$2" ]; }
}
