# shellcheck shell=bash disable=SC2086
# Root file systems: made by mmdebstrap, once, into the cache. A root is
#   root/    the file system, for building in
#   image    the same, as the ext4 image that VMs read
#   vmlinuz, release    its kernel
# and its directory's name carries a hash of all that it is made from. It comes
# into the cache by one rename, when it is whole.

ROOT_SECONDS=60 # what making one takes on two cores

# root_key PACKAGE…: a hash of the recipe of the loaded suite with PACKAGEs
root_key() {
	{
		sources
		echo "$SUITE" "$RELEASE" "$FROM" $EXTRA $PACKAGES $KERNEL_PACKAGES \
			$SOURCE_FILES $UNUSED_MODULES
		printf '%s\n' "$@" | sort -u
		declare -f root_bootstrap image_make
		cat "$LAB/root-source"
	} | sha256sum | cut -c 1-12
}

# root_packages PACKAGE…: the whole list, comma-separated
root_packages() {
	local list=() package
	for package in $KERNEL_PACKAGES; do
		list+=("$package${FROM:+/$FROM}")
	done
	# shellcheck disable=SC2206 # words
	list+=($PACKAGES $EXTRA "$@")
	local IFS=,
	echo "${list[*]}"
}

# root_bootstrap DIR PACKAGE…: fills DIR/root
root_bootstrap() {
	local dir=$1 options=() module
	shift
	for module in $UNUSED_MODULES; do
		options+=("--dpkgopt=path-exclude=/lib/modules/*/kernel/$module/*"
			"--dpkgopt=path-exclude=/usr/lib/modules/*/kernel/$module/*")
	done
	# INITRD=No: the lab has an initramfs of its own
	sources | INITRD=No mmdebstrap --mode=root --variant=apt --format=directory \
		--include="$(root_packages "$@")" \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/i18n/*' \
		--dpkgopt='path-exclude=/usr/lib/firmware/*' \
		"${options[@]}" \
		--customize-hook="$LAB/root-source ${FROM:--} \"\$1\" $(printf "'%s' " $SOURCE_FILES)" \
		"$RELEASE" "$dir/root" - &&
		mkdir -p "$dir/root/vctp" "$dir/root/out" "$dir/root/lab"
}

# root_prune: the roots of this suite made from an older recipe, unused for a
# day, go
root_prune() {
	local old
	for old in "$CACHE/$SUITE"-*; do
		[ "$old" != "$ROOT_DIR" ] || continue
		[ -n "$(find "$old/used" -mmin +1440 2>/dev/null)" ] || continue
		# shellcheck disable=SC2094 # the lock is on the directory itself
		(flock -n 9 && say "removing ${old##*/}, made from an older recipe" &&
			mv "$old" "$LAB_TMP/" && rm -rf "${LAB_TMP:?}/${old##*/}") 9<"$old" || :
	done
	find "$CACHE" -maxdepth 1 \( -name '*.lock' -o -name '*.log' \) -mmin +1440 -delete
}

# root_make PACKAGE…
root_make() {
	local new=$LAB_TMP/root
	mkdir "$new"
	root_bootstrap "$new" "$@" &&
		echo "packing the image" &&
		image_make "$new" &&
		touch "$new/used"
}

# root_get PACKAGE…: makes sure of a root of the loaded suite with PACKAGEs;
# sets ROOT_DIR, and locks it against removal until the lab ends
root_get() {
	local name free start=$SECONDS
	name=$SUITE-$(root_key "$@")
	ROOT_DIR=$CACHE/$name
	if [ ! -d "$ROOT_DIR" ]; then
		exec 8>"$CACHE/$name.lock"
		flock -n 8 || { say "waiting for another lab, which is making $SUITE"; flock 8; }
	fi
	if [ ! -d "$ROOT_DIR" ]; then
		free=$(df -Pk "$CACHE" | awk 'NR == 2 { print int($4 / 1024) }')
		[ "$free" -ge 4096 ] ||
			die "$CACHE has $free MB free; a root file system takes 4096 to make"
		say "making the $SUITE root file system, once: about $ROOT_SECONDS s"
		with_progress "$ROOT_SECONDS" "$SUITE" "$CACHE/$name.log" root_make "$@" ||
			die "$(tail -n 25 "$CACHE/$name.log")"$'\n'"lab: making $SUITE failed; the whole log: $CACHE/$name.log"
		mv "$LAB_TMP/root" "$ROOT_DIR"
		rm -f "$CACHE/$name.log"
		say "made $SUITE in $((SECONDS - start)) s: $(cat "$ROOT_DIR/release")," \
			"$(du -sm "$ROOT_DIR" | cut -f 1) MB"
	fi
	exec 8>&-
	rm -f "$CACHE/$name.lock"
	local lock
	exec {lock}<"$ROOT_DIR"
	flock -s "$lock"
	touch "$ROOT_DIR/used"
	root_prune
}
