# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reads the packages of other Debian releases with an apt state of its own, apart from the
# machine's. Sourced after lib.sh.

TW_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror is the one that this machine's apt uses.
# tw_mirror SUITE-REGEX: the URI of its first Debian source of such a suite.
tw_mirror() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets \
		--format '$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
		awk -v re="^($1)\$" '$1 == "Debian" && $2 == "main" &&
			$3 ~ re && !found { print $4; found = 1 }'
}

# A RELEASE is bookworm, or bookworm:arm64 for packages of another architecture than
# amd64.

# tw_apt RELEASE COMMAND ARGS...: apt-get or apt-cache on that release.
tw_apt() {
	local dir=$TW_CACHE/apt/$1 command=$2 arch=amd64

	case $1 in *:*) arch=${1#*:} ;; esac
	shift 2
	"$command" -o Dir::State="$dir/state" \
		-o Dir::State::status="$dir/state/status" \
		-o Dir::Cache="$dir/cache" \
		-o Dir::Etc::sourcelist="$dir/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o APT::Sandbox::User= -o "APT::Architecture=$arch" \
		-o "APT::Architectures::=$arch" -o APT::Install-Recommends=false \
		-o Acquire::Retries=3 "$@"
}

tw_apt_write_sources() {
	local release=${1%:*} main security

	main=$(tw_mirror '[a-z]+')
	security=$(tw_mirror '[a-z]+-security')
	[ -n "$main" ] || return 1
	printf 'deb [signed-by=%s] %s %s main\n' \
		"$TW_KEYRING" "$main" "$release"
	[ -z "$security" ] || printf 'deb [signed-by=%s] %s %s-security main\n' \
		"$TW_KEYRING" "$security" "$release"
	[ "$release" != trixie ] ||
		printf 'deb [signed-by=%s] %s trixie-backports main\n' \
			"$TW_KEYRING" "$main"
}

tw_apt_is_fresh() {
	[ -n "$(find "$TW_CACHE/apt/$1/fresh" -mmin -720 2>/dev/null)" ]
}

# tw_apt_ready RELEASE: the package lists of RELEASE are here and of today.
# Without network older lists are used. Status 1 if there are none.
tw_apt_ready() {
	local dir=$TW_CACHE/apt/$1 log=$TW_CACHE/logs/apt-$1.log

	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" \
		"$TW_CACHE/logs" "$TW_CACHE/locks"
	(
		flock 9
		! tw_apt_is_fresh "$1" || exit 0
		# A try without network takes a while, so do not try each time.
		[ ! -e "$dir/fresh" ] ||
			[ -z "$(find "$dir/failed" -mmin -10 2>/dev/null)" ] ||
			exit 0
		touch "$dir/state/status"
		if ! tw_apt_write_sources "$1" >"$dir/sources.new"; then
			# A machine whose lists were never fetched.
			if [ "$(id -u)" = 0 ]; then
				apt-get -o DPkg::Lock::Timeout=600 update \
					>"$log" 2>&1 </dev/null || :
			fi
			tw_apt_write_sources "$1" >"$dir/sources.new" || {
				say "apt's configuration names no Debian mirror"
				exit 1
			}
		fi
		mv "$dir/sources.new" "$dir/sources.list"
		if tw_apt "$1" apt-get update -o APT::Update::Error-Mode=any \
			>"$log" 2>&1 </dev/null; then
			touch "$dir/fresh"
		elif [ -e "$dir/fresh" ]; then
			touch "$dir/failed"
			say "cannot refresh the package lists of $1" \
				"(no network?): going on with those of" \
				"$(date -r "$dir/fresh" +%F)"
		else
			say "cannot fetch the package lists of $1" \
				"(no network?), see $log"
			exit 1
		fi
	) 9>"$TW_CACHE/locks/apt-$1"
}

# tw_apt_download RELEASE DIR PACKAGE...: their .deb files, into DIR.
tw_apt_download() {
	local release=$1 dir=$2 log

	shift 2
	log=$TW_CACHE/logs/download-$release-${1%%=*}.log
	mkdir -p "$dir"
	(
		cd "$dir"
		tw_apt "$release" apt-get download "$@"
	) >"$log" 2>&1 </dev/null || {
		say "cannot download $* of $release (no network?), see $log"
		return 1
	}
}

# tw_apt_unpack_tree RELEASE DIR PACKAGE...: DIR becomes a root with these
# packages and all that they depend on, unpacked and not configured.
tw_apt_unpack_tree() {
	local release=$1 dir=$2 log=$TW_CACHE/logs/tree-$1.log deb

	shift 2
	mkdir -p "$dir.debs/partial"
	tw_apt "$release" apt-get -y --download-only \
		-o Dir::Cache::archives="$dir.debs" install "$@" \
		>"$log" 2>&1 </dev/null || {
		say "cannot download the tool chain of $release" \
			"(no network?), see $log"
		rm -rf "$dir.debs"
		return 1
	}
	mkdir -p "$dir"
	# base-files first: where it has /bin and /lib as links they are links.
	for deb in "$dir.debs"/base-files_*.deb "$dir.debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$dir" --no-same-owner \
				--keep-directory-symlink || {
			say "cannot unpack $deb"
			return 1
		}
	done
	rm -rf "$dir.debs"
}

# tw_apt_tree NAME ID RELEASE FOLDER PREPARE PACKAGE...: makes sure that the tree NAME-ID is
# in the cache, with these packages and all that they need in its FOLDER (. for the tree
# itself), and prints its path. PREPARE, a function, is called with that folder: it does
# what the packages' own scripts would. Trees with other IDs go after a day.
tw_apt_tree() {
	local name=$1 tree=$TW_CACHE/trees/$1-$2 release=$3 folder=$4 prepare=$5 tmp

	shift 5
	[ -e "$tree" ] || tw_lock "tree-$name"
	if [ ! -e "$tree" ]; then
		tw_apt_ready "$release" || exit 1
		mkdir -p "$TW_CACHE/trees"
		# We hold the lock: such a name was left by one who was killed.
		rm -rf "$TW_CACHE/trees/.$name".??????*
		tmp=$(mktemp -d "$TW_CACHE/trees/.$name.XXXXXX")
		# shellcheck disable=SC2064 # tmp is local: expand it now
		trap "rm -rf '$tmp'" EXIT
		tw_apt_unpack_tree "$release" "$tmp/$folder" "$@" || exit 1
		"$prepare" "$tmp/$folder"
		chmod 755 "$tmp"
		tw_publish "$tmp" "$tree"
		find "$TW_CACHE/trees" -mindepth 1 -maxdepth 1 -name "$name-????????" \
			! -path "$tree" -mtime +1 -exec rm -rf {} +
	fi
	printf '%s\n' "$tree"
}
