# shellcheck shell=bash
# What a lab has on disk while it runs: LAB_TMP, a directory in the cache. Its lab
# holds a lock on it: one that nobody holds was left by a lab that was killed.

# tmp_make: sets CACHE and LAB_TMP
tmp_make() {
	local stale making lock
	(jail true) || die "$(id -un) may not make namespaces on this host; root may"
	CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/vctp
	mkdir -p "$CACHE" || die "cannot write to $CACHE"
	# nobody clears up while another lab's directory has no lock yet
	exec {making}<"$CACHE"
	flock "$making"
	for stale in "$CACHE"/tmp.*; do
		{ [ -d "$stale" ] && flock -n "$stale" true; } || continue
		# what a root's other users own, only the jail's root can remove
		(jail rm -rf "$stale")
	done
	LAB_TMP=$(mktemp -d "$CACHE/tmp.XXXXXX") || die "cannot write to $CACHE"
	exec {lock}<"$LAB_TMP"
	flock "$lock"
	exec {making}<&-
}

# tmp_remove
tmp_remove() {
	(jail rm -rf "$LAB_TMP")
}
