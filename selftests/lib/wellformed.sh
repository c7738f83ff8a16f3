# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the interface promises of every snapshot: sums are right, each key is there once,
# no field is empty, each value is `-` or a number that is not negative.

# Of the snapshots in the files: what is wrong with the first that is wrong, and its first
# lines. In a file with several, a line @ comes before each.
snapshots_wrong() {
	awk '
		function bad(text) { wrong[n_wrong++] = text }
		function begin() {
			delete head; delete at; delete seen; delete rows
			delete wrong; delete lines
			n_wrong = n_lines = names = sum = 0
		}
		function end(i, states) {
			if (!names)
				bad("no line of column names")
			states = head["timewait"] + head["fin_wait2"] + \
				 head["established"] + head["syn_sent"] + \
				 head["close_wait"] + head["other"]
			if (states != head["sockets"])
				bad("states sum to " states " of " \
				    head["sockets"] " sockets")
			if (sum + head["hidden_sockets"] != head["sockets"])
				bad("rows sum to " sum ", hidden " \
				    head["hidden_sockets"] ", sockets " \
				    head["sockets"])
			if (rows["out"] + 0 != head["out_rows"] ||
			    rows["in"] + 0 != head["in_rows"] ||
			    rows["bound"] + 0 != head["bound_rows"])
				bad("out_rows, in_rows, bound_rows are not the rows shown")
			if (head["complete"] != "yes")
				bad("complete=" head["complete"])
			if (!n_wrong)
				return
			for (i = 0; i < n_wrong && i < 5; i++)
				print wrong[i]
			for (i = 0; i < n_lines && i < 12; i++)
				print "  " lines[i]
			over = 1
			exit
		}
		FNR == 1 || $1 == "@" {
			if (begun++)
				end()
			begin()
			if ($1 == "@")
				next
		}
		{ lines[n_lines++] = $0 }
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
				    !(i == at["grow/s"] && $i ~ /^-[0-9]+\.[0-9]$/) &&
				    $i !~ /^([0-9]+(\.[0-9]+)?|-)$/)
					bad("not a number: " $i " in " $0)
			sum += $(at["tw"]) + $(at["fw2"]) + \
			       $(at["estab"]) + $(at["syn"]) + \
			       $(at["cwait"]) + $(at["other"])
			if ($1 == "out" && $(at["reuse_if"]) != "-" &&
			    head["usable"] != "-" &&
			    !index($(at["local"]), "%") &&
			    $(at["free"]) + $(at["reuse_if"]) > head["usable"] + 0)
				bad("more would be free than usable: " $0)
		}
		END {
			if (!over)
				end()
		}' "$@"
}

# check_wellformed_files FILE...
check_wellformed_files() {
	local wrong

	wrong=$(snapshots_wrong "$@") || wrong="awk failed: $wrong"
	[ -n "$wrong" ] || return 0
	fail "a snapshot is wrong:"
	sed 's/^/#   /' <<<"$wrong"
	return 1
}

# The one that is in use, at once
check_wellformed() {
	TW_CHECKS=$((TW_CHECKS + 1))
	check_wellformed_files "$SNAP"
}

# The one that is in use, at the end of the subtest: one process judges all of them.
check_wellformed_later() {
	TW_CHECKS=$((TW_CHECKS + 1))
	printf '%s\n' @ "${TW_LINES[@]}" >>"$TW_TMP/wellformed.$BASHPID"
}

# To be called at the end of the subtest
check_all_wellformed() {
	local files=("$TW_TMP"/wellformed.*)

	[ ! -e "${files[0]}" ] || check_wellformed_files "${files[@]}"
}
