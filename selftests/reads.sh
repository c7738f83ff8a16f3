#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# One open file shows one snapshot, however it is read; offset 0 takes a
# new one.
#
# kernels: newest
# on all kernels: pieces_of_7,pread_pieces_of_100,changes_in_the_middle,taken_at_open
# on the oldest kernel: cache_in_a_crowd
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"

A=10.9.0.1
B=10.9.0.2

# Enough rows for several pages of text: an out and an in row for each
# destination. Open connections, which no timer ends on a slow machine.
many_rows() {
	add_addr $A $B
	ip route add local 10.77.0.0/16 dev lo
	traffic_bg pairs --from $A --to 10.77.0.1:443 --keep 1 \
		--destinations "$(scaled 200 50)"
}

# What may differ between two reads of the same state: times and ages.
# Columns are as wide as their widest number, so blanks go too.
timeless() {
	awk '
		/^#/ {
			gsub(/(age_ms|walk_us)=[0-9]+/, "time")
			print
			next
		}
		!n {
			n = NF
			for (i = 1; i <= n; i++)
				if ($i ~ /^(close\/s|next|eta)$/)
					hide[i] = 1
		}
		{
			for (i in hide)
				$i = "time"
			$1 = $1
			print
		}' "$@"
}

in_pieces_of() {
	many_rows
	timeless $TW_FILE >"$TW_TMP/whole"
	check "several pages" [ "$(wc -c <$TW_FILE)" -gt 8192 ]
	traffic read --chunk "$@" $TW_FILE >"$TW_TMP/pieces"
	timeless "$TW_TMP/pieces" >"$TW_TMP/joined"
	check_text "read in pieces of $*" "$(<"$TW_TMP/whole")" \
		"$(<"$TW_TMP/joined")"
	use_snapshot "$TW_TMP/pieces"
	check_wellformed
}

pieces_of_1() { in_pieces_of 1; }
pieces_of_7() { in_pieces_of 7; }
pieces_of_4096() { in_pieces_of 4096; }
piece_of_a_megabyte() { in_pieces_of 1048576; }
pread_pieces_of_100() { in_pieces_of 100 --pread; }

# Back and forth in one open file: the same bytes.
backwards() {
	many_rows
	check "pieces of 1000 backwards" \
		"$TOOL" read --chunk 1000 --recheck $TW_FILE >/dev/null
	check "pieces of 4096 backwards" \
		"$TOOL" read --chunk 4096 --recheck $TW_FILE >/dev/null
}

# Everything changes between two reads of the file: the reader does not see it.
changes_in_the_middle() {
	many_rows
	timeless $TW_FILE >"$TW_TMP/before"
	"$TOOL" read --chunk 512 --stop-after 3000 --again $TW_FILE --command \
		"$TOOL pairs --from $B --to 10.77.9.1:444 --count 1 --destinations 50" \
		>"$TW_TMP/both" || abort "cannot read"
	sed '/^=== again/,$d' "$TW_TMP/both" >"$TW_TMP/first"
	sed '1,/^=== again/d' "$TW_TMP/both" >"$TW_TMP/second"
	check_text "the snapshot of open" "$(<"$TW_TMP/before")" \
		"$(timeless "$TW_TMP/first")"
	use_snapshot "$TW_TMP/first"
	check_wellformed
	use_snapshot "$TW_TMP/second"
	check_wellformed
	check_eq "new rows after lseek to 0" 50 \
		"$(columns local | grep -cx $B)"
}

# The snapshot is that of open(), not that of the first read.
taken_at_open() {
	add_addr $A
	exec 5<$TW_FILE
	traffic pairs --from $A --to $A:443 --count 3
	cat <&5 >"$TW_TMP/old"
	exec 5<&-
	use_snapshot "$TW_TMP/old"
	check_eq "sockets when it was opened" 0 "${TW_HEAD[sockets]-}"
	snapshot
	check_eq "sockets now" 3 "${TW_HEAD[sockets]-}"
}

# Two open files have a snapshot each.
two_open_files() {
	add_addr $A
	exec 5<$TW_FILE
	traffic pairs --from $A --to $A:443 --count 3
	exec 6<$TW_FILE
	traffic pairs --from $A --to $A:443 --count 3
	cat <&6 >"$TW_TMP/six"
	cat <&5 >"$TW_TMP/five"
	use_snapshot "$TW_TMP/five"
	check_eq "sockets of the first file" 0 "${TW_HEAD[sockets]-}"
	use_snapshot "$TW_TMP/six"
	check_eq "sockets of the second file" 3 "${TW_HEAD[sockets]-}"
}

