#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.sh: makes sure that the debug kernel is in the cache, where kernels.sh
# looks for it. It is the newest Debian kernel's source built with what no Debian
# kernel has: KUnit, the sanitizers, the lock and RCU checkers (see config).
#
# The folder has the shape of those of kernels.sh; headers/ is a kernel build
# folder. key says what it was made of: when the source package, the compiler, the
# flags or config (but for its comments) have changed, it is built again.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=apt.sh
. "$TW_VM/apt.sh"

suite=trixie
package=linux-source-$(tw_newest_kernel)
fragment=$TW_VM/debug/config
# Each allocation, free and call_rcu() saves a stack trace: what follows the
# frames is not itself checked at every step.
flags=(KASAN_SANITIZE_unwind_frame.o=n KASAN_SANITIZE_extable.o=n)
kernels=$TW_CACHE/kernels
folder=$kernels/$TW_DEBUG_KERNEL

tw_lock "kernel-$TW_DEBUG_KERNEL"
if tw_apt_ready "$suite"; then
	version=$(tw_apt "$suite" apt-cache show "$package" |
		sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] || die "Debian $suite offers no $package"
else
	# Without lists the version that was fetched once still does.
	[ -e "$folder/version" ] || exit 1
	version=$(cat "$folder/version")
fi
key=$(
	printf '%s %s\n' "$package" "$version"
	gcc --version | head -n 1
	printf '%s ' "${flags[@]}"
	grep CONFIG_ "$fragment"
)
name=$TW_DEBUG_KERNEL-$(printf '%s' "$key" | sha256sum | cut -c1-12)

# Nobody else builds while we hold the lock: what is half-built was left by one
# that was killed.
rm -rf "$kernels/.$TW_DEBUG_KERNEL".*

# The source, without most of what is never built: drivers and other
# architectures. Every Kconfig and Makefile stays.
unpack() {
	dpkg-deb --fsys-tarfile "$tmp/debs/$package"_*.deb |
		tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$tmp/src" --strip-components=1 --no-same-owner \
			--exclude='*/drivers/gpu/*.[ch]' \
			--exclude='*/drivers/media/*.[ch]' \
			--exclude='*/drivers/staging/*.[ch]' \
			--exclude='*/drivers/net/*/*.[ch]' \
			--exclude='linux-source-*/sound/*.[ch]' \
			--exclude='*/Documentation/*.rst' \
			--exclude='*/Documentation/*.yaml' \
			--exclude='*.dts' --exclude='*.dtsi'
}

# Prints the lines of the fragment that the configuration does not follow.
unheeded() {
	local line option

	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF "$line" "$1" || printf '%s\n' "$line" ;;
		'# CONFIG_'*' is not set')
			option=${line#\# }
			! grep -q "^${option% is not set}=" "$1" ||
				printf '%s\n' "$line" ;;
		esac
	done <"$fragment"
}

configure() {
	local lines

	make -C "$tmp/src" -s KCONFIG_ALLCONFIG="$fragment" allnoconfig \
		>"$log" 2>&1 </dev/null ||
		die "cannot configure the debug kernel, see $log"
	lines=$(unheeded "$tmp/src/.config")
	[ -z "$lines" ] ||
		die "$package has no use for these lines of $fragment:" "$lines"
}

compile() {
	make -C "$tmp/src" -j"$(nproc)" "${flags[@]}" vmlinux modules 2>&1 \
		</dev/null | tee -a "$log" | awk '
			/^  (CC|AS|AR) / && ++n % 300 == 0 {
				printf "  %d files\n", n | "cat >&2"
				close("cat >&2")
			}' || return
	make -C "$tmp/src" INSTALL_MOD_PATH="$tmp/installed" modules_install \
		>>"$log" 2>&1 </dev/null
}

# What building a module takes: headers, makefiles, kbuild's own programs.
pack_headers() {
	(
		cd "$tmp/src"
		find . \( -name 'Makefile*' -o -name 'Kbuild*' \
			-o -path './include/*' -o -path './scripts/*' \
			-o -path './arch/x86/include/*' \) \
			! -name '*.o' ! -name '*.cmd' ! -type d -print0
		printf '%s\0' .config Module.symvers tools/objtool/objtool
	) | tar -C "$tmp/src" -c --null -T - | tar -x -C "$tmp/headers"
}

build() {
	local release

	say "building the debug kernel from $package $version:" \
		"once, some 10 to 20 minutes"
	mkdir -p "$kernels" "$TW_CACHE/logs"
	log=$TW_CACHE/logs/kernel-$TW_DEBUG_KERNEL.log
	tmp=$(mktemp -d "$kernels/.$TW_DEBUG_KERNEL.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	mkdir "$tmp"/{src,headers,installed}
	tw_apt_download "$suite" "$tmp/debs" "$package=$version" || exit 1
	unpack || die "cannot unpack $package"
	rm -rf "$tmp/debs"
	configure
	# Nothing of the machine goes into the kernel's banner.
	export KBUILD_BUILD_USER=tw_summary KBUILD_BUILD_HOST=selftests
	compile || die "cannot build the debug kernel, see $log"
	release=$(make -C "$tmp/src" -s kernelrelease)
	pack_headers || die "cannot pack the headers of the debug kernel"
	mv "$tmp/installed/lib/modules/$release" "$tmp/modules"
	rm -f "$tmp/modules/build" "$tmp/modules/source"
	mv "$tmp/src/vmlinux" "$tmp/vmlinux"
	cp "$tmp/src/.config" "$tmp/config"
	rm -rf "$tmp/src" "$tmp/installed"
	printf '%s\n' "$release" >"$tmp/release"
	printf '%s\n' "$version" >"$tmp/version"
	printf '%s\n' "$key" >"$tmp/key"
	chmod 755 "$tmp"
	tw_publish "$tmp" "$kernels/$name"
	say "built the debug kernel in $(tw_time)"
}

[ -e "$kernels/$name" ] || build
if [ "$(readlink "$folder" 2>/dev/null)" != "$name" ]; then
	ln -sfn "$name" "$folder.new"
	mv -T "$folder.new" "$folder"
	# Of the older ones none is of use any more.
	find "$kernels" -maxdepth 1 -name "$TW_DEBUG_KERNEL-*" ! -name "$name" \
		-mtime +1 -exec rm -rf {} +
fi
