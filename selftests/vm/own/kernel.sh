#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.sh NAME: makes sure that a kernel of our own is in the cache, and prints its
# folder. It is the source of Debian's newest kernel, built with what no Debian kernel has:
#	debug      for QEMU: KUnit, the sanitizers, the lock and RCU checkers
#	debug-rt   for QEMU: PREEMPT_RT, which complains of what may sleep where nothing may
#	kcsan      for QEMU: finds data races
#	uml-debug  the same for User-mode Linux, with two processors
#	uml-smp    for User-mode Linux: what the walk is measured on
#	uml-time   for User-mode Linux: time can travel, so waiting is free
#
# The folder has the shape of those of kernels.sh; headers/ is a kernel build
# folder. key says what it was made of: when the source package, the compiler, the
# flags, the patches or the fragments (but for their comments) have changed, it is
# built again.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"
# shellcheck source=selftests/vm/kernels/offers.sh
. "$TW_VM/kernels/offers.sh"

[ $# = 1 ] || die "usage: kernel.sh NAME"
kernel=$1
case $kernel in
debug)
	arch=x86
	image=vmlinux
	fragments=(common checks qemu debug)
	# Each allocation, free and call_rcu() saves a stack trace: what follows
	# the frames is not itself checked at every step.
	flags=(KASAN_SANITIZE_unwind_frame.o=n KASAN_SANITIZE_extable.o=n)
	;;
debug-rt)
	arch=x86
	image=vmlinux
	fragments=(common qemu debug-rt)
	flags=()
	;;
kcsan)
	arch=x86
	image=vmlinux
	fragments=(common qemu kcsan)
	flags=()
	;;
uml-debug)
	arch=um
	image=linux
	fragments=(common checks uml uml-debug)
	flags=(ARCH=um)
	;;
uml-smp)
	arch=um
	image=linux
	fragments=(common uml uml-smp)
	flags=(ARCH=um)
	;;
uml-time)
	arch=um
	image=linux
	fragments=(common uml uml-time)
	flags=(ARCH=um)
	;;
*) die "no kernel of our own is called '$kernel'" ;;
esac
suite=trixie
package=linux-source-$(tw_newest_kernel)
kernels=$TW_CACHE/kernels
folder=$kernels/$kernel

tw_lock "kernel-$kernel"
version=$(tw_offers "$suite" | sed -n "s/^$package //p" | head -n 1) || :
# Without lists, or once it is not offered any more, the one that was fetched once still does.
if [ -z "$version" ]; then
	[ -e "$folder/version" ] || {
		tw_unavailable "Debian $suite offers no $package, and no kernel $kernel is in the cache"
		exit
	}
	version=$(cat "$folder/version")
