# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reads /proc/net/tw_summary as a script should: values of the header by key, columns by
# name.
#
# A small table is kept in shell variables, because starting a process costs far more
# than reading a line. awk reads a large one.

TW_MANY_ROWS=200

SNAP=
declare -A TW_HEAD TW_AT
TW_LINES=() TW_ROWS=()

# Takes a snapshot; what holds for every one of them is checked (wellformed.sh). Each
# process has a file of its own: a subshell's snapshot does not replace its parent's.
snapshot() {
	local from=${1:-$TW_FILE} file=$TW_TMP/snapshot.$BASHPID lines

	# The shell reads a small table itself. A large one takes it longer than cat.
	mapfile -t -n $((TW_MANY_ROWS + 2)) lines <"$from" &&
		[ ${#lines[@]} -gt 0 ] || abort "cannot read $from"
	if [ ${#lines[@]} -le $TW_MANY_ROWS ]; then
		printf '%s\n' "${lines[@]}" >"$file"
	else
		cat "$from" >"$file" || abort "cannot read $from"
	fi
	use_snapshot "$file"
	if [ ${#TW_ROWS[@]} -gt $TW_MANY_ROWS ]; then
		check_wellformed
	else
		check_wellformed_later
	fi
}

# use_snapshot FILE: header(), cell() and so on are about this one from now on.
use_snapshot() {
	local i pair names=()

	SNAP=$1
	TW_HEAD=() TW_AT=() TW_ROWS=()
	mapfile -t TW_LINES <"$SNAP"
	for i in "${!TW_LINES[@]}"; do
		case ${TW_LINES[i]} in
		'#'*)
			# shellcheck disable=SC2086 # blanks separate the pairs
			for pair in ${TW_LINES[i]}; do
				TW_HEAD[${pair%%=*}]=${pair#*=}
			done
			;;
		*)
			read -ra names <<<"${TW_LINES[i]}"
			TW_ROWS=("${TW_LINES[@]:i + 1}")
			break
			;;
		esac
	done
	for i in "${!names[@]}"; do
		TW_AT[${names[i]}]=$i
	done
}

header() {
	printf '%s\n' "${TW_HEAD[$1]-}"
}

# columns "NAME NAME..." [DIR]: these columns of every row, in the order of the file. If
# there is no such column, the subtest fails at its end (tw_run_inside): many checks
# would pass with an empty value.
columns() {
	awk -v want="$1" -v dir="${2-}" -v misused="$TW_TMP/misused" '
		/^#/ { next }
		!n {
			for (i = 1; i <= NF; i++)
				at[$i] = i
			n = split(want, name, " ")
			for (i = 1; i <= n; i++)
				if (!(name[i] in at)) {
					print "no column " name[i]
					print "column " name[i] >>misused
					exit
				}
			next
		}
		dir != "" && $(at["dir"]) != dir { next }
		{
			line = $(at[name[1]])
			for (i = 2; i <= n; i++)
				line = line " " $(at[name[i]])
			print line
		}' "$SNAP"
}

# find_cells DIR LOCAL REMOTE COLUMN...: these columns of the row, separated by blanks, in
# $CELLS. It is empty if there is no such row.
find_cells() {
	local key="$1 $2 $3" row fields name

	shift 3
	CELLS=
	if [ ${#TW_ROWS[@]} -gt $TW_MANY_ROWS ]; then
		CELLS=$(columns "$TW_KEY $*" "${key%% *}" |
			sed -n "s|^${key//\*/\\*} ||p")
		return
	fi
	for name; do
		[ -z "${TW_AT[$name]-}" ] || continue
		CELLS="no column $name"
		echo "column $name" >>"$TW_TMP/misused"
		return
	done
	for row in "${TW_ROWS[@]}"; do
		read -ra fields <<<"$row"
		[ "${fields[0]} ${fields[TW_AT[local]]} ${fields[TW_AT[remote]]}" = \
			"$key" ] || continue
		for name; do
			CELLS+="${CELLS:+ }${fields[TW_AT[$name]]}"
		done
	done
}

# cell DIR LOCAL REMOTE COLUMN: nothing if there is no such row.
cell() {
	find_cells "$@"
	[ -z "$CELLS" ] || printf '%s\n' "$CELLS"
}

# check_cell WHAT EXPECTED DIR LOCAL REMOTE COLUMN...
check_cell() {
	find_cells "${@:3}"
	check_eq "$1" "$2" "$CELLS"
}

row_count() {
	columns "$TW_KEY" "${1-}" | awk 'END { print NR }'
}

TW_KEY="dir local remote"
TW_STATES="tw fw2 estab syn cwait other"
TW_COUNTS="$TW_KEY used $TW_STATES"
