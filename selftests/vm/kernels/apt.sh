# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Reads the packages of other Debian releases with an apt state of its own, apart from the
# machine's. Sourced after lib.sh.

TW_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror is the one that this machine's apt uses, or $TW_MIRROR: what stands between
# "deb" and the suite in a line of sources.list.
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
	local release=${1%:*} main=${TW_MIRROR:-} security=${TW_MIRROR:-}

	if [ -z "$main" ]; then
		main=$(tw_mirror '[a-z]+')
		security=$(tw_mirror '[a-z]+-security')
		[ -n "$main" ] || return 1
		main="[signed-by=$TW_KEYRING] $main"
		security=${security:+[signed-by=$TW_KEYRING] $security}
	fi
	printf 'deb %s %s main\n' "$main" "$release"
	[ -z "$security" ] || printf 'deb %s %s-security main\n' "$security" "$release"
	[ "$release" != trixie ] || printf 'deb %s trixie-backports main\n' "$main"
}

tw_apt_is_fresh() {
	[ -e "$TW_CACHE/apt/$1/lists-of" ] &&
		[ -n "$(find "$TW_CACHE/apt/$1/fresh" -mmin -720 2>/dev/null)" ]
}

# tw_apt_reason LOG: the first error of apt in it
tw_apt_reason() {
	local reason

	reason=$(sed -n 's/^E: //p' "$1" | head -n 1)
	printf '%s (%s)\n' "${reason:-apt gave no reason}" "$1"
}

# tw_apt_update RELEASE LOG: fetches its package lists, as many as there are. See
# tw_unavailable() if none could be fetched, and none is there.
tw_apt_update() {
	local dir=$TW_CACHE/apt/$1

	if tw_apt "$1" apt-get update -o APT::Update::Error-Mode=any >"$2" 2>&1 </dev/null; then
		touch "$dir/fresh" "$dir/lists-of"
		return
	fi
	# A try without network takes a while, so the next one comes later.
	touch "$dir/failed"
	# One suite may be missing while the others are there.
	! tw_apt_has_fetched "$@" || touch "$dir/lists-of"
	if [ ! -e "$dir/lists-of" ]; then
		tw_unavailable "no package lists of $1: $(tw_apt_reason "$2")"
		return
	fi
	say "not all package lists of $1 can be fetched: $(tw_apt_reason "$2");" \
		"going on with those of $(tw_apt_lists_of "$1")"
}

# tw_apt_has_fetched RELEASE LOG: one of the suites at least is in no error of LOG
tw_apt_has_fetched() {
	local suite

	while read -r suite; do
		grep -qE "^E: .*(/dists/$suite/| $suite (In)?Release)" "$2" || return 0
	done < <(sed 's/ main$//; s/.* //' "$TW_CACHE/apt/$1/sources.list")
	return 1
}

# tw_apt_lists_of RELEASE: the day of its package lists
tw_apt_lists_of() {
	date -r "$TW_CACHE/apt/$1/lists-of" +%F
}

# tw_apt_ready RELEASE [again]: the package lists of RELEASE are here and of today, or
# fetched again. Without network older lists are used. See tw_unavailable() if there are
# none.
tw_apt_ready() {
	local dir=$TW_CACHE/apt/$1 log=$TW_CACHE/logs/apt-$1.log

	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" \
		"$TW_CACHE/logs" "$TW_CACHE/locks"
	(
		flock 9
		if [ "${2:-}" != again ]; then
			! tw_apt_is_fresh "$1" || exit 0
			if [ -n "$(find "$dir/failed" -mmin -10 2>/dev/null)" ]; then
				[ ! -e "$dir/lists-of" ] || exit 0
				tw_unavailable "no package lists of $1 could be fetched lately"
				exit
			fi
		fi
		touch "$dir/state/status"
		if ! tw_apt_write_sources "$1" >"$dir/sources.new"; then
			# A machine whose lists were never fetched.
			if [ "$(id -u)" = 0 ]; then
				apt-get -o DPkg::Lock::Timeout=600 update \
					>"$log" 2>&1 </dev/null || :
			fi
			tw_apt_write_sources "$1" >"$dir/sources.new" || {
				tw_unavailable "apt's configuration names no Debian mirror"
				exit
			}
		fi
		mv "$dir/sources.new" "$dir/sources.list"
		tw_apt_update "$1" "$log"
	) 9>"$TW_CACHE/locks/apt-$1"
}

# tw_apt_twice RELEASE LOG COMMAND...: tw_apt. If it fails, once more with new package
# lists: those at hand may name packages that the mirror has no more.
tw_apt_twice() {
	local release=$1 log=$2

	shift 2
	{
		tw_apt "$release" "$@" || {
			tw_apt_ready "$release" again
			tw_apt "$release" "$@"
		}
	} >"$log" 2>&1 </dev/null
}

# tw_apt_download RELEASE DIR PACKAGE...: their .deb files, into DIR.
tw_apt_download() {
	local release=$1 dir=$2 log

	shift 2
	log=$TW_CACHE/logs/download-$release-${1%%=*}.log
	mkdir -p "$dir"
	(cd "$dir" && tw_apt_twice "$release" "$log" apt-get download "$@") || {
		tw_unavailable "cannot download ${1%%=*} and the like of $release:" \
			"$(tw_apt_reason "$log")"
		return
	}
}

# tw_apt_unpack_tree RELEASE DIR PACKAGE...: DIR becomes a root with these
# packages and all that they depend on, unpacked and not configured.
tw_apt_unpack_tree() {
	local release=$1 dir=$2 log=$TW_CACHE/logs/tree-$1.log deb

	shift 2
	mkdir -p "$dir.debs/partial"
	tw_apt_twice "$release" "$log" apt-get -y --download-only \
		-o Dir::Cache::archives="$dir.debs" install "$@" || {
		rm -rf "$dir.debs"
		tw_unavailable "cannot download a tree of $release with $*: $(tw_apt_reason "$log")"
		return
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
		tw_apt_ready "$release" || exit
		mkdir -p "$TW_CACHE/trees"
		# We hold the lock: such a name was left by one who was killed.
		rm -rf "$TW_CACHE/trees/.$name".??????*
		tmp=$(mktemp -d "$TW_CACHE/trees/.$name.XXXXXX")
		# shellcheck disable=SC2064 # tmp is local: expand it now
		trap "rm -rf '$tmp'" EXIT
		tw_apt_unpack_tree "$release" "$tmp/$folder" "$@" || exit
		"$prepare" "$tmp/$folder"
		chmod 755 "$tmp"
		tw_publish "$tmp" "$tree"
		find "$TW_CACHE/trees" -mindepth 1 -maxdepth 1 -name "$name-????????" \
			! -path "$tree" -mtime +1 -exec rm -rf {} +
	fi
	printf '%s\n' "$tree"
}