fi
patches=("$TW_VM"/own/*.patch)
options() {
	local f

	for f in "${fragments[@]}"; do
		grep CONFIG_ "$TW_VM/own/$f.config"
	done
}
key=$(
	printf '%s %s\n' "$package" "$version"
	gcc --version | head -n 1
	printf '%s ' "${flags[@]}"
	options
	# The patches matter to this one.
	[ "$kernel" != uml-debug ] || cat "${patches[@]}"
)
name=$kernel-$(printf '%s' "$key" | sha256sum | cut -c1-12)

# Nobody else builds while we hold the lock: what is half-built was left by one
# that was killed.
rm -rf "$kernels/.$kernel".*

# Prints the lines of the fragments that the configuration does not follow.
unheeded() {
	local line option

	options | while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF "$line" "$1" || printf '%s\n' "$line" ;;
		'# CONFIG_'*' is not set')
			option=${line#\# }
			! grep -q "^${option% is not set}=" "$1" ||
				printf '%s\n' "$line" ;;
		esac
	done
}

configure() {
	local lines

	options >"$tmp/fragment"
	make -C "$source" "O=$tmp/obj" -s "CC=$TW_CC" "${flags[@]}" \
		KCONFIG_ALLCONFIG="$tmp/fragment" allnoconfig \
		>"$log" 2>&1 </dev/null ||
		die "cannot configure the kernel $kernel, see $log"
	lines=$(unheeded "$tmp/obj/.config")
	[ -z "$lines" ] ||
		die "$package has no use for these lines of the fragments:" \
			"$lines"
}

compile() {
	make -C "$tmp/obj" -j$((2 * $(nproc))) "CC=$TW_CC" "${flags[@]}" \
		"$image" modules 2>&1 \
		</dev/null | tee -a "$log" | awk '
			/^  (CC|AS|AR) / && ++n % 300 == 0 {
				printf "  %d files\n", n | "cat >&2"
				close("cat >&2")
			}' || return
	make -C "$tmp/obj" "CC=$TW_CC" "${flags[@]}" INSTALL_MOD_PATH="$tmp/installed" \
		modules_install >>"$log" 2>&1 </dev/null
}

# What building a module takes, as if it had been built in the source's own
# folder: headers, makefiles, kbuild's own programs.
pack_headers() {
	local arches=(-path './arch/x86/include/*')

	[ "$arch" != um ] || arches+=(-o -path './arch/um/include/*'
		-o -path './arch/um/scripts/*' -o -path './arch/x86/um/*.h')
	(
		cd "$source"
		find . \( -name 'Makefile*' -o -name 'Kbuild*' \
			-o -path './include/*' -o -path './scripts/*' \
			-o "${arches[@]}" \) \
			! -name '*.o' ! -name '*.cmd' ! -type d -print0
	) | tar -C "$source" -c --null -T - | tar -x -C "$tmp/headers"
	(
		cd "$tmp/obj"
		find . \( -path './include/*' -o -path './scripts/*' \
			-o "${arches[@]}" \) \
			! -name '*.o' ! -name '*.cmd' ! -type d -print0
		printf '%s\0' .config Module.symvers
		[ ! -e tools/objtool/objtool ] ||
			printf '%s\0' tools/objtool/objtool
	) | tar -C "$tmp/obj" -c --null -T - | tar -x -C "$tmp/headers"
}

build() {
	local release

	say "building the kernel $kernel from $package $version:" \
		"once, some 5 to 15 minutes"
	mkdir -p "$kernels" "$TW_CACHE/logs"
	log=$TW_CACHE/logs/kernel-$kernel.log
	# Always at the same place, so that ccache knows its objects again.
	tmp=$kernels/.$kernel.build
	trap 'rm -rf "$tmp"' EXIT
	mkdir "$tmp" "$tmp"/{obj,headers,installed}
	source=$("$TW_VM/own/source.sh" "$version" | tail -n 1) || exit
	configure
	# Nothing of the machine goes into the kernel's banner.
	export KBUILD_BUILD_USER=tw_summary KBUILD_BUILD_HOST=selftests
	compile || die "cannot build the kernel $kernel, see $log"
	release=$(make -C "$tmp/obj" -s "CC=$TW_CC" "${flags[@]}" kernelrelease)
	pack_headers || die "cannot pack the headers of the kernel $kernel"
	mv "$tmp/installed/lib/modules/$release" "$tmp/modules"
	rm -f "$tmp/modules/build" "$tmp/modules/source"
	mv "$tmp/obj/$image" "$tmp/$image"
	cp "$tmp/obj/.config" "$tmp/config"
	rm -rf "$tmp/obj" "$tmp/installed" "$tmp/fragment"
	printf '%s\n' "$release" >"$tmp/release"
	printf '%s\n' "$version" >"$tmp/version"
	printf '%s\n' "$key" >"$tmp/key"
	chmod 755 "$tmp"
	tw_publish "$tmp" "$kernels/$name"
	say "built the kernel $kernel in $(tw_time)"
}

[ -e "$kernels/$name" ] || build >&2
tw_make_current "$folder" "$kernels/$name" "$kernel-????????????"
printf '%s\n' "$kernels/$name"
