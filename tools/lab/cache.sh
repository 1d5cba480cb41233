# shellcheck shell=bash
# What takes minutes to make is kept in the cache: a directory whose name carries
# a hash of all that it is made from. It comes there by one rename, when it is
# whole; who uses it holds a lock on it; what an older recipe made goes.

# cache_get NAME TITLE SECONDS MB COMMAND…: makes sure of CACHE/NAME, which
# COMMAND fills, with a directory as its last argument, in about SECONDS, taking
# MB meanwhile; locks it against removal until the lab ends; sets CACHE_ENTRY
cache_get() {
	local name=$1 title=$2 seconds=$3 megabytes=$4 start=$SECONDS free lock
	shift 4
	CACHE_ENTRY=$CACHE/$name
	if [ ! -d "$CACHE_ENTRY" ]; then
		exec 8>"$CACHE/$name.lock"
		flock -n 8 || { say "waiting for another lab, which is making $title"; flock 8; }
	fi
	if [ ! -d "$CACHE_ENTRY" ]; then
		free=$(df -Pk "$CACHE" | awk 'NR == 2 { print int($4 / 1024) }')
		[ "$free" -ge "$megabytes" ] ||
			die "$CACHE has $free MB free; $title takes $megabytes to make"
		say "making $title, once: about $seconds s"
		mkdir "$LAB_TMP/entry"
		with_progress "$seconds" "$title" "$CACHE/$name.log" "$@" "$LAB_TMP/entry" ||
			die "$(tail -n 25 "$CACHE/$name.log")"$'\n'"lab: making $title failed; the whole log: $CACHE/$name.log"
		mv "$LAB_TMP/entry" "$CACHE_ENTRY"
		rm -f "$CACHE/$name.log"
		say "made $title in $((SECONDS - start)) s: $(cat "$CACHE_ENTRY/release")," \
			"$(du -sm "$CACHE_ENTRY" | cut -f 1) MB"
	fi
	exec 8>&-
	rm -f "$CACHE/$name.lock"
	exec {lock}<"$CACHE_ENTRY"
	flock -s "$lock"
	touch "$CACHE_ENTRY/used"
	cache_prune "${name%-*}"
}

# cache_prune PREFIX: the entries PREFIX-… but CACHE_ENTRY go, where nobody used
# them for a day
cache_prune() {
	local old
	for old in "$CACHE/$1"-*; do
		[ "$old" != "$CACHE_ENTRY" ] || continue
		[ -n "$(find "$old/used" -mmin +1440 2>/dev/null)" ] || continue
		# shellcheck disable=SC2094 # the lock is on the directory itself
		(flock -n 9 && say "removing ${old##*/}, made from an older recipe" &&
			mv "$old" "$LAB_TMP/" && rm -rf "${LAB_TMP:?}/${old##*/}") 9<"$old" || :
	done
	find "$CACHE" -maxdepth 1 \( -name '*.lock' -o -name '*.log' \) -mmin +1440 -delete
}
