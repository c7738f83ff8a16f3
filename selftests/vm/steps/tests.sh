#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tests.sh GROUP KERNEL: boots KERNEL and runs the test programs that
# plan.sh has for GROUP, as TAP. GROUP is one of
#	tests	what runs on each Debian kernel: waiting is free
#	races	processors that really run at the same time
#	native	our own arithmetic, on uml-time
#	rules	what runs on each Debian kernel, on uml-time, for `make quick`
#	debug	with the sanitizers, one processor
#	debug_races	with the sanitizers, two processors
#	probes		what the probes do, on debug-rt
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"

[ $# = 2 ] || die "usage: tests.sh GROUP KERNEL"
group=$1
kernel=$2
tw_kernel_check "$kernel"
"$TW_VM/kernels/packages.sh"

mapfile -t list < <("plan_$group" "$kernel" | named)
[ ${#list[@]} -gt 0 ] || die "there are no programs for $group on $kernel"
log=${TW_LOG:-$TW_CACHE/logs/$group-$kernel.log}
mkdir -p "$(dirname "$log")"

scale=() options=()
case $group in
races | debug_races | probes) options=(--parallel) ;;
debug) options=(--smp 1) ;;
*) options=(--icount) ;;
esac
# Where everything is slower, repeat less: with the sanitizers all is some ten times as
# slow under emulation, three times in User-mode Linux. The five kernels share the
# repetitions of the races, and the lengths of the others: uml-time has them whole.
case $group-$kernel in
debug*-debug) scale=(env TW_SCALE=10) ;;
debug*-*) scale=(env TW_SCALE=30) ;;
races-* | probes-*) scale=(env TW_SCALE=50) ;;
tests-*) scale=(env TW_SCALE=25) ;;
esac
# When an allocation is made to fail, the page allocator prints a trace
# (mm/page_alloc.c:warn_alloc). These two lines are allowed. A real bug prints a line of
# its own as well.
[[ $group != debug* ]] ||
	options+=(--allow 'Call Trace:|page allocation failure')

tw_build_args "$kernel"
tw_guest_with_module "$kernel" "${TW_BUILD[@]}"
exec "$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --log "$log" --timeout 7200 \
	"${options[@]}" -- "${scale[@]}" /selftests/run_all.sh "${list[@]}"
