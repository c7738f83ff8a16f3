# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reads the events of the monitor from a trace buffer, waits until it has taken
# snapshots, and talks to programs that obey commands, one per line.

TW_DEBUG=/sys/kernel/debug/tw_summary
TW_INTERVAL=/proc/sys/net/tw_summary/monitor_interval_ms

# at_exit COMMAND...: runs when the subtest ends, in any way. The last one runs first.
at_exit() {
	TW_AT_EXIT="$*;${TW_AT_EXIT-}"
	trap 'eval "$TW_AT_EXIT"' EXIT
}

# keep_init_sysctl NAME: the initial namespace gets its value back when the subtest ends
keep_init_sysctl() {
	at_exit nsenter --net=/proc/self/fd/9 sysctl -qw \
		net.tw_summary."$1"="$(nsenter --net=/proc/self/fd/9 \
			cat /proc/sys/net/tw_summary/"$1")"
}

needs_debugfs() {
	[ -e $TW_DEBUG/walk ] || skip "no debugfs at /sys/kernel/debug"
}

# --- the way of the walk ---

TW_WAY=/sys/module/tw_summary/parameters/walk_locked

# walk_locked VALUE: until the subtest ends
walk_locked() {
	local before

	before=$(<$TW_WAY)
	at_exit "echo '$before' >$TW_WAY"
	echo "$1" >$TW_WAY || abort "cannot set walk_locked to '$1'"
}

# under_locks SUBTEST: the subtest again, and all chains are read under their locks
under_locks() {
	local before

	needs_debugfs
	walk_locked Y
	read_walk
	before=${WALK[slots_locked]}
	check_eq "walks read under locks" "yes walk_locked" \
		"${WALK[walk_locked]-} ${WALK[walk_locked_why]-}"
	"$1"
	read_walk
	check "no chain was read under its lock" [ "${WALK[slots_locked]}" -gt "$before" ]
}

# --- events ---

# Makes a trace buffer for this subtest. It is made without record-cmd, which attaches to
# sched_switch (kernel/trace/trace_events.c:__ftrace_event_enable_disable). That would
# patch code twice per subtest which all processors execute, and QEMU's emulation once
# got this wrong.
trace_on() {
	local event record=/sys/kernel/tracing/options/record-cmd before

	[ -d /sys/kernel/tracing/instances ] ||
		skip "no tracefs at /sys/kernel/tracing"
	TRACE=/sys/kernel/tracing/instances/tw_$$
	before=$(<$record) && echo 0 >$record ||
		abort "cannot leave names of tasks out of the trace"
	mkdir $TRACE || abort "cannot make a trace buffer"
	echo "$before" >$record
	at_exit "rmdir $TRACE"
	at_exit "echo 0 >$TRACE/events/tw_summary/enable"
	for event; do
		echo 1 >$TRACE/events/tw_summary/"$event"/enable ||
			abort "cannot switch the event $event on"
	done
}

own_netns() {
	local link

	link=$(readlink /proc/self/ns/net)
	printf '%s\n' "${link//[!0-9]/}"
}

# find_events NAME [NETNS]: lines of that event in this namespace, without what
# the trace buffer puts before them, in $EVENTS.
find_events() {
	local line ns=${2-}

	[ -n "$ns" ] || ns=${TW_OWN_NETNS:=$(own_netns)}
	EVENTS=()
	while read -r line; do
		case $line in
		'#'*) ;;
		*" $1: netns=$ns "*) EVENTS+=("${line#*" $1: "}") ;;
		esac
	done <"$TRACE/trace"
}

events() {
	find_events "$@"
	[ ${#EVENTS[@]} = 0 ] || printf '%s\n' "${EVENTS[@]}"
}

event_count() {
	find_events "$@"
	echo ${#EVENTS[@]}
}

# shellcheck disable=SC2120 # the programs give it, this file does not
# find_changes [ADDRESS:PORT]: the changes of level, each "old>new", in $CHANGES
find_changes() {
	local event old new

	CHANGES=
	find_events tw_level
	for event in "${EVENTS[@]}"; do
		case $event in *" remote=${1+$1 }"*) ;; *) continue ;; esac
		old=${event#* old=} new=${event#* new=}
		CHANGES+="${CHANGES:+ }${old%% *}>${new%% *}"
	done
}

changes() {
	find_changes "$@"
	echo "$CHANGES"
}

changes_are() {
	find_changes
	[ "$CHANGES" = "$1" ]
}

# changed_to LEVEL [ADDRESS:PORT]: by the last change. While many connections go the
# monitor may see levels in between.
changed_to() {
	find_changes "${@:2}"
	case $CHANGES in *">$1") ;; *) return 1 ;; esac
}

