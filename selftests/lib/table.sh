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
TW_ROWS=()

# Takes a snapshot and checks what holds for every one of them. Each process
# has a file of its own: a subshell's snapshot does not replace its parent's.
snapshot() {
	local file=$TW_TMP/snapshot.$BASHPID

	cat "${1:-$TW_FILE}" >"$file" || abort "cannot read ${1:-$TW_FILE}"
	use_snapshot "$file"
	check_wellformed
}

# use_snapshot FILE: header(), cell() and so on are about this one from now on.
use_snapshot() {
	local i pair names=() lines

	SNAP=$1
	TW_HEAD=() TW_AT=() TW_ROWS=()
	mapfile -t lines <"$SNAP"
	for i in "${!lines[@]}"; do
		case ${lines[i]} in
		'#'*)
			# shellcheck disable=SC2086 # blanks separate the pairs
			for pair in ${lines[i]}; do
				TW_HEAD[${pair%%=*}]=${pair#*=}
			done
			;;
		*)
			read -ra names <<<"${lines[i]}"
			TW_ROWS=("${lines[@]:i + 1}")
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
TW_COUNTS="$TW_KEY used tw fw2 estab other"

# What the interface promises of every snapshot: sums are right, each key is there once,
# no field is empty, each value is `-` or a number that is not negative.
check_wellformed() {
	local wrong

	TW_CHECKS=$((TW_CHECKS + 1))
	wrong=$(awk '
		function bad(text) { print text; n_bad++ }
		/^#/ {
			if (names)
				bad("a header line after the column names: " $0)
			for (i = 3; i <= NF; i++) {
				eq = index($i, "=")
				key = substr($i, 1, eq - 1)
				if (eq < 2 || eq == length($i))
					bad("not key=value: " $i)
				if (key in head)
					bad("key twice: " key)
				head[key] = substr($i, eq + 1)
			}
			next
		}
		!names {
			names = NF
			if ($1 != "dir")
				bad("first column is " $1)
			for (i = 1; i <= NF; i++) {
				if ($i in at)
					bad("column twice: " $i)
				at[$i] = i
			}
			next
		}
		NF != names { bad(NF " fields instead of " names ": " $0); next }
		{
			rows[$1]++
			key = $1 " " $(at["local"]) " " $(at["remote"])
			if (key in seen)
				bad("row twice: " key)
			seen[key] = 1
			for (i = 1; i <= NF; i++)
				if (i != at["dir"] && i != at["local"] &&
				    i != at["remote"] && i != at["level"] &&
				    $i !~ /^([0-9]+(\.[0-9]+)?|-)$/)
					bad("not a number: " $i " in " $0)
			sum += $(at["tw"]) + $(at["fw2"]) + \
			       $(at["estab"]) + $(at["other"])
		}
		END {
			if (!names)
				bad("no line of column names")
			sockets = head["sockets"]
			states = head["timewait"] + head["fin_wait2"] + \
				 head["established"] + head["other"]
			if (states != sockets)
				bad("states sum to " states " of " sockets " sockets")
			if (sum + head["hidden_sockets"] != sockets)
				bad("rows sum to " sum ", hidden " \
				    head["hidden_sockets"] ", sockets " sockets)
			if (rows["out"] + 0 != head["out_rows"] ||
			    rows["in"] + 0 != head["in_rows"] ||
			    rows["bound"] + 0 != head["bound_rows"])
				bad("out_rows, in_rows, bound_rows are not the rows shown")
			if (head["complete"] != "yes")
				bad("complete=" head["complete"])
		}' "$SNAP") || wrong="awk failed: $wrong"
	[ -z "$wrong" ] && return
	fail "snapshot: $(printf '%s' "$wrong" | head -n 5 | tr '\n' ';')"
	head -n 12 "$SNAP" | sed 's/^/#   /'
	return 1
}
