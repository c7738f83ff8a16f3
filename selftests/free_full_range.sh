#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The default range: 28,232 ports, used up to the last one. connect() tries every port in
# turn once few are left. So the test takes most of them in narrow ranges, which is
# quicker.
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

TW_TIMEOUT=${TW_TIMEOUT:-1200}
STEP=500

# fill LOW HIGH kept|closed: all ports from LOW to HIGH. Those that are kept count as $KEPT.
KEPT=0
fill() {
	local low high

	for ((low = $1; low <= $2; low += STEP)); do
		high=$((low + STEP - 1 < $2 ? low + STEP - 1 : $2))
		use_range $low $high
		if [ "$3" = kept ]; then
			dial $((KEPT += high - low + 1))
		else
			traffic pairs --from $A --to $R:443 --external \
				--count $((high - low + 1))
		fi
	done
	use_range 32768 60999
}

# Resets what is kept, piece by piece. All at once, these segments would be more than loopback
# has room for (netdev_max_backlog). The other ends would close when their process is killed,
# and be orphans, more than tcp_max_orphans. Until the kernel counts them again
# (tcp.c:tcp_orphan_update()), no close() leaves a TIME_WAIT, in the next program neither.
give_back() {
	while [ $KEPT -gt 0 ]; do
		dial $((KEPT -= KEPT < STEP ? KEPT : STEP))
	done
}

default_range() {
	check_eq "the range nobody has changed" "32768 60999" \
		"$(sysctl -n net.ipv4.ip_local_port_range | tr '\t' ' ')"
	small_net
	set_sysctl net.core.somaxconn 65535
	serve $R 443
	serve $S 443
	dialer $A $R:443
	fill 32768 56899 kept
	fill 56900 60899 closed
	traffic_bg pairs --from $A --to $S:443 --external --keep 1
	check_free $A $R:443
	check_eq free 100 "$FREE"
	check_eq tried 28232 "${TW_HEAD[tried]-}"
	check_eq usable 28232 "${TW_HEAD[usable]-}"
	check_cell level crit out $A $R:443 level
	check_cell "free of a destination beside it" 28231 \
		out $A $S:443 free
	give_back
}

tw_main default_range