# open_files N: they are in ${fds[@]}. Of all but the first the beginning has been read.
open_files() {
	local fd

	fds=()
	while [ ${#fds[@]} -lt "$1" ]; do
		exec {fd}<$TW_FILE
		[ ${#fds[@]} = 0 ] ||
			dd bs=100 count=1 <&"$fd" 2>/dev/null >"$TW_TMP/start.$fd"
		fds+=("$fd")
	done
}

close_files() {
	local fd

	for fd in "${fds[@]}"; do
		exec {fd}<&-
	done
}

# memory_of N: how much memory the module holds with N open files more than with one, in
# $MEMORY. (The latest snapshot is held in any case.) False if memory of others has come or
# gone meanwhile: what namespaces of earlier subtests held goes a while after they have
# ended.
memory_of() {
	local before

	before=$(walk_value bytes_held)
	open_files "$1"
	MEMORY=$(($(walk_value bytes_held) - before))
	close_files
	[ "$(walk_value bytes_held)" = "$before" ]
}

# Of 80 files that are left open 64 have a snapshot. One that is older is read from the
# start like any other, but not from the middle.
files_left_open() {
	local fd fds=() one

	needs_debugfs
	many_rows
	snapshot
	wait_for 20 memory_of 2 || abort "bytes_held never stands still"
	one=$MEMORY
	wait_for 20 memory_of 80 || abort "bytes_held never stands still"
	check_range "memory of 80 snapshots of $one bytes" $((64 * one)) $((65 * one)) \
		$((MEMORY + one))
	open_files 80
	cat <&"${fds[0]}" >"$TW_TMP/old" || fail "a file that was never read cannot be"
	use_snapshot "$TW_TMP/old"
	check_wellformed
	check "the middle of an old file is read" \
		eval '! cat <&"${fds[1]}" >/dev/null 2>"$TW_TMP/error"'
	check_eq "the error" "Stale file handle" "$(sed 's/.*: //' "$TW_TMP/error")"
	fd=${fds[79]}
	cat <&"$fd" >>"$TW_TMP/start.$fd" || fail "the newest file cannot be read on"
	use_snapshot "$TW_TMP/start.$fd"
	check_wellformed
	close_files
}

unchanged_state_reads_the_same() {
	many_rows
	traffic_bg pairs --from $A --to 10.77.0.1:444 --keep 5 --fin-wait2 5 \
		--half-open 5 --count 5
	settle
	# After a second connect() may take over a TIME_WAIT: reuse_if does not change then.
	sleep_ms 2100
	timeless $TW_FILE >"$TW_TMP/one"
	timeless $TW_FILE >"$TW_TMP/two"
	check_text "two reads" "$(<"$TW_TMP/one")" "$(<"$TW_TMP/two")"
}

# Readers share a snapshot that is younger than cache_ms.
cache_is_shared() {
	add_addr $A
	init_sysctl cache_ms 60000
	snapshot
	traffic pairs --from $A --to $A:443 --count 3
	snapshot
	check_eq "sockets in the cached snapshot" 0 "${TW_HEAD[sockets]-}"
	init_sysctl cache_ms 0
	snapshot
	check_eq "sockets without a cache" 3 "${TW_HEAD[sockets]-}"
}

# Many more readers than processors, none of which ever rests, cause no more snapshots
# than one a cache_ms, although each of them is late.
cache_in_a_crowd() {
	local i before took gate

	needs_debugfs
	! grep -q 'User Mode Linux' /proc/cpuinfo ||
		skip "in User-mode Linux time stands still while readers never rest"
	add_addr $A
	init_sysctl cache_ms 100
	traffic pairs --from $A --to $A:443 --count 500
	# They begin when nobody has the gate open for writing any more.
	mkfifo "$TW_TMP/gate" && exec {gate}<>"$TW_TMP/gate" || abort "no gate"
	for ((i = 0; i < 40; i++)); do
		(exec >/dev/null 2>&1 3<"$TW_TMP/gate" {gate}>&-
			read -ru 3
			while :; do mapfile -t TEXT <$TW_FILE; done) &
		remember_pid $!
	done
	exec {gate}>&-
	took=${EPOCHREALTIME/./}
	before=$(walk_value walks)
	sleep_ms 700
	i=$(($(walk_value walks) - before))
	took=$(((${EPOCHREALTIME/./} - took) / 1000))
	note "$i snapshots in $took ms"
	check_range "snapshots" 3 $((took / 100 + 2)) $i
}

# Another namespace never gets it.
cache_is_of_one_namespace() {
	add_addr $A
	init_sysctl cache_ms 60000
	traffic pairs --from $A --to $A:443 --count 3
	snapshot
	check_eq "sockets here" 3 "${TW_HEAD[sockets]-}"
	new_ns
	snapshot /proc/$NS_PID/net/tw_summary
	check_eq "sockets there" 0 "${TW_HEAD[sockets]-}"
}

tw_main pieces_of_1 pieces_of_7 pieces_of_4096 piece_of_a_megabyte \
	pread_pieces_of_100 backwards changes_in_the_middle taken_at_open \
	two_open_files files_left_open unchanged_state_reads_the_same cache_is_shared \
	cache_in_a_crowd cache_is_of_one_namespace
