# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reads /proc/net/tw_sources, and compares bind_free with what the kernel does: call bind()
# with port 0 until it fails.

TW_SOURCES=/proc/net/tw_sources
declare -A TW_SOURCES_HEAD
TW_SOURCES_ROWS=()

# Also checks what holds for every table.
sources() {
	local pair lines

	mapfile -t lines <$TW_SOURCES || abort "cannot read $TW_SOURCES"
	TW_SOURCES_HEAD=()
	# shellcheck disable=SC2086 # blanks separate the pairs
	for pair in ${lines[0]}; do
		TW_SOURCES_HEAD[${pair%%=*}]=${pair#*=}
	done
	TW_SOURCES_ROWS=("${lines[@]:2}")
	check_sources_wellformed "${lines[0]}" "${lines[1]}"
}

check_sources_wellformed() {
	local names

	read -ra names <<<"$2"
	check_eq "names of the columns" "bind_free use% level used tw other local" \
		"${names[*]}"
	check_eq "what is wrong with tw_sources" "" "$(
		printf '%s\n' "${TW_SOURCES_ROWS[@]}" | awk -v head="$1" '
			function value(key) {
				match(head, " " key "=[^ ]*")
				return substr(head, RSTART + length(key) + 2,
					      RLENGTH - length(key) - 2)
			}
			BEGIN { open = value("tried") - value("reserved") }
			NF != 7 { print "fields: " $0 }
			seen[$7]++ { print "twice: " $7 }
			$4 == "-" { last = last $7 " "; next }
			last != "" { print "after the last rows: " $0 }
			$5 + $6 != $4 { print "used: " $0 }
			!$4 { print "holds nothing: " $0 }
			$1 != "-" && $1 < before { print "order: " $0 }
			$1 != "-" { before = $1 + 0 }
			$1 != "-" && $1 + $4 > open { print "too many: " $0 }
			END {
				if (last != "0.0.0.0 [::] other [other] ")
					print "last rows: " last
			}')"
}

# source_row LOCAL: its fields without the name, in $ROW; nothing if there is none
source_row() {
	local line fields

	ROW=
	for line in "${TW_SOURCES_ROWS[@]}"; do
		read -ra fields <<<"$line"
		[ "${fields[6]}" != "$1" ] || ROW=${fields[*]:0:6}
	done
}

# check_source LOCAL USED TW
check_source() {
	source_row "$1"
	# shellcheck disable=SC2086 # blanks separate the fields
	set -- "$1" "$2" "$3" $ROW
	check_eq "used and tw of $1" "$2 $3" "${7-} ${8-}"
}

# binds ADDR [OPTION...]: how many bind() calls succeed now. ADDR is written as in the
# table, with the device if there is one.
binds() {
	local local=$1

	shift
	case $local in *%*) set -- --dev "${local#*%}" "$@" ;; esac
	local=${local%%%*}
	local=${local#[}
	"$TOOL" bind --from "${local%]}" "$@" || abort "cannot bind to $local"
}

# check_binds LOCAL [ADDR [OPTION...]]: the table's bind_free for the row is what bind()
# to ADDR (the row's address if there is none) finds. It is in $BIND_FREE afterwards.
check_binds() {
	check_binds_within 0 "$@"
}

# check_binds_within N LOCAL [ADDR [OPTION...]]
check_binds_within() {
	local within=$1 row=$2 got permille=1000 level=ok open fields

	shift 2
	[ $# -gt 0 ] || set -- "$row"
	sources
	source_row "$row"
	read -ra fields <<<"$ROW"
	BIND_FREE=${fields[0]-}
	case $BIND_FREE in
	'' | *[!0-9]*)
		fail "no number of bind() calls for $row, but '$ROW'"
		return 1
		;;
	esac
	got=$(binds "$@")
	check_range "bind_free of $row, by bind($*)" $((got - within)) $((got + within)) \
		"$BIND_FREE"
	open=$((TW_SOURCES_HEAD[tried] - TW_SOURCES_HEAD[reserved]))
	[ $open = 0 ] || permille=$((1000 * (open - BIND_FREE) / open))
	[ $((100 * (open - BIND_FREE))) -lt $((80 * open)) ] || level=warn
	[ $((100 * (open - BIND_FREE))) -lt $((95 * open)) ] || level=crit
	[ "$BIND_FREE" != 0 ] || level=full
	check_eq "use% and level of $row" \
		"$BIND_FREE $((permille / 10)).$((permille % 10)) $level" \
		"${fields[*]:0:3}"
}

# check_all_binds [ADDR...]: for these, and for the rows that are always there
check_all_binds() {
	local a

	for a in "$@" 0.0.0.0 '[::]'; do
		check_binds "$a"
	done
	check_binds other $NOBODY
	check_binds '[other]' $NOBODY6
}
