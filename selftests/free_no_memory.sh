#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every allocation of a read is refused once. The read may then fail with ENOMEM, or show
# complete=no and `-` for what it does not know, or succeed without that memory. It must
# never show a wrong number.
#
# kernels: debug
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
needs faults

fault_injection() {
	local knob

	[ -e /proc/self/fail-nth ] ||
		skip "this kernel has no fault injection"
	mount -t debugfs none /sys/kernel/debug 2>/dev/null
	# All kinds of allocation, and no stack dump for each.
	for knob in failslab/ignore-gfp-wait fail_page_alloc/ignore-gfp-wait \
		fail_page_alloc/ignore-gfp-highmem; do
		echo N >"/sys/kernel/debug/$knob" ||
			abort "cannot write /sys/kernel/debug/$knob"
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
	for knob in failslab fail_page_alloc; do
		echo 0 >"/sys/kernel/debug/$knob/verbose"
	done
}

# compare TABLE OTHER...: what the first table says that does not pass with time, and what
# the others, each with an allocation refused, say otherwise: "NAME: what", the first of each.
# How many of these are ENOMEM, complete=no, or done without is in $TW_TMP/counts then.
compare() {
	awk -v counts="$TW_TMP/counts" '
		function value_ok(mine, other) {
			return mine == other || \
			       (!complete && other == "-")
		}
		function bad(what) {
			if (!wrong++)
				print name ": " what
		}
		function end_of_table() {
			if (n_file < 2)
				all_rows = rows
			else if (!answered)
				refused++
			else if (!complete)
				partial++
			else
				managed++
			if (answered && complete && rows != all_rows)
				bad("complete, with " rows " rows")
		}
		FNR == 1 {
			end_of_table()
			n_file++
			name = FILENAME
			sub(/.*\//, "", name)
			answered = $0 != "ENOMEM"
			complete = 1
			names = rows = wrong = 0
		}
		!answered || wrong { next }
		/^#/ {
			for (i = 2; i <= NF; i++) {
				eq = index($i, "=")
				key = substr($i, 1, eq - 1)
				val = substr($i, eq + 1)
				if (n_file == 1)
					head[key] = val
				else if (key == "complete")
					complete = val == "yes"
				else if (key ~ /^(sockets|timewait|fin_wait2|established|other)$/) {
					if (complete ? val != head[key] : \
					    val + 0 > head[key] + 0)
						bad(key "=" val)
				} else if (key ~ /^(range|tried|reserved|bound|usable|level)$/ && \
					   !value_ok(head[key], val))
					bad(key "=" val)
			}
			next
		}
		!names {
			for (i = 1; i <= NF; i++)
				at[$i] = i
			names = 1
			next
		}
		{
			row = $1 " " $(at["local"]) " " $(at["remote"])
			for (c in at) {
				if (c !~ /^(level|free|used|use%|tw|fw2|estab|syn|cwait|other|reuse|reuse_if)$/)
					continue
				if (n_file == 1)
					cell[row, c] = $(at[c])
				else if (!value_ok(cell[row, c], $(at[c])))
					bad(row ": " c " is " $(at[c]) \
					    ", not " cell[row, c])
			}
			rows++
		}
		END {
			end_of_table()
			if (n_file != ARGC - 1)
				print ARGC - 1 - n_file " tables are empty"
			print refused + 0, partial + 0, managed + 0 >counts
		}' "$@" || echo "awk failed"
}

# sweep: each allocation of a read refused in turn. There were $READS reads, and $PARTIAL of
# them said complete=no.
sweep() {
	local reads=$TW_TMP/reads wrong refused managed

	rm -rf "$reads"
	mkdir "$reads"
	READS=$("$TW_SELFTESTS/tw_nomem" $TW_FILE "$reads") || abort "tw_nomem failed"
	# At once: comparing takes so long here that TIME_WAITs would expire.
	snapshot
	check_eq "reads" "$READS" "$(find "$reads" -type f | wc -l)"
	wrong=$(compare "$TW_TMP/before" "$reads"/*)
	check_text "with one of $READS allocations refused (which: what)" '' "$wrong" ||
		sed 's/^/#   /' "$reads/${wrong%%:*}" 2>/dev/null
	read -r refused PARTIAL managed <"$TW_TMP/counts"
	note "of $READS allocations refused: $refused times ENOMEM," \
		"$PARTIAL complete=no, $managed done without"
	check_range "reads that ended with ENOMEM" 1 "$READS" "$refused"
}

# An allocation has another number in the next read if a cache has room meanwhile, or has none
# any more. So a sweep passes some over, now and then all that lead to complete=no: again then.
refuse_each() {
	local sweeps

	# Or TIME_WAITs would come of the age to be taken over between two reads.
	sleep_ms 2100
	snapshot
	cp "$SNAP" "$TW_TMP/before"
	PARTIAL=0
	for ((sweeps = 0; sweeps < 5 && PARTIAL == 0; sweeps++)); do
		sweep
	done
	check_range "reads that said complete=no" 1 "$READS" "$PARTIAL"
	# As it was before, when all is to be had again.
	check_text "the table afterwards" '' "$(compare "$TW_TMP/before" "$SNAP")"
}

one_row() {
	fault_injection
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 5
	refuse_each
}

# More rows than there is room for at first.
many_rows() {
	fault_injection
	use_range 40000 40999
	ip addr add $A/16 dev lo || abort "cannot add the address"
	traffic_bg hold bind --from $A --early-bind --count 20
	traffic pairs --from $A --to 10.9.2.1:443 --listen 0.0.0.0:443 \
		--destinations 10 --count 2
	traffic selfconnect --from 127.0.0.1:40100 --count 150
	refuse_each
}

devices() {
	fault_injection
	small_net
	traffic pairs --from $A --dev lo --to $R:443 --count 10
	traffic_bg pairs --from $A --to $R:443 --count 10 --keep 3
	refuse_each
}

tw_main one_row many_rows devices
