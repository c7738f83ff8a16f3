#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# intree.sh: the checkout in the source of the newest kernel, tested as the kernel's own
# documentation says, as TAP:
# - selftests/intree.sh puts it there and takes it out again;
# - it builds as a module and built in, with IPv6 and without, with all options on;
# - kunit.py runs all suites, on a kernel with the sanitizers, and some programs run there
#   while the module is built in;
# - run_kselftest.sh runs, from an installed folder, the programs that User-mode Linux can
#   run;
# - a program that misses something is skipped, with the reason.
# The kernel that kunit.py builds begins as the harness's uml-debug, which ccache has; then
# only what tw_summary's options change is compiled. It stays in the cache.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"

[ $# = 0 ] || die "usage: intree.sh"
"$TW_VM/kernels/packages.sh" rsync:rsync python3:python3
kdir=$("$TW_VM/kernels/kernels.sh" uml-debug | tail -n 1)
source=$("$TW_VM/own/source.sh" "$(cat "$kdir/version")" | tail -n 1)
log=${TW_LOG:-$TW_CACHE/logs/intree.log}
mkdir -p "$TW_CACHE/logs"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-intree.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
MODULE=net/ipv4/tw_summary
TESTS=tools/testing/selftests/net/tw_summary
MAKE=(make ARCH=um "CC=$TW_CC")

# Builds of another source, compiler or configuration are not taken.
tw_lock intree
work=$TW_CACHE/intree/$( (
	basename "$source"
	gcc --version | head -n 1
	cat "$kdir/config"
) | sha256sum | cut -c1-12)
mkdir -p "$work"
touch "$work"
find "$TW_CACHE/intree" -mindepth 1 -maxdepth 1 ! -path "$work" -mtime +1 -exec rm -rf {} +

in_source() {
	local mounts=()

	# Without the right to mount, a user namespace gives it.
	[ "$(id -u)" = 0 ] || mounts=(--map-root-user)
	PYTHONDONTWRITEBYTECODE=1 unshare "${mounts[@]}" --mount --propagation private \
		"$TW_VM/steps/intree-source.sh" "$source" "$tmp/copies" "$@" </dev/null
}

# point WHAT COMMAND...: a point; the end of what COMMAND says is shown if it fails.
point() {
	local what=$1 status=0

	shift
	"$@" >"$tmp/all" 2>&1 || status=1
	cat "$tmp/all" >>"$log"
	tail -n 30 "$tmp/all" >"$tmp/why"
	tap_result $status "$what" "$tmp/why"
}

# points PREFIX COMMAND...: the points that COMMAND prints, with our numbers
points() {
	local prefix=$1 line

	shift
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*) tap_point "${line%%ok *}ok" "$prefix: ${line#* - }" ;;
		"1.."* | "TAP version "*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <("$@" 2>>"$log")
}

# --- there and out again ---

