# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What install.sh and uninstall.sh share. Sourced, never run.

NAME=tw_summary
# shellcheck disable=SC2034 # for those who source this
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# The kernel to install for, if not the running one.
RELEASE=${TW_RELEASE:-$(uname -r)}
# shellcheck disable=SC2034 # for those who source this
AT_BOOT=/etc/modules-load.d/$NAME.conf
PATH=$PATH:/usr/sbin:/sbin

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" = 0 ] || die "needs root (sudo make ...)"
}

project_version() {
	sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/dkms.conf"
}

# copy_project FOLDER: what git has, or without git all that is here
copy_project() {
	local file

	mkdir -p "$1"
	(
		cd "$TOP" || exit
		{
			git ls-files -co --exclude-standard 2>/dev/null ||
				find . '(' -path ./packaging/out -o -path ./.git ')' -prune \
					-o -type f -printf '%P\n'
		} | while read -r file; do
			[ ! -e "$file" ] || printf '%s\n' "$file"
		done | tar -c -T - | tar -x -C "$1"
	)
}

is_running() {
	[ "$RELEASE" = "$(uname -r)" ]
}

is_loaded() {
	is_running && [ -d "/sys/module/$NAME" ]
}

# What other programs say goes to a log that is kept only if something failed.
start_log() {
	LOG=$(mktemp "${TMPDIR:-/tmp}/$NAME-$1.XXXXXX")
	TEMPORARY=("$LOG")
	trap 'rm -rf "${TEMPORARY[@]}"' EXIT
}

# die_with_log SENTENCE: the same as die; the log stays.
die_with_log() {
	TEMPORARY=("${TEMPORARY[@]:1}")
	die "$*, see $LOG"
}

# start_stage NAME: the same as start_log; and $stage is a folder that goes in the end.
start_stage() {
	start_log "$1"
	stage=$(mktemp -d "${TMPDIR:-/tmp}/$NAME-$1.XXXXXX")
	TEMPORARY+=("$stage")
}

# out_folder [FOLDER]: the folder for packages, made if need be
out_folder() {
	local out=${1:-$TOP/packaging/out}

	mkdir -p "$out" && (cd "$out" && pwd)
}

# install_by_apt PACKAGE...: as root, where there is apt-get; after start_log
install_by_apt() {
	say "installing $*"
	{
		apt-get -o DPkg::Lock::Timeout=600 update || :
		DEBIAN_FRONTEND=noninteractive apt-get -y \
			-o DPkg::Lock::Timeout=600 --no-install-recommends \
			install "$@"
	} >>"$LOG" 2>&1 </dev/null ||
		die_with_log "apt-get cannot install $*"
}

# What dkms knows of us, a line "VERSION KERNEL STATE" for each: KERNEL is - for
# a version that was only added. Before 3.0 dkms wrote a comma for the slash.
registered() {
	command -v dkms >/dev/null || return 0
	{ dkms status -m "$NAME" 2>/dev/null || :; } | sed -n -E \
		-e "s|^${NAME}[/,] *([^,: ]+): added.*|\1 - added|p" \
		-e "s|^${NAME}[/,] *([^,: ]+), *([^,: ]+),[^:]*: *([a-z]+).*|\1 \2 \3|p"
}

# What a package has installed is the package manager's.
no_package() {
	local folder owner=''

	for folder in /usr/src/"$NAME"-*/; do
		[ -e "$folder" ] || continue
		owner=$(dpkg -S "${folder%/}" 2>/dev/null | head -n 1 | cut -d: -f1) ||
			owner=''
		[ -n "$owner" ] || owner=$(rpm -qf --qf '%{NAME}' "${folder%/}" 2>/dev/null) ||
			owner=''
		[ -z "$owner" ] ||
			die "the package $owner has installed $NAME: remove the package first"
	done
}

# forget: dkms drops every version of ours for all kernels; the sources that were
# copied for it go, and what is left where someone had removed one of the two.
forget() {
	local version folder ko kernel

	for version in $(registered | cut -d' ' -f1 | sort -u); do
		dkms remove -m "$NAME" -v "$version" --all >>"$LOG" 2>&1 ||
			return 1
	done
	for folder in /usr/src/"$NAME"-*/; do
		! grep -qsx "PACKAGE_NAME=\"$NAME\"" "${folder}dkms.conf" ||
			rm -rf "$folder"
	done
	rm -rf "/var/lib/dkms/$NAME"
	for ko in /lib/modules/*/updates/dkms/"$NAME".ko*; do
		[ -e "$ko" ] || continue
		rm -f "$ko"
		kernel=${ko#/lib/modules/} kernel=${kernel%%/*}
		(cd "/lib/modules/$kernel" &&
			rmdir -p --ignore-fail-on-non-empty updates/dkms)
		depmod "$kernel"
	done
}