# --- the monitor ---

# Switches the monitor on, as often as it can be. The floor for other namespaces is
# lowered for that. The budget is all of a processor: where the host lets a guest wait, each
# snapshot takes long, and 1% would be one in some seconds.
monitor_on() {
	keep_init_sysctl monitor_floor_ms
	init_sysctl monitor_floor_ms 100
	keep_init_sysctl monitor_budget_percent
	init_sysctl monitor_budget_percent 100
	set_sysctl net.tw_summary.monitor_interval_ms 100
}

walk_value() {
	read_walk
	echo "${WALK[$1]-}"
}

# count_looks: the number of snapshots so far, by readers too, in $LOOKS
count_looks() {
	read_walk
	LOOKS=$((${WALK[walks]} + ${WALK[cache_hits]}))
}

looked() {
	count_looks
	[ "$LOOKS" -ge "$1" ]
}

# wait_looks [N]: waits until monitors have taken N more snapshots, each of them started
# after this call, while nobody reads.
wait_looks() {
	count_looks
	wait_for 60 looked $((LOOKS + ${1-2} + 1)) ||
		abort "the monitor does not look"
}

# looks_in MS: snapshots in that time, in $LOOKS
looks_in() {
	local before

	count_looks
	before=$LOOKS
	sleep_ms "$1"
	count_looks
	LOOKS=$((LOOKS - before))
}

# containers N: as many namespaces with a monitor at the floor
containers() {
	local i

	exec {TW_HOLD}<> <(:)
	for ((i = 0; i < $1; i++)); do
		"$TW_SELFTESTS/tw_netns" 900 "$BASH" -c \
			"echo 1000 >$TW_INTERVAL && echo >>$TW_TMP/on; read -ru $TW_HOLD" &
		remember_pid $!
		disown
	done
	wait_for 100 on_are "$1" || abort "not all containers have a monitor"
}

on_are() {
	[ -e "$TW_TMP/on" ] && [ "$(wc -l <"$TW_TMP/on")" = "$1" ]
}

# --- programs that obey commands and answer, one line each ---

declare -A TELL HEAR

# talk_to NAME COMMAND...
talk_to() {
	local name=$1 to from dir

	shift
	dir=$(mktemp -d "$TW_TMP/talk.XXXXXX") || abort "mktemp"
	mkfifo "$dir/to" "$dir/from" || abort "mkfifo"
	"$@" <"$dir/to" >"$dir/from" &
	LAST_PID=$!
	disown
	remember_pid $LAST_PID
	exec {to}>"$dir/to" {from}<"$dir/from"
	TELL[$name]=$to
	HEAR[$name]=$from
}

tell() {
	echo "$2" >&"${TELL[$1]}"
}

# hear NAME: its answer, in $HEARD; false if it has none.
hear() {
	HEARD=
	read -r -t 60 HEARD <&"${HEAR[$1]}"
}

ask() {
	tell "$1" "$2"
	hear "$1" || abort "$1 does not answer '$2'"
}

# hang_up NAME: closes its input, so it ends.
hang_up() {
	local fd=${TELL[$1]}

	exec {fd}>&-
	fd=${HEAR[$1]}
	exec {fd}<&-
}

# dial N [NAME]: hold that many connections
dial() {
	ask "${2-dial}" "$1"
	check_eq "connections held" "$1" "$HEARD"
}

# dialer LOCAL REMOTE [NAME [OPTION...]]: one that dial() can talk to
dialer() {
	talk_to "${3-dial}" "$TOOL" dial --from "$1" --to "$2" "${@:4}"
}