# state TREE: all that is in it
state() {
	(cd "$1" && find . -printf '%p %y %m %l\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

small_tree() {
	mkdir -p "$tmp/tree"
	(cd "$source" && cp -a --parents Kbuild net/ipv4/{Makefile,Kconfig,tcp.c} \
		tools/testing/selftests/lib.mk tools/testing/selftests/net/{Makefile,lib.sh} \
		"$tmp/tree")
	state "$tmp/tree" >"$tmp/before"
}

links() {
	"$TW_TOP/selftests/intree.sh" "$tmp/tree" || return
	[ "$tmp/tree/$MODULE/Kbuild" -ef "$TW_TOP/Kbuild" ] &&
		[ "$tmp/tree/$TESTS/counts.sh" -ef "$TW_TOP/selftests/counts.sh" ] &&
		[ "$(tail -n 1 "$tmp/tree/net/ipv4/Makefile")" = "obj-y += tw_summary/" ] &&
		[ "$(tail -n 1 "$tmp/tree/net/ipv4/Kconfig")" = \
			"source \"$MODULE/Kconfig\"" ]
}

twice_is_once() {
	state "$tmp/tree" >"$tmp/once"
	"$TW_TOP/selftests/intree.sh" "$tmp/tree" && state "$tmp/tree" | diff "$tmp/once" -
}

out_again() {
	touch "$tmp/tree/$TESTS/tw_traffic"
	"$TW_TOP/selftests/intree.sh" --remove "$tmp/tree" &&
		state "$tmp/tree" | diff "$tmp/before" -
}

# refused SENTENCE ARGUMENT...: with it, and nothing has changed
refused() {
	local sentence=$1

	shift
	state "$tmp/tree" >"$tmp/once"
	! "$TW_TOP/selftests/intree.sh" "$@" 2>"$tmp/said" || return
	cat "$tmp/said"
	grep -qF "$sentence" "$tmp/said" && state "$tmp/tree" | diff "$tmp/once" -
}

there_and_out() {
	small_tree
	point "it is put into a kernel's source" links
	point "a second time nothing changes" twice_is_once
	point "--remove leaves the source as it was" out_again
	point "what is no kernel source is refused" refused "is no kernel source" "$tmp"
	mkdir "$tmp/tree/$MODULE"
	point "a folder of somebody else stays" refused "is not a link of this script" \
		"$tmp/tree"
	point "--remove does not take it either" refused "is not a link of this script" \
		--remove "$tmp/tree"
}

# --- builds ---

# compiles FOLDER TARGET LINE...: our files there, with that configuration (TARGET of
# Kconfig), and with these lines. All of them are compiled, by ccache. W=1 would look at the
# kernel-doc of each C file in a process of its own, which takes as long as all the rest:
# PYTHON3=: leaves that out, and kernel_doc() does it.
compiles() {
	local obj=$work/$1 target=$2 line

	shift 2
	mkdir -p "$obj"
	{
		[ "$target" = allmodconfig ] ||
			grep -h CONFIG_ "$TW_VM"/own/{common,uml,uml-time}.config
		[ "$target" = allmodconfig ] || echo CONFIG_KUNIT=y
		printf '%s\n' "$@"
	} >"$obj/fragment"
	in_source "${MAKE[@]}" "O=$obj" -s KCONFIG_ALLCONFIG="$obj/fragment" "$target" || return
	for line; do
		has_line "$obj/.config" "$line" || { echo "no line $line"; return 1; }
	done
	rm -rf "${obj:?}/$MODULE"
	in_source "${MAKE[@]}" "O=$obj" "-j$(nproc)" W=1 PYTHON3=: $MODULE/ >"$tmp/build" 2>&1 ||
		{ cat "$tmp/build"; return 1; }
	[ -s "$obj/$MODULE/tw_summary.o" ] || [ -s "$obj/$MODULE/built-in.a" ] || return
	! grep -E '(warning|error):|^(WARNING|ERROR)' "$tmp/build"
}

# has_line CONFIG LINE
has_line() {
	grep -qxF -- "$2" "$1" ||
		{ [[ $2 == *"is not set" ]] && ! grep -q "^${2:2:-11}=" "$1"; }
}

# With what the module is alone (IPv6, without KUnit tests) and what kunit.py builds (built in,
# IPv6, with them), each pair of these choices is there.
builds() {
	point "no warning as a module, with its KUnit tests, without IPv6 (W=1)" \
		compiles small allnoconfig CONFIG_TW_SUMMARY=m \
		CONFIG_TW_SUMMARY_KUNIT_TEST=y "# CONFIG_IPV6 is not set"
	point "no warning built in, without IPv6 (W=1)" compiles small allnoconfig \
		CONFIG_TW_SUMMARY=y "# CONFIG_IPV6 is not set"
	point "no warning with all options on (allmodconfig, W=1)" compiles all allmodconfig \
		CONFIG_TW_SUMMARY=m
	point "kernel-doc has nothing to say, of headers neither" kernel_doc
}

# documented FILE...: scripts/kernel-doc has nothing to say of these
documented() {
	(cd "$source" && PYTHONDONTWRITEBYTECODE=1 python3 scripts/kernel-doc -none "$@") \
		>"$tmp/docs" 2>&1 || :
	cat "$tmp/docs"
	[ ! -s "$tmp/docs" ]
}

# Headers too, which W=1 does not look at
kernel_doc() {
	local files

	printf '%s\n' '/**' ' * f - @a is not described' ' */' 'int f(int a) { return a; }' \
		>"$tmp/planted.c"
	! documented "$tmp/planted.c" || { echo "a planted mistake is not found"; return 1; }
	mapfile -t files < <(find "$TW_TOP/module" "$TW_TOP/include" -name '*.[ch]')
	[ ${#files[@]} -gt 0 ] || return
	documented "${files[@]}"
}

# The names in selftests/config are options that there are.
options_exist() {
	local name

	sed -n 's/^CONFIG_\([^=]*\)=.*/\1/p' "$TW_TOP/selftests/config" | grep -v TW_SUMMARY |
		while read -r name; do
			grep -rqxE --include='Kconfig*' "(menu)?config $name" "$source" ||
				echo "no option $name"
		done | { ! grep .; }
}

# --- KUnit ---

# uml-debug as the harness has built it
begin_kernel() {
	local obj=$work/kunit

	[ ! -e "$obj/begun" ] || return 0
	rm -rf "$obj"
	mkdir -p "$obj"
	cp "$kdir/config" "$obj/.config"
	in_source "${MAKE[@]}" "O=$obj" -s olddefconfig &&
		in_source "${MAKE[@]}" "O=$obj" -s "-j$(nproc)" all || return
	touch "$obj/begun"
}

# A configuration as a second kunitconfig: without it kunit.py takes the defaults. Two
# processors take seccomp=on (arch/um/os-Linux/start_up.c).
run_kunit() {
	local obj=$work/kunit

	begin_kernel || return
	rm -rf "${obj:?}/$MODULE"
	rm -f "$obj/test.log"
	in_source ./tools/testing/kunit/kunit.py run --kunitconfig=$MODULE \
		"--kunitconfig=$kdir/config" "--build_dir=$obj" \
		--kernel_args seccomp=on --kernel_args ncpus=2 \
		--kernel_args kunit.autorun=1 \
		--make_options "CC=$TW_CC" "--jobs=$(nproc)"
}

# Each file of tests has a suite, and each suite ran.
all_suites() {
	grep -rhoP '\.name = "\Ktw_[a-z_]+' "$TW_TOP/module/tests" | sort >"$tmp/suites"
	[ -s "$tmp/suites" ] || return
	sed -n 's/^ok [0-9]* - \(tw_[a-z_]*\): .*/\1/p' "$tmp/kunit" | sort -u |
		diff "$tmp/suites" -
}

kunit() {
	point "kunit.py run --kunitconfig=$MODULE" run_kunit
	[ ! -s "$work/kunit/test.log" ] || {
		parsed cat "$work/kunit/test.log" >"$tmp/kunit"
		points kunit cat "$tmp/kunit"
		point "all suites have run" all_suites
	}
}

# --- kselftest ---

install_tests() {
	mkdir -p "$tmp/add"
	in_source make -s -C tools/testing/selftests TARGETS=net/tw_summary \
		"O=$tmp/ksft" "CC=$TW_CC" install "INSTALL_PATH=$tmp/add/kselftest" &&
		[ -x "$tmp/add/kselftest/run_kselftest.sh" ] &&
		[ -x "$tmp/add/kselftest/net/tw_summary/tw_traffic" ]
}

# guest NAME OPTION... -- COMMAND...: what it prints
guest() {
	local to=$log.$1

	shift
	"$TW_VM/guest/run.sh" --add "$tmp/add" --timeout 3600 --log "$to" "$@" 2>>"$log"
}

# As a module, on the harness's kernel where waiting is free
with_module() {
	local name=$1

	shift
	guest "$name" --kernel uml-time --icount --module "$tmp/tw_summary.ko" -- \
		/tw/intree.sh "$@"
}

# Built in, on the kernel of kunit.py, with the sanitizers. KUnit's tests have run.
built_in() {
	guest built-in --kernel uml-debug --image "$work/kunit/linux" --smp 1 \
		--append kunit.enable=0 -- env TW_SCALE=30 /tw/intree.sh run "$@"
}

# parsed COMMAND...: its KTAP as the kernel's parser understands it
parsed() {
	{ "$@" || :; } | python3 "$TW_VM/ktap.py" "$source/tools/testing/kunit" || :
}

# The programs that User-mode Linux must skip, by what the harness knows of it
must_skip() {
	local p

	for p in "${PROGRAMS[@]}"; do
		needs_programs "$p" && continue
		if uml_lacks "$p" || needs "$p" parallel || needs "$p" faults; then
			echo "$p.sh"
		fi
	done | sort
}

skips_what_it_must() {
	sed -n 's/^ok .* net\/tw_summary: \(.*\) # SKIP .*/\1/p' "$tmp/ksft.tap" | sort |
		diff <(must_skip) -
}

kselftest() {
	local built

	point "make TARGETS=net/tw_summary install" install_tests
	[ -x "$tmp/add/kselftest/run_kselftest.sh" ] || return 0
	mkdir -p "$tmp/add/tw"
	cp "$TW_VM/inside/intree.sh" "$tmp/add/tw/"
	built=$("$TW_VM/kernels/build.sh" uml-time "$TW_TOP" | tail -n 1) ||
		die "the module was not built"
	cp "$built/tw_summary.ko" "$tmp/"
	parsed with_module kselftest run >"$tmp/ksft.tap"
	points run_kselftest.sh cat "$tmp/ksft.tap"
	point "what User-mode Linux lacks is skipped, and nothing else" skips_what_it_must
	points "a program" with_module missing missing
	points "a program" guest unloaded --kernel uml-time -- /tw/intree.sh unloaded
	points "built in" parsed built_in counts poll
}

: >"$log"
there_and_out
builds
point "selftests/config has options that there are" options_exist
kunit
kselftest
tap_end
