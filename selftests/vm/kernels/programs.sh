#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# programs.sh servers|fleet|python: makes sure that programs of Debian are in the cache, in a
# folder of their own with all that they need, and prints a folder for run.sh --add: a guest
# then has them in /servers, /fleet or /python. They are unpacked, not installed: installing a server
# starts it.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

release=bookworm
packages=(base-files python3)
# What no program here needs to run. Alertmanager has templates in usr/share/prometheus.
unwanted=('usr/share/[!p]*' 'usr/share/pe*' usr/include usr/lib/apt usr/bin/perl
	'usr/lib/x86_64-linux-gnu/perl*' 'usr/lib/x86_64-linux-gnu/libperl*'
	usr/lib/x86_64-linux-gnu/gconv)
case ${1-} in
servers) packages+=(nginx-light haproxy apache2-utils util-linux ncurses-base
	mandoc) ;;
fleet)
	packages+=(prometheus prometheus-node-exporter prometheus-alertmanager)
	unwanted+=(usr/bin/amtool etc/prometheus) ;;
python) packages+=(util-linux) ;;
*) die "usage: programs.sh servers|fleet|python" ;;
esac
set=$1

# compile_python ROOT: what our tools import, from Python's own library. Otherwise Python
# compiles it each time that it starts, which in a guest takes far longer than the rest.
compile_python() {
	chroot "$1" /usr/bin/python3 - <<-'EOF'
		import argparse, collections, contextlib, ctypes, datetime, errno, ipaddress, json
		import math, operator, os, pty, re, resource, selectors, shutil, signal, socket
		import struct, subprocess, sys, tempfile, textwrap, threading, time, traceback
		import urllib.request
		import py_compile
		for module in list(sys.modules.values()):
		    path = getattr(module, "__file__", None) or ""
		    if path.endswith(".py"):
		        py_compile.compile(path, doraise=True,
		            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
	EOF
}

prepare() {
	# shellcheck disable=SC2068 # patterns
	(cd "$1" && rm -rf ${unwanted[@]})
	mkdir -p "$1"/{dev,proc,tmp,run} "$1"/var/{log,lib}/nginx
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' \
		'nobody:x:65534:65534:nobody:/:/bin/sh' >"$1/etc/passwd"
	printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$1/etc/group"
	compile_python "$1"
}

id=$(sha256sum <"$0" | cut -c1-8)
[ -e "$TW_CACHE/trees/$set-$id" ] || say "fetching ${packages[*]}"
tw_apt_tree "$set" "$id" "$release" "$set" prepare "${packages[@]}"
